"""What a clinic's own systems are told, and which endpoints a clinic file may name."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.outward import OutwardKind, outward_event
from domain.records import AuditEntry, TaskCause, Urgency
from tests.outward import SECRETS, a_webhook
from tests.store.rows import CLINIC, NOW, a_clinic

DUE = datetime.fromisoformat("2027-03-01T17:00:00-05:00")
GATE = {
    "step": "laser",
    "from": "in_review",
    "to": "held",
    "by": "rule:keloid",
    "reasons": ["keloid"],
    "opens_on": None,
}
TASK = {"task_id": "t1", "scope": "sender:phone:+15005550006", "cause": TaskCause.RED_FLAG, "urgency": Urgency.SAME_DAY}
OF_TASK = {"clinic": CLINIC, "task": "t1", "urgency": "same_day", "due": "2027-03-01T22:00:00Z"}


def an_entry(kind: str, data: dict[str, Any], journey_id: str | None = None) -> AuditEntry:
    return AuditEntry(clinic_id=CLINIC, journey_id=journey_id, at=NOW, kind=kind, actor="staff:Kim", data=data)


@pytest.mark.parametrize(
    ("entry", "told", "data"),
    [
        (
            an_entry("gate", GATE, "j1"),
            "gate.changed",
            {"clinic": CLINIC, "journey": "j1", "step": "laser", "from": "in_review", "to": "held"},
        ),
        (an_entry("task", TASK | {"due": DUE, "state": "opened"}), "task.opened", OF_TASK),
        (an_entry("task", TASK | {"due": DUE, "state": "raised"}), "task.raised", OF_TASK),
        (
            an_entry("task", TASK | {"due": DUE, "state": "closed", "outcome": "fever, sent to hospital"}, "j1"),
            "task.closed",
            OF_TASK | {"journey": "j1"},
        ),
        (
            an_entry("journey", {"stage": "cancelled", "reason": "pregnant"}, "j1"),
            "journey.changed",
            {"clinic": CLINIC, "journey": "j1", "stage": "cancelled"},
        ),
    ],
)
def test_ids_codes_and_times_go_out_and_nothing_else(entry: AuditEntry, told: str, data: dict[str, str]) -> None:
    """No reason, cause, name, number or outcome of the audit is part of the body."""
    event = outward_event(entry, 7, "ehr")
    assert event is not None
    assert json.loads(event.body) == {"type": told, "timestamp": "2027-03-01T14:00:00Z", "data": data}


@pytest.mark.parametrize(
    "entry",
    [
        an_entry("task", TASK | {"due": DUE, "state": "taken"}),
        an_entry("task", TASK | {"due": DUE, "state": "opened", "scope": "webhook:ehr"}),
        an_entry("reply", {"text": "I see pus"}),
        an_entry("message.sent", {"key": "j1:welcome::1:sms"}),
        an_entry("staff", {"action": "hold", "reason": "keloid"}),
    ],
)
def test_of_the_rest_nobody_outside_is_told(entry: AuditEntry) -> None:
    """Replies, messages, staff actions, who took a task, and tasks about this very endpoint stay inside."""
    assert outward_event(entry, 7, "ehr") is None


def test_an_event_is_known_by_its_endpoint_and_change() -> None:
    """The same change for the same endpoint has the same id; another endpoint, entry or moment has another."""
    entry = an_entry("gate", GATE, "j1")
    later = entry.model_copy(update={"at": NOW + timedelta(seconds=1)})
    others = ((entry, 7, "crm"), (entry, 8, "ehr"), (later, 7, "ehr"))
    made = [outward_event(*each) for each in ((entry, 7, "ehr"), *others)]
    ids = [event.id for event in made if event]
    again = outward_event(entry, 7, "ehr")
    assert again is not None
    assert ids[0] == again.id
    assert len(set(ids)) == 4


@pytest.mark.parametrize("url", ["https://ehr.example/hooks?tenant=3", "http://127.0.0.1:8080/", "http://localhost/x"])
def test_good_addresses(url: str) -> None:
    """An address has https, or http on this machine; without `events` it is told of everything."""
    webhook = a_webhook(url=url)
    assert (str(webhook.url), webhook.events) == (url, tuple(OutwardKind))
    assert a_clinic(webhooks=(webhook,)).webhook("ehr") == webhook


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "http://ehr.example/hooks"}, "use https"),
        ({"url": "http://127.0.0.1.ehr.example/"}, "use https"),
        ({"url": "ftp://ehr.example/"}, "URL scheme should be 'http' or 'https'"),
        ({"url": "https://me:word@ehr.example/"}, "leave user and password out"),
        ({"url": "ehr.example"}, "valid URL"),
        ({"secret_names": ()}, "at least 1 item"),
        ({"secret_names": (SECRETS["HEALGATE_WEBHOOK_SECRET"],)}, "never a secret itself"),
        ({"events": ("gate.opened",)}, "'gate.changed', 'task.opened'"),
        ({"events": ()}, "at least 1 item"),
        ({"name": "Our EHR"}, "match pattern"),
    ],
)
def test_bad_endpoints_are_refused(wrong: dict[str, object], said: str) -> None:
    """Each mistake is named with its mend, and no secret is repeated."""
    with pytest.raises(ValidationError, match=said) as raised:
        a_webhook(**wrong)  # type: ignore[arg-type]
    told = "".join(found["msg"] for found in raised.value.errors())
    assert not [secret for secret in (SECRETS["HEALGATE_WEBHOOK_SECRET"], "me:word") if secret in told]


def test_two_endpoints_of_one_name_are_refused() -> None:
    """Events and switches are kept by the name."""
    with pytest.raises(ValidationError, match="given twice: ehr"):
        a_clinic(webhooks=(a_webhook(), a_webhook(url="https://other.example/")))


def test_times_are_utc() -> None:
    """A due time in the clinic's zone goes out as the instant it is."""
    assert datetime.fromisoformat(OF_TASK["due"]) == DUE.astimezone(UTC)
