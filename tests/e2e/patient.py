"""One patient of the running system: books, is treated, answers; the journey's clock is moved as days would pass."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from domain.calendar import Calendar, local
from domain.journey import minute
from runtime.timeskip import fast_forward, virtual_now
from tests.e2e.system import System, eventually
from workflows.ids import journey_workflow_id
from workflows.journey import JourneyWorkflow
from workflows.messages import Pulse

CALENDAR = Calendar(timezone="America/New_York")
_numbers = count(200)


@dataclass
class Visitor:
    """Made by `registered`; `journey` is known after `starts`."""

    system: System
    first_name: str = "Ana"
    phone: str = field(default_factory=lambda: f"+1202555{next(_numbers):04d}")
    stamp: str = field(default_factory=lambda: uuid4().hex[:8])
    timezone: str = field(default_factory=lambda: afternoon(datetime.now(UTC)))
    journey: str = ""

    @property
    def email(self) -> str:
        return f"{self.first_name.lower()}.{self.stamp}@example.com"

    # What the clinic and the patient do

    async def register(self) -> None:
        """Staff enters the patient, with consent."""
        form = {
            "first_name": self.first_name,
            "phone": self.phone,
            "email": self.email,
            "timezone": self.timezone,
            "birth_date": "1990-01-31",
            "profile": {"skin_type": 2, "conditions": []},
            "consents": [{"channel": channel, "wording_version": "e2e-1"} for channel in ("sms", "email")],
        }
        await self.system.staff("POST", "patients", form)

    def delivery(self, name: str, service: str, starts_at: datetime) -> bytes:
        """The booking system's delivery of a new visit."""
        ref = f"{name}-{self.stamp}"
        body = {
            "id": f"evt-{ref}",
            "type": "booking.booked",
            "occurred_at": datetime.now(UTC).isoformat(),
            "booking": {"ref": ref, "service": service, "starts_at": starts_at.isoformat()},
            "patient": {"first_name": self.first_name, "phone": self.phone, "email": self.email},
        }
        return json.dumps(body).encode()

    async def book(self, name: str, service: str, starts_at: datetime) -> None:
        answer = await self.system.post_booking(self.delivery(name, service, starts_at))
        assert answer.status_code == 202, answer.text

    async def starts(self) -> None:
        """Registered and booked for microneedling; returns once the journey has begun."""
        await self.register()
        await self.book("first", "microneedling", working_day(datetime.now(UTC), 12))
        await self.has_begun()

    async def has_begun(self) -> None:
        """Wait for the journey of the booking `first`."""
        self.journey = await eventually(self._find, "the journey to begin")

    async def reply(self, text: str) -> None:
        """Text the clinic from the patient's phone."""
        answer = await self.system.sandbox.post(f"/patients/{self.phone}/reply", json={"body": text})
        assert answer.json()["webhook_status"] == 200, answer.text

    # What is known of it

    async def rows(self, touchpoint: str) -> list[dict[str, Any]]:
        """The ledger rows of a touchpoint."""
        rows: list[dict[str, Any]] = await self.system.staff("GET", f"messages?journey={self.journey}")
        return [row for row in rows if row["touchpoint"] == touchpoint]

    async def accepted(self, touchpoint: str) -> dict[str, Any]:
        """Wait for the only row of a touchpoint to be accepted."""

        async def look() -> dict[str, Any] | None:
            return next((row for row in await self.rows(touchpoint) if row["state"] == "accepted"), None)

        return await eventually(look, f"{touchpoint} to be sent")

    async def copies(self, touchpoint: str) -> int:
        """How many copies of a touchpoint's messages the providers accepted."""
        ids = {row["id"] for row in await self.rows(touchpoint)}
        return sum(one["message_id"] in ids for one in await self.system.sent_to(self.phone))

    async def gate(self) -> str:
        """The state of the gate before the laser."""
        record = (await self.system.staff("GET", f"journeys/{self.journey}"))["record"]
        return str(record["gates"].get("laser", {}).get("state", "locked"))

    async def task(self, cause: str) -> dict[str, Any]:
        """Wait for an open task of the journey."""

        async def look() -> dict[str, Any] | None:
            tasks = await self.system.staff("GET", f"tasks?journey={self.journey}")
            return next((task for task in tasks if task["cause"] == cause), None)

        return await eventually(look, f"a task because of {cause}")

    async def timeline(self, kind: str) -> list[dict[str, Any]]:
        entries = await self.system.staff("GET", f"journeys/{self.journey}/timeline")
        return [entry["data"] for entry in entries if entry["kind"] == kind]

    # Days pass

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.system.client.get_workflow_handle_for(JourneyWorkflow.run, journey_workflow_id(self.journey))

    async def live_until(self, done: Callable[[], Awaitable[object]]) -> None:
        """Go from moment to moment of the journey, with the visits recorded as they pass, until `done`."""
        for _ in range(80):
            pulse = await self.settled()
            if await done():
                return
            await self._next_moment(pulse)
        raise AssertionError("the journey never got there")

    async def until_sent(self, touchpoint: str) -> None:
        """Live until that touchpoint is sent."""

        async def sent() -> bool:
            return any(row["state"] == "accepted" for row in await self.rows(touchpoint))

        await self.live_until(sent)

    async def settled(self) -> Pulse:
        """Wait until the journey waits for something later."""
        seen: list[object] = []

        async def look() -> Pulse | None:
            pulse: Pulse = await self.handle.query(JourneyWorkflow.pulse)
            now = await self.now()
            seen[:] = [pulse, now]
            later = pulse.next_moment is None or pulse.next_moment > minute(now)
            return pulse if pulse.settled and later else None

        try:
            return await eventually(look, "the journey to settle")
        except AssertionError as error:
            error.add_note(f"pulse and virtual time at the last look: {seen}")
            raise

    async def now(self) -> datetime:
        return await virtual_now(self.system.client, self.handle)

    async def forward(self, span: timedelta) -> None:
        await fast_forward(self.system.client, self.handle, span)

    async def _next_moment(self, pulse: Pulse) -> None:
        assert pulse.next_moment is not None, "nothing is due any more"
        ends = [visit["ends"] for visit in await self._untreated()]
        now = await self.now()
        for visit in await self._untreated():
            if visit["ends"] <= now:
                body = {"booking_id": visit["id"]}
                await self.system.staff("POST", f"journeys/{self.journey}/treated", body)
                return
        await self.forward(min([pulse.next_moment, *ends]) - now)

    async def _untreated(self) -> list[dict[str, Any]]:
        live = (await self.system.staff("GET", f"journeys/{self.journey}"))["live"]
        return [
            {"id": visit["booking_id"], "ends": datetime.fromisoformat(visit["starts_at"]) + timedelta(hours=1)}
            for visit in live["visits"]
            if visit["treated_at"] is None
        ]

    async def _find(self) -> str | None:
        listed = await self.system.staff("GET", "journeys?limit=200")
        mine = f"generic:first-{self.stamp}"
        return next((one["id"] for one in listed if one["starting_ref"] == mine and one["stage"] != "reserved"), None)


def afternoon(now: datetime) -> str:
    """A zone in which it is about two in the afternoon, so that nothing waits for a morning whenever the tests run."""
    return f"Etc/GMT{now.astimezone(UTC).hour - 14:+d}"


def working_day(now: datetime, days: int) -> datetime:
    """Two in the afternoon of a working day, that many days on or a little later."""
    day = CALENDAR.next_working_day(local(now, CALENDAR.timezone).date() + timedelta(days=days - 1))
    return CALENDAR.at(day, time(14))


async def answered(patient: Visitor, *answers: str) -> None:
    """Answer the questions one after the other, each once the one before was heard."""
    for answer in answers:
        before = await patient.handle.query(JourneyWorkflow.replies_heard)
        await patient.reply(answer)

        async def heard(before: int = before) -> bool:
            return bool(await patient.handle.query(JourneyWorkflow.replies_heard) > before)

        await eventually(heard, "the reply to be heard")
        await patient.settled()
