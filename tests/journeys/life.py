"""Lives one story by the real workflow on the real server; after each happening one looks whether all holds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from temporalio.client import Client

from domain.booking import Treatment
from domain.calendar import instant_at
from domain.errors import HealgateError
from domain.journey.events import BookingChange, Reply, StaffAction, TreatedChange
from domain.journey.facts import minute
from domain.records import Booking, BookingStatus, InboxRow, TaskCause
from domain.replies import Label
from relay.reply_intake import ReplyIntake
from store import Store
from tests.journeys import happenings as what
from tests.journeys.clinic import PHONE, Case
from tests.journeys.hands import Hands
from tests.journeys.journey_clock import JourneyClock
from tests.journeys.spoken import spoken
from tests.journeys.watch import Watch
from workflows.client import JourneyEndedError, Journeys

Answer = TypeVar("Answer")
TRIES = 8
"""Of a delivery that no worker took in time, as the relay makes them."""


class Listening(Journeys):
    """Remembers the replies that were handed to a journey: with them, which question each was taken to answer."""

    def __init__(self, client: Client, queue: str) -> None:
        super().__init__(client, queue, queue)
        self.heard: list[Reply] = []

    async def reply(self, journey_id: str, reply: Reply) -> bool:
        applied = await super().reply(journey_id, reply)
        self.heard.append(reply)
        return applied


@dataclass
class Life:
    """One journey, its clock, and everybody who speaks to it."""

    store: Store
    case: Case
    hands: Hands
    journeys: Listening
    intake: ReplyIntake
    watch: Watch
    clock: JourneyClock
    set_mood: Callable[[str], None]
    skew: timedelta = timedelta()
    """Of a safety workflow that starts now: its own clock was never moved."""
    happened: int = 0
    _delivered: Callable[[], Awaitable[object]] | None = None
    """The last delivery, to be made again."""
    _sequences: dict[str, int] = field(default_factory=dict)

    # Deliveries

    async def _patiently(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Again where no worker took it in time: a delivery that failed is relayed again, under the same id."""
        for _ in range(TRIES):
            try:
                return await ask()
            except HealgateError as error:
                if not error.retryable:
                    raise
        return await ask()

    async def _crash_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.hands.crash()

    # Happenings

    async def live(self) -> None:
        """From the first booking to the end of the story, then the journey ends."""
        await self.hands.start()
        try:
            for happening in self.case.story.happens:
                if not self.clock.over:
                    await self.happen(happening)
            if not self.clock.over:
                await self.happen(what.Acts("cancel", "Pat", "front_desk", "deceased"))
            await self.watch.history()
        finally:
            await self.hands.stop()

    async def happen(self, happening: what.Happening) -> None:
        """One happening, and the look at what it did."""
        self.happened += 1
        self._delivered = None
        try:
            await self._apply(happening.what if isinstance(happening, what.Twice) else happening)
            await self.clock.settle()
            await self.watch.look(await self.clock.now())
            if isinstance(happening, what.Twice) and self._delivered and not self.clock.over:
                await self._again(self._delivered)
        except JourneyEndedError:
            self.clock.over = True

    async def _again(self, deliver: Callable[[], Awaitable[object]]) -> None:
        before = await self.watch.snapshot()
        await self._patiently(deliver)
        await self.clock.settle()
        await self.watch.unchanged(before)

    async def _delivering(self, deliver: Callable[[], Awaitable[Answer]]) -> Answer:
        self._delivered = deliver
        return await self._patiently(deliver)

    async def _apply(self, single: what.Single) -> None:
        match single:
            case what.Wait(hours):
                await self.clock.wait(timedelta(hours=hours))
            case what.UntilVisit(ref):
                if visit := self.watch.books.visits.get(ref):
                    await self.clock.wait(visit.starts_at + timedelta(hours=1) - await self.clock.now())
            case what.ProviderIs(mood):
                self.set_mood(mood)
            case what.Crash():
                await self.hands.crash()
            case what.CrashWhile(hours, seconds):
                await asyncio.gather(self.clock.wait(timedelta(hours=hours)), self._crash_after(seconds))
            case _:
                await self._tell(single)

    async def _tell(self, single: what.Told) -> None:
        match single:
            case what.Book() | what.Status():
                await self._booking(single)
            case what.HeardLate(said, hours):
                await self._booking(said, heard_after=timedelta(hours=hours))
            case what.Done() | what.Undone():
                await self._treated(single)
            case what.Says():
                await self._says(single)
            case what.Acts():
                await self._acts(single)
            case what.ClosesTask(cause):
                journey, update_id = self.case.start.journey_id, self._id()
                await self._patiently(lambda: self.journeys.close_task(journey, TaskCause(cause), update_id))

    def _id(self) -> str:
        return f"{self.case.start.journey_id[:12]}-{self.happened}"

    # Bookings

    async def _booking(self, said: what.Book | what.Status, *, heard_after: timedelta = timedelta()) -> None:
        known = self.watch.books.clinic_says.get(said.ref)
        if known is None and isinstance(said, what.Status):
            return
        status = BookingStatus(said.status) if isinstance(said, what.Status) else BookingStatus.BOOKED
        treatment = Treatment(said.treatment) if isinstance(said, what.Book) else known.treatment if known else None
        assert treatment is not None
        visit = self.watch.books.visits.get(said.ref)
        if visit and visit.done_at and known:
            treatment = known.treatment  # what was done cannot become another treatment
        starts_at = await self._slot(said) if isinstance(said, what.Book) else known.starts_at if known else None
        assert starts_at is not None
        await self._written(said.ref, treatment, starts_at, status)
        if heard_after:
            await self.clock.wait(heard_after)
            await self.watch.look(await self.clock.now())
        change = BookingChange(
            booking_id=self._booking_id(said.ref),
            treatment=treatment,
            starts_at=starts_at,
            status=status,
            sequence=self._sequences[said.ref],
        )
        update_id = self._id()
        self.watch.books.journey_hears(said.ref, await self.clock.now())
        await self._delivering(lambda: self.journeys.start_with_booking(self.case.start, change, update_id))
        self.clock.begun = True

    async def _slot(self, said: what.Book) -> datetime:
        day = (await self.clock.now()).astimezone(self.case.zone).date() + timedelta(days=said.days)
        return instant_at(day, time(said.hour), self.case.story.zone).astimezone(UTC)

    async def _written(self, ref: str, treatment: Treatment, starts_at: datetime, status: BookingStatus) -> None:
        """The clinic's own books, which `deliver` reads."""
        self._sequences[ref] = self._sequences.get(ref, 0) + 1
        self.watch.books.clinic_has(ref, treatment, starts_at, status)
        start = self.case.start
        await self.store.bookings.apply(
            Booking(
                id=self._booking_id(ref),
                clinic_id=start.clinic_id,
                source="generic",
                ref=ref,
                sequence=self._sequences[ref],
                status=status,
                treatment=treatment,
                starts_at=starts_at,
                patient_id=start.patient_id,
                journey_id=start.journey_id,
            )
        )

    def _booking_id(self, ref: str) -> str:
        return f"{self.case.start.journey_id[:12]}-{ref}"

    async def _treated(self, said: what.Done | what.Undone) -> None:
        books, now = self.watch.books, await self.clock.now()
        if said.ref not in books.visits:
            return
        days_ago = said.days_ago if isinstance(said, what.Done) else None
        when = None if days_ago is None else minute(now) - timedelta(days=days_ago)
        undone = isinstance(said, what.Undone)
        change = TreatedChange(booking_id=self._booking_id(said.ref), treated_at=when, undone=undone, by="staff:Kim")
        if undone:
            books.undone(said.ref)
        else:
            books.done(said.ref, when, now)
        journey, update_id = self.case.start.journey_id, self._id()
        await self._delivering(lambda: self.journeys.treated(journey, change, update_id))

    # Words and decisions

    async def _says(self, said: what.Says) -> None:
        now, row_id = minute(await self.clock.now()), self._id()
        self.skew = now - datetime.now(UTC)
        body = urlencode(
            {"MessageSid": row_id, "From": PHONE, "To": "+15005550002", "Body": spoken(said), "NumMedia": "0"}
        )
        row = InboxRow(
            id=row_id,
            clinic_id=self.case.start.clinic_id,
            source="twilio",
            delivery_id=row_id,
            key=f"phone:{PHONE}",
            body=body.encode(),
            received_at=now,
            next_try_at=now,
        )
        await self.store.inbox.put(row)
        self.watch.books.says(Label(said.label), now)
        heard = len(self.journeys.heard)
        await self._delivering(lambda: self.intake.take(row, now))
        for reply in self.journeys.heard[heard : heard + 1]:
            self.watch.books.hears(reply, now)
        if said.label == "urgent":
            await self.watch.somebody_is_called(now)
            await self.journeys.alarm_taken(row_id)

    async def _acts(self, said: what.Acts) -> None:
        action = StaffAction.model_validate(
            {"action": said.action, "by": said.by, "role": said.role, "reason": said.reason}
        )
        step, was_open = await self.watch.next_gate()
        journey, update_id = self.case.start.journey_id, self._id()
        result = await self._delivering(lambda: self.journeys.staff(journey, action, update_id))
        if result.accepted:
            self.watch.decided(said, step, await self.clock.now(), was_open=was_open)
