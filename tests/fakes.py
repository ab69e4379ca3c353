"""Stand-ins for what tests do not want to start: real typed classes, no mocks."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.requests import AlarmRequest
from domain.errors import StoreUnavailableError
from domain.journey.events import (
    BookingChange,
    BookingVerdict,
    ContactChange,
    DeliveryFailed,
    OtherProcedure,
    Reply,
    SendAgain,
    StaffAction,
    StaffResult,
    TreatedChange,
)
from domain.messages import EmailMessage, Receipt, SentMessage, SmsMessage
from domain.records import TaskCause
from store import Database
from workflows.client import JourneyEndedError, Journeys, TemporalUnavailableError
from workflows.messages import JourneyStart, JourneyView, Pulse


@dataclass
class Call:
    """One thing that a journey was told."""

    journey_id: str
    what: Any
    update_id: str


@dataclass
class FakeJourneys(Journeys):
    """Journeys without Temporal: remembers what it was told; an update id counts once, as on the real server."""

    calls: list[Call] = field(default_factory=list)
    alarms: list[AlarmRequest] = field(default_factory=list)
    alarms_taken: list[str] = field(default_factory=list)
    running: dict[str, JourneyStart] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    views: dict[str, JourneyView] = field(default_factory=dict)
    verdict: BookingVerdict = BookingVerdict.ACCEPTED
    staff_result: StaffResult = field(default_factory=lambda: StaffResult(accepted=True))
    away: bool = False
    """Temporal does not answer."""

    async def start_with_booking(self, start: JourneyStart, change: BookingChange, update_id: str) -> BookingVerdict:
        self._tell(start.journey_id, change, update_id)
        self.running.setdefault(start.journey_id, start)
        return self.verdict

    async def booking(self, journey_id: str, change: BookingChange, update_id: str) -> BookingVerdict:
        self._tell(journey_id, change, update_id)
        return self.verdict

    async def reply(self, journey_id: str, reply: Reply) -> bool:
        self._tell(journey_id, reply, reply.reply_id)
        return True

    async def alarm(self, request: AlarmRequest) -> None:
        if self.away:
            raise TemporalUnavailableError("Temporal did not answer in time")
        self.alarms.append(request)

    async def treated(self, journey_id: str, change: TreatedChange, update_id: str) -> bool:
        self._tell(journey_id, change, update_id)
        return True

    async def staff(self, journey_id: str, action: StaffAction, update_id: str) -> StaffResult:
        self._tell(journey_id, action, update_id)
        return self.staff_result

    async def other_procedure(self, journey_id: str, change: OtherProcedure, update_id: str) -> None:
        self._tell(journey_id, change, update_id)

    async def contact(self, journey_id: str, change: ContactChange, update_id: str) -> None:
        self._tell(journey_id, change, update_id)

    async def delivery_failed(self, journey_id: str, failure: DeliveryFailed, update_id: str) -> None:
        self._tell(journey_id, failure, update_id)

    async def send_again(self, journey_id: str, again: SendAgain, update_id: str) -> None:
        self._tell(journey_id, again, update_id)

    async def close_task(self, journey_id: str, cause: TaskCause, update_id: str) -> None:
        self._tell(journey_id, cause, update_id)

    async def state(self, journey_id: str) -> JourneyView:
        if self.away:
            raise TemporalUnavailableError("Temporal did not answer in time")
        if journey_id not in self.views:
            raise JourneyEndedError("no running workflow has this id")
        return self.views[journey_id]

    async def alarm_taken(self, reply_id: str) -> None:
        self.alarms_taken.append(reply_id)

    def _tell(self, journey_id: str, what: Any, update_id: str) -> None:
        if self.away:
            raise TemporalUnavailableError("Temporal did not answer in time")
        if journey_id in self.ended:
            raise JourneyEndedError("no running workflow has this id")
        if all((call.journey_id, call.update_id) != (journey_id, update_id) for call in self.calls):
            self.calls.append(Call(journey_id, what, update_id))


class DatabaseWithOutages(Database):
    """A real database that can be away for a while."""

    down: bool = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        self._refuse_if_down()
        async with super().read() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        self._refuse_if_down()
        async with super().write() as connection:
            yield connection

    def _refuse_if_down(self) -> None:
        if self.down:
            raise StoreUnavailableError("the database did not answer: it is away in this test")


@dataclass
class RecordingSms:
    """An SMS provider that accepts everything and remembers it."""

    sent: list[SmsMessage] = field(default_factory=list)

    async def send(self, message: SmsMessage) -> Receipt:
        self.sent.append(message)
        return Receipt(provider_id=f"SM{len(self.sent)}-{message.message_id}")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        return ()


@dataclass
class RecordingEmail:
    """An e-mail provider that accepts everything and remembers it."""

    sent: list[EmailMessage] = field(default_factory=list)

    async def send(self, message: EmailMessage) -> Receipt:
        self.sent.append(message)
        return Receipt(provider_id=f"EM{len(self.sent)}-{message.message_id}")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        return ()


@dataclass
class PulsingWorkflow:
    """A workflow's handle that always says the same of itself."""

    pulse: Pulse

    async def query(self, _: object) -> Pulse:
        return self.pulse
