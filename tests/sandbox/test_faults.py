"""The fault plan: which rule strikes, how often, and that a seed repeats it."""

import httpx
import pytest

from domain.errors import NotSentError
from sandbox.faults import Event, Fault, FaultPlan
from tests.channels.builders import an_sms, twilio
from tests.sandbox.clients import post_text
from tests.sandbox_server import RunningSandbox, sandbox_server

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.


def event(**fields: str) -> Event:
    """A text about to be accepted."""
    given = {"where": "before", "channel": "sms", "number": "+1", "body": "hello"}
    return Event.model_validate(given | fields)


def plan(**rule: object) -> FaultPlan:
    """A plan with one rule."""
    made = FaultPlan(seed=1)
    made.add(Fault.model_validate({"where": "before", "kind": "500"} | rule))
    return made


@pytest.mark.parametrize(
    ("rule", "strikes"),
    [
        ({}, True),
        ({"channel": "sms"}, True),
        ({"channel": "email"}, False),
        ({"number": "+1"}, True),
        ({"number": "+2"}, False),
        ({"body": "ell"}, True),
        ({"body": "bye"}, False),
        ({"request": "lookup"}, False),
        ({"where": "after_accept"}, False),
    ],
)
def test_a_rule_strikes_what_it_names(rule: dict[str, str], strikes: bool) -> None:
    """What a rule leaves out matches everything, what it names must fit."""
    assert (plan(**rule).pick(event()) is not None) is strikes


def test_a_rule_is_used_up() -> None:
    """After its count a rule is gone, without a count it stays."""
    twice, always = plan(count=2), plan(count=None)
    assert [twice.pick(event()) is not None for _ in range(3)] == [True, True, False]
    assert all(always.pick(event()) for _ in range(10))


def test_chances_repeat_with_the_seed() -> None:
    """The same seed strikes the same requests."""
    runs = [[plan_.pick(event()) is not None for _ in range(50)] for plan_ in (half(), half())]
    assert runs[0] == runs[1]
    assert 10 < sum(runs[0]) < 40


def half() -> FaultPlan:
    """A plan that strikes every second request or so."""
    return plan(count=None, probability=0.5)


@pytest.mark.parametrize(
    "rule",
    [
        {"where": "before", "kind": "dup"},
        {"where": "callback", "kind": "500"},
        {"where": "before", "kind": "500", "probability": 2},
        {"where": "nowhere", "kind": "500"},
        {"list_delay": -1},
    ],
)
async def test_a_wrong_rule_is_refused(sandbox: RunningSandbox, rule: dict[str, object]) -> None:
    """A rule that cannot work is named as such and changes nothing."""
    assert (await sandbox.http.post("/_sandbox/faults", json=rule)).status_code == 422
    assert (await post_text(sandbox)).status_code == 201


async def test_several_rules_come_in_order(sandbox: RunningSandbox) -> None:
    """A list of rules is a queue: the first strikes the first request."""
    await sandbox.post("faults", [{"where": "before", "kind": "429"}, {"where": "before", "kind": "500"}])
    assert [(await post_text(sandbox)).status_code for _ in range(3)] == [429, 500, 201]


async def test_delete_heals_everything(sandbox: RunningSandbox) -> None:
    """After DELETE no rule and no knob is left."""
    await sandbox.fault(where="before", kind="500", count=None)
    await sandbox.post("faults", {"list_delay": 60, "redaction": True})
    await sandbox.clear()
    assert (await post_text(sandbox)).status_code == 201
    assert (sandbox.box.faults.list_delay, sandbox.box.faults.redaction) == (0, False)


async def test_the_door_can_be_shut() -> None:
    """With refuse nobody gets a connection for a while, which is provably not sent; then all is as before."""
    async with sandbox_server() as running:
        sender = twilio(running)
        await sender.send(an_sms())
        await running.fault(where="before", kind="refuse", seconds=0.5)
        await door(running.base_url, is_open=False)
        with pytest.raises(NotSentError):
            await sender.send(an_sms())
        await door(running.base_url, is_open=True)
        assert await sender.send(an_sms())
        sender.close()


async def door(base_url: str, *, is_open: bool) -> None:
    """Return once connections are taken, or refused."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False) as stranger:
        while await answers(stranger) is not is_open:
            continue


async def answers(client: httpx.AsyncClient) -> bool:
    """Whether a new connection is taken."""
    try:
        await client.get("/_sandbox/key", headers={"Connection": "close"})
    except httpx.TransportError:
        return False
    return True
