"""The state folder: private, made once, readable by later versions."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import BadInputError
from runtime.files import read_or_create_private
from runtime.settings import load_settings
from runtime.state import StateDir


def mode(path: Path) -> int:
    """Permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_private(state_path: Path) -> None:
    """Folder and file are closed to others, and a second start reads the same secrets."""
    made = StateDir(state_path).secrets()
    assert StateDir(state_path).secrets() == made
    assert (mode(state_path), mode(state_path / "secrets.json")) == (0o700, 0o600)


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """Pointed at a shared folder, Healgate does not lock its other users out."""
    tmp_path.chmod(0o755)
    StateDir(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """The message names the variable to change."""
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="HEALGATE_STATE_DIR"):
        StateDir(tmp_path / "file" / "state")


def test_secrets_of_an_older_version_are_completed(state_path: Path) -> None:
    """A secret that did not exist then is made and kept; the others stay."""
    state = StateDir(state_path)
    (state_path / "secrets.json").write_text(json.dumps({"staff_key": "from-long-ago"}))
    completed = state.secrets()
    assert completed.staff_key == "from-long-ago"
    assert state.secrets() == completed


def test_damaged_secrets_are_told_without_their_content(state_path: Path) -> None:
    """A broken file is named, not quoted, and not overwritten."""
    state = StateDir(state_path)
    (state_path / "secrets.json").write_text('{"staff_key": "hunter2"')
    with pytest.raises(BadInputError, match=r"secrets\.json") as caught:
        state.secrets()
    assert "hunter2" not in str(caught.value)
    assert "hunter2" in (state_path / "secrets.json").read_text()


def test_secrets_do_not_show(state_path: Path) -> None:
    """The representation holds none of the secret values."""
    secrets = StateDir(state_path).secrets()
    hidden = secrets.model_dump(exclude={"twilio_account_sid"}).values()
    assert [value for value in hidden if value in repr(secrets)] == []


def test_made_credentials_are_sandbox_ones(state_path: Path) -> None:
    """What the embedded mode invents fits the sandbox provider and no other."""
    secrets = StateDir(state_path).secrets()
    credentials = {
        "twilio_account_sid": secrets.twilio_account_sid,
        "twilio_auth_token": secrets.twilio_auth_token,
        "sendgrid_api_key": secrets.sendgrid_api_key,
        "staff_key": secrets.staff_key,
    }
    assert load_settings(**credentials).sms_provider == "sandbox"
    with pytest.raises(BadInputError, match="sandbox credential"):
        load_settings(sms_provider="twilio", **credentials)


def test_racing_processes_agree(tmp_path: Path) -> None:
    """Of many that create a file at the same time one wins, and all read what it wrote."""
    path = tmp_path / "file"
    with ThreadPoolExecutor(16) as pool:
        read = set(pool.map(lambda n: read_or_create_private(path, lambda: str(n) * 1000), range(16)))
    assert len(read) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
