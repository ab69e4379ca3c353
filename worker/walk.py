"""Walks one patient through the whole journey on the running system: over HTTP, the journey's clock moved ahead."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

import httpx
from temporalio.client import WorkflowExecutionStatus

from domain.calendar import Calendar, local
from domain.clinic import Clinic
from domain.errors import HealgateError
from domain.journey import minute
from runtime.timeskip import fast_forward, virtual_now
from worker.embedded import Running
from worker.sample import BOOKING_SECRET, SAMPLE_CLINIC, SAMPLE_SOURCE
from workflows.ids import journey_workflow_id
from workflows.journey import JourneyWorkflow
from workflows.messages import Pulse

ANSWERS = {
    "early": "1",
    "check_in": "1",
    "check_in_discomfort": "0",
    "check_in_red_flags": "0",
    "check_in_exposures": "0",
    "pre_visit": "0",
    "final": "1",
}
EXPECTED = Counter(
    {
        ("welcome", "sms"): 1,
        ("prepare", "email"): 2,
        ("pre_visit", "sms"): 1,
        ("day_0", "sms"): 2,
        ("day_0", "email"): 2,
        ("early", "sms"): 2,
        ("day_7", "email"): 2,
        ("day_14", "email"): 2,
        ("check_in", "sms"): 1,
        ("check_in_discomfort", "sms"): 1,
        ("check_in_red_flags", "sms"): 1,
        ("check_in_exposures", "sms"): 1,
        ("check_in_done", "sms"): 1,
        ("invite", "sms"): 1,
        ("final", "sms"): 1,
    }
)
"""Every message of a journey without trouble; the laser follows the answers within a week: no second `pre_visit`."""
AFTERNOON = clock(14)
FIRST_VISIT_IN = 10
"""Days: on whatever day the walk begins, the question three working days before the visit lies ahead."""
STEP_WITHIN = timedelta(seconds=60)
"""A step takes well under a second; a busy machine is no reason to fail."""
MOST_STEPS = 200


def visit_after(calendar: Calendar, today: date, *, days: int) -> datetime:
    """Two in the afternoon of a working day, some days on."""
    return calendar.at(calendar.next_working_day(today + timedelta(days=days - 1)), AFTERNOON)


class WalkError(HealgateError):
    """The journey did not go as it should; the message says where."""


@dataclass
class Walk:
    """One walk; `run` returns the journey's id."""

    place: Running
    clinic: Clinic
    http: httpx.AsyncClient
    say: Callable[[str], None]
    _answered: set[str] = field(default_factory=set)
    _journey: str = ""
    _stamp: str = field(default_factory=lambda: str(time.time_ns()))
    """Tells this walk's bookings from those of earlier ones in the same state folder."""

    async def run(self) -> str:
        """Book, treat, heal, answer, release, laser, heal again."""
        patient = await self._register_patient()
        self.say("booking the microneedling visit by signed webhook")
        await self._book("demo-1", "microneedling", self._visit_after(datetime.now(UTC), days=FIRST_VISIT_IN), patient)
        self._journey = await self._eventually(self._find_journey, "the journey to start")
        for _ in range(MOST_STEPS):
            pulse = await self._settled()
            if pulse is None:
                return self._journey
            await self._act(pulse)
        raise WalkError(f"the journey was not over after {MOST_STEPS} moments")

    @property
    def phone(self) -> str:
        """Each walk has a patient of its own: two of one name on one number could not be told apart."""
        return f"+1202555{int(self._stamp) // 1000 % 10_000:04}"

    @property
    def email(self) -> str:
        return f"ana-{self._stamp}@example.com"

    # One moment

    async def _act(self, pulse: Pulse) -> None:
        if await self._answer():
            return
        view = await self._get(f"journeys/{self._journey}")
        live = view["live"]
        await self._treat_if_time(live, await self._now())
        if live["stage"] == "in_review":
            self.say("the clinician reads the answers and releases the gate")
            await self._post(f"journeys/{self._journey}/actions", {"action": "release", "reason": "answers read"})
        elif live["stage"] == "ready" and len(live["visits"]) == 1 and await self._was_sent("invite"):
            self.say("the patient books the laser")
            await self._book("demo-2", "laser_nafl", self._visit_after(await self._now(), days=2), None)
        elif pulse.next_moment is not None:
            await self._move_to(pulse.next_moment)

    async def _treat_if_time(self, live: dict[str, Any], now: datetime) -> None:
        for visit in live["visits"]:
            due = datetime.fromisoformat(visit["starts_at"]) + timedelta(hours=1)
            if visit["treated_at"] is None and now >= due:
                self.say(f"the {visit['step']} visit is recorded as done")
                await self._post(f"journeys/{self._journey}/treated", {"booking_id": visit["booking_id"]})

    async def _answer(self) -> bool:
        """Answer the newest question as a patient without trouble would."""
        for row in await self._rows():
            answer = ANSWERS.get(row["touchpoint"]) if row["state"] == "accepted" else None
            if answer is None or row["id"] in self._answered:
                continue
            self._answered.add(row["id"])
            self.say(f"the patient answers {row['touchpoint']} with {answer}")
            await self._text(answer)
            return True
        return False

    async def _move_to(self, moment: datetime) -> None:
        """To the next moment, but no further than the hour after a visit, when somebody records it."""
        live = (await self._get(f"journeys/{self._journey}"))["live"]
        visits = [datetime.fromisoformat(v["starts_at"]) for v in live["visits"] if v["treated_at"] is None]
        target = min([moment, *(visit + timedelta(hours=1) for visit in visits)])
        ahead = target - await self._now()
        if ahead > timedelta():
            await fast_forward(self.place.client, self._handle(), ahead)

    async def _now(self) -> datetime:
        return await virtual_now(self.place.client, self._handle())

    # Waiting

    def _handle(self) -> Any:
        return self.place.client.get_workflow_handle_for(JourneyWorkflow.run, journey_workflow_id(self._journey))

    async def _settled(self) -> Pulse | None:
        """The pulse once the journey waits for something later; None when it has ended."""
        handle = self._handle()

        async def waits() -> Pulse | bool | None:
            pulse: Pulse = await handle.query(JourneyWorkflow.pulse)
            if pulse.over and (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
                return None
            later = pulse.next_moment is None or pulse.next_moment > minute(await self._now())
            return pulse if pulse.settled and later and not pulse.over else False

        found = await self._eventually(waits, "the journey to settle")
        return found if isinstance(found, Pulse) else None

    async def _eventually(self, look: Callable[[], Awaitable[Any]], what: str) -> Any:
        ends = time.monotonic() + STEP_WITHIN.total_seconds()
        while time.monotonic() < ends:
            found = await look()
            if found is not False:
                return found
            await asyncio.sleep(0.02)
        raise WalkError(f"waited {STEP_WITHIN.seconds} s for {what}; see the logs in {self.place.state.path}/logs")

    async def _find_journey(self) -> str | bool:
        listed = await self._get("journeys")
        mine = [row for row in _items(listed) if row["starting_ref"] == f"{SAMPLE_SOURCE}:{self._ref('demo-1')}"]
        return str(mine[0]["id"]) if mine and mine[0]["stage"] != "reserved" else False

    # People's doings

    async def _register_patient(self) -> dict[str, Any]:
        self.say("staff registers a patient with consent")
        form = {
            "first_name": "Ana",
            "phone": self.phone,
            "email": self.email,
            "timezone": self.clinic.timezone,
            "birth_date": "1990-01-31",
            "profile": {"skin_type": 2, "conditions": []},
            "consents": [{"channel": channel, "wording_version": "demo-1"} for channel in ("sms", "email")],
        }
        patient: dict[str, Any] = await self._post("patients", form)
        return patient

    def _ref(self, name: str) -> str:
        return f"{name}-{self._stamp}"

    async def _book(self, name: str, service: str, starts_at: datetime, patient: dict[str, Any] | None) -> None:
        ref = self._ref(name)
        body = {
            "id": f"evt-{ref}",
            "type": "booking.booked",
            "occurred_at": datetime.now(UTC).isoformat(),
            "booking": {"ref": ref, "service": service, "starts_at": starts_at.isoformat()},
            "patient": {"first_name": "Ana", "phone": self.phone, "email": self.email},
        }
        raw = json.dumps(body).encode()
        answer = await self.http.post(
            f"{self.place.api_url}/webhooks/bookings/{SAMPLE_CLINIC}/{SAMPLE_SOURCE}",
            content=raw,
            headers={"X-Healgate-Signature": self._signature(raw), "Content-Type": "application/json"},
        )
        _check(answer, "the booking webhook")
        if patient is None:
            await self._eventually(self._laser_known, "the laser's booking to reach the journey")

    async def _laser_known(self) -> bool:
        return len((await self._get(f"journeys/{self._journey}"))["live"]["visits"]) > 1

    def _signature(self, raw: bytes) -> str:
        seconds = str(int(time.time()))
        secret = self.place.environment[BOOKING_SECRET].encode()
        return f"t={seconds},v1={hmac.new(secret, f'{seconds}.'.encode() + raw, hashlib.sha256).hexdigest()}"

    async def _text(self, body: str) -> None:
        before = await self._count_replies()
        url = f"{self.place.sandbox_url}/_sandbox/patients/{self.phone}/reply"
        _check(await self.http.post(url, json={"body": body}), "the patient's phone")

        async def heard() -> bool:
            return await self._count_replies() > before

        await self._eventually(heard, "the reply to reach the journey")

    async def _count_replies(self) -> int:
        handle = self._handle()
        return int(await handle.query(JourneyWorkflow.replies_heard))

    def _visit_after(self, now: datetime, *, days: int) -> datetime:
        return visit_after(self.clinic.main.calendar, local(now, self.clinic.timezone).date(), days=days)

    # What came of it

    async def _rows(self) -> list[dict[str, Any]]:
        return _items(await self._get(f"messages?journey={self._journey}"))

    async def _was_sent(self, key: str) -> bool:
        return any(row["touchpoint"] == key and row["state"] == "accepted" for row in await self._rows())

    async def check(self) -> None:
        """WalkError unless the providers accepted exactly the expected messages, each once."""
        rows = [row for row in await self._rows() if row["state"] == "accepted"]
        sent = Counter((row["touchpoint"], row["channel"]) for row in rows)
        if sent != EXPECTED:
            raise WalkError(f"missing {dict(EXPECTED - sent)}, unexpected {dict(sent - EXPECTED)}")
        ledger = (await self.http.get(f"{self.place.sandbox_url}/_sandbox/ledger")).json()["messages"]
        ids = {row["id"] for row in rows}
        accepted = Counter(one["message_id"] for one in ledger if one["message_id"] in ids)
        if accepted != Counter(ids):
            raise WalkError("the sandbox's ledger does not hold each message exactly once")
        record = (await self._get(f"journeys/{self._journey}"))["record"]
        if record["outcome"] != "completed":
            raise WalkError(f"the journey ended as {record['outcome']}")

    async def messages(self) -> dict[str, dict[str, Any]]:
        """The journey's ledger rows by id."""
        return {row["id"]: row for row in await self._rows()}

    async def timeline(self) -> list[dict[str, Any]]:
        """The journey's audit entries, oldest first."""
        return _items(await self._get(f"journeys/{self._journey}/timeline"))

    # HTTP

    async def _get(self, path: str) -> Any:
        answer = await self.http.get(
            f"{self.place.api_url}/api/v1/clinics/{SAMPLE_CLINIC}/{path}", headers=self._staff()
        )
        return _check(answer, path).json()

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        url = f"{self.place.api_url}/api/v1/clinics/{SAMPLE_CLINIC}/{path}"
        return _check(await self.http.post(url, json=body, headers=self._staff()), path).json()

    def _staff(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.place.environment['HEALGATE_STAFF_KEY']}",
            "X-Healgate-Actor": "Dr. Rivera",
            "X-Healgate-Role": "clinician",
        }


def _items(answer: Any) -> list[dict[str, Any]]:
    return list(answer["items"]) if isinstance(answer, dict) and "items" in answer else list(answer)


def _check(answer: httpx.Response, what: str) -> httpx.Response:
    if answer.status_code >= 400:
        raise WalkError(f"{what} answered {answer.status_code}: {answer.text[:300]}")
    return answer
