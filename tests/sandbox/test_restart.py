"""What the sandbox remembers, and what it refuses to be."""

import re
from pathlib import Path

import pytest

from domain.errors import BadInputError
from domain.sandbox_credentials import SANDBOX_ACCOUNT_SID, is_sandbox_account_sid
from sandbox.config import SandboxConfig
from tests.sandbox.clients import CLINIC, list_texts, post_mail, post_text, reply
from tests.sandbox_server import sandbox_server

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.


async def test_state_survives_a_restart(tmp_path: Path) -> None:
    """Messages, mails, opt-outs, POST counts and the signing key are the same after a restart."""
    config = SandboxConfig(state_file=tmp_path / "sandbox.db", step_seconds=0, time_scale=20)
    async with sandbox_server(config) as first:
        await post_text(first, StatusCallback="http://127.0.0.1:9/?n=m0&a=1")
        await post_mail(first)
        await reply(first, "STOP", to=CLINIC)
        await first.post("idle", {})
        before = (await first.get("ledger"), await first.get("key"), await list_texts(first))
    async with sandbox_server(config) as second:
        assert (await second.get("ledger"), await second.get("key"), await list_texts(second)) == before
        assert (await post_text(second)).json()["code"] == 21610


async def test_what_was_on_its_way_arrives_after_a_restart(tmp_path: Path) -> None:
    """A message that was queued when the sandbox stopped is delivered when it is back."""
    slow = SandboxConfig(state_file=tmp_path / "sandbox.db", step_seconds=60)
    async with sandbox_server(slow) as first:
        assert (await post_text(first)).json()["status"] == "queued"
    async with sandbox_server(slow.model_copy(update={"step_seconds": 0})) as second:
        await second.post("idle", {})
        assert [one["status"] for one in (await list_texts(second))["messages"]] == ["delivered"]


@pytest.mark.parametrize(
    "real", [{"account_sid": "AC" + "1f" * 16}, {"sendgrid_api_key": "SG.aBcDeFgHiJkLmNoPqRsTuV.x"}]
)
def test_real_looking_credentials_are_refused(real: dict[str, str]) -> None:
    """The sandbox never takes what could be a vendor's own secret."""
    with pytest.raises(BadInputError, match="must start with"):
        SandboxConfig.model_validate(real)


def test_the_sandbox_sid_fits_twilios_schema() -> None:
    """AC and 32 hex digits, and still nobody's."""
    assert is_sandbox_account_sid(SANDBOX_ACCOUNT_SID)
    assert re.fullmatch("AC[0-9a-fA-F]{32}", SANDBOX_ACCOUNT_SID)
