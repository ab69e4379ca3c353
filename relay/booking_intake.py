"""Takes stored booking deliveries into the journeys: parse, match, decide which journey, tell it, note the verdict."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.delivery import Probe, RawDelivery
from bookings.registry import BookingAdapter
from bookings.vendor_api import VendorRefusedError, VendorUnavailableError
from domain.booking import RESCHEDULED, BookingEvent, BookingKind
from domain.clinic import Clinic, ServiceUse
from domain.errors import BadInputError, HealgateError, NotFoundError
from domain.journey.events import BookingVerdict, OtherProcedure
from domain.patient import Patient
from domain.records import STATUS_OF, AuditEntry, Booking, InboxRow
from relay.booking_desk import BookingDesk
from relay.booking_journeys import BookingJourneys
from relay.matching import Matching
from relay.rebooking import WITHIN, Rebooking
from relay.remapping import left_aside
from relay.starting import Starter
from relay.visit_parts import LIVE_KINDS, Part, parts_of
from store import Store
from store.booking_news import joined
from workflows.client import Journeys
from workflows.ids import new_id

SAYS_WHAT = (BookingKind.REQUESTED, BookingKind.BOOKED)
"""Kinds that should name their service; one that does not is a person's question."""

UNTIL_MENDED = timedelta(minutes=5)
"""Between two tries while a vendor's API refuses us: the delivery waits for a person, and is not lost."""

Hydrate = Callable[[Clinic, str, BookingEvent], Awaitable[tuple[BookingEvent, ...]]]


class TwinAwaitedError(HealgateError):
    """The cancelled half of a reschedule: its other half is on the way, and nothing is to be cancelled meanwhile."""

    retryable = True


@dataclass(frozen=True)
class _News:
    """One event on its way, with what goes along."""

    clinic: Clinic
    source: str
    event: BookingEvent
    update_id: str
    happened_at: datetime
    """By the vendor's word, else when it arrived; either may be long before it is applied."""
    now: datetime


@dataclass(frozen=True)
class BookingIntake:
    """Handles inbox rows of booking systems."""

    store: Store
    journeys: Journeys
    starter: Starter
    matching: Matching
    adapters: Mapping[str, BookingAdapter]
    hydrate: Hydrate | None = None
    """Fetches what a thin delivery leaves out; without it, what is there must do."""

    @property
    def _desk(self) -> BookingDesk:
        return BookingDesk(self.store)

    @property
    def _journeys(self) -> BookingJourneys:
        return BookingJourneys(self.store, self.journeys, self.starter, self._desk)

    async def take(self, row: InboxRow, now: datetime) -> None:
        """Apply one stored delivery; doing it again changes nothing."""
        clinic = await self.store.clinics.get(row.clinic_id)
        source = row.source.removeprefix("booking:")
        parsed = self._parsed(clinic, source, row)
        if isinstance(parsed, Probe):
            return
        whole = [event for thin in parsed for event in await self._whole(clinic, source, thin, now)]
        for number, event in enumerate(whole):
            if event.kind is BookingKind.CANCELLED and event.reason == RESCHEDULED:
                await self._await_twin(clinic, source, event, row, now)
            await self.apply(clinic, source, event, f"{row.id}-{number}", now, heard_at=row.received_at)

    def _parsed(self, clinic: Clinic, source: str, row: InboxRow) -> tuple[BookingEvent, ...] | Probe:
        if source not in clinic.sources:
            raise BadInputError(f"the clinic has no booking system {source!r} any more: add it to the clinic file")
        adapter = self.adapters[clinic.sources[source].system]
        zone = ZoneInfo(clinic.timezone)
        return adapter.parse(RawDelivery(body=row.body, headers=row.headers, received_at=row.received_at, zone=zone))

    async def _whole(self, clinic: Clinic, source: str, event: BookingEvent, now: datetime) -> tuple[BookingEvent, ...]:
        if event.hydrated or self.hydrate is None:
            return (event,)
        try:
            whole = await self.hydrate(clinic, source, event)
        except NotFoundError:
            if event.booking_ref and await self.store.bookings.visit(clinic.id, source, event.booking_ref):
                raise
            # Neither the vendor nor we know it: a test call, or deleted before we heard of it.
            whole = (event.model_copy(update={"kind": BookingKind.UNKNOWN}),)
        except VendorRefusedError as error:
            await self._desk.api_refuses(clinic, source, str(error), now)
            raise VendorUnavailableError("refused", retry_after=UNTIL_MENDED) from error
        await self._desk.api_answers(clinic, source, now)
        return whole

    async def _await_twin(self, clinic: Clinic, source: str, event: BookingEvent, row: InboxRow, now: datetime) -> None:
        """Some systems report a reschedule as two deliveries in any order; the new half gives the booking its ref."""
        old = await self.store.bookings.visit(clinic.id, source, event.booking_ref)
        followed = await self.store.bookings.current_ref(clinic.id, source, event.booking_ref) != event.booking_ref
        if old and not followed and now - row.received_at < WITHIN:
            raise TwinAwaitedError("the new half of this reschedule has not come yet")

    async def apply(
        self,
        clinic: Clinic,
        source: str,
        event: BookingEvent,
        update_id: str,
        now: datetime,
        *,
        heard_at: datetime | None = None,
    ) -> None:
        """Apply one normalised event and note what came of it."""
        news = _News(clinic, source, event, update_id, event.occurred_at or heard_at or now, now)
        if event.kind not in STATUS_OF:
            await self._note(news, verdict=None)
            return
        if event.previous_booking_ref:
            await self._follow(news, event.previous_booking_ref, event.booking_ref)
        if await self._is_followed(news):
            await self._note(news, BookingVerdict.STALE)
            return
        known = await self.store.bookings.visit(clinic.id, source, event.booking_ref)
        pair = await Rebooking(self.store, self.matching).find(clinic, source, event, known, news.happened_at)
        if pair:
            await self._follow(news, *pair, guessed=True)
        if pair and event.kind is BookingKind.CANCELLED:
            await self._note(news, BookingVerdict.ACCEPTED)
            return
        await self._apply_known(news, known or await self.store.bookings.visit(clinic.id, source, event.booking_ref))

    # Refs

    async def _follow(self, news: _News, old: str, new: str, *, guessed: bool = False) -> None:
        """The appointment goes by another ref; a journey that knows both bookings hears which one stands."""
        bookings, key = self.store.bookings, (news.clinic.id, news.source)
        sequence = news.event.sequence if new == news.event.booking_ref else 0
        await bookings.follow(*key, old, new, sequence=sequence, guessed=guessed)
        await self._retell(news, old)

    async def _retell(self, news: _News, old: str) -> None:
        """What stands behind under the old ref, cancelled, was told to a journey as a visit of its own."""
        bookings, key = self.store.bookings, (news.clinic.id, news.source)
        if behind := await bookings.visit(*key, old):
            for one in (*await bookings.visit(*key, await bookings.current_ref(*key, old)), *behind):
                await self._journeys.retell(one, news.update_id)

    async def _is_followed(self, news: _News) -> bool:
        ref, event = news.event.booking_ref, news.event
        now = await self.store.bookings.current_ref(
            news.clinic.id, news.source, ref, sequence=event.sequence, status=STATUS_OF[event.kind]
        )
        if now != ref:
            # A process may have died between the change of refs and the journey's hearing of it.
            await self._retell(news, ref)
        return now != ref

    # One appointment

    async def _apply_known(self, news: _News, known: Sequence[Booking]) -> None:
        clinic, source = news.clinic, news.source
        kept = await self.store.booking_news.get(clinic.id, source, news.event.booking_ref)
        event = joined(kept, news.event) if kept else news.event
        if not known and (event.starts_at is None or not event.services):
            await self._keep(news)
            return
        parts = parts_of(clinic, event, known)
        await self._other_services(news, event, mapped=bool(parts))
        for number, part in enumerate(parts):
            update_id = f"{news.update_id}.{number}" if number else news.update_id
            booking = next((one for one in known if one.ref == part.ref), None)
            await self._apply_part(_News(clinic, source, event, update_id, news.happened_at, news.now), part, booking)
        if kept and parts:
            await self.store.booking_news.forget(clinic.id, source, event.booking_ref)

    async def _keep(self, news: _News) -> None:
        """It overtook its booking, or speaks of one from before our time: it counts once the booking comes."""
        await self.store.booking_news.keep(news.clinic.id, news.source, news.event)
        nameless = news.event.kind in SAYS_WHAT and not news.event.services
        if nameless:
            await self._desk.services(news.clinic, news.source, news.event, None, news.now)
        await self._note(news, BookingVerdict.UNMAPPED if nameless else None)

    async def _other_services(self, news: _News, event: BookingEvent, *, mapped: bool) -> None:
        """What is no treatment: unmapped, another procedure, or ignored."""
        clinic = news.clinic
        uses = {clinic.use_of(service) for service in event.services}
        if not uses & {None, ServiceUse.OTHER_PROCEDURE}:
            return
        patient = await self.matching.find(clinic, news.source, event.patient)
        heard = ServiceUse.OTHER_PROCEDURE in uses and await self._held(news, event, patient)
        if event.kind not in LIVE_KINDS:
            await self._desk.other_procedure_is_off(clinic, news.source, event, news.now)
        else:
            await self._desk.services(clinic, news.source, event, patient, news.now, held=heard)
        if unmapped := [service for service in event.services if clinic.use_of(service) is None]:
            await self.store.audit.append([left_aside(clinic.id, news.update_id, event, unmapped, news.now)])
        if not mapped:
            await self._note(news, BookingVerdict.UNMAPPED)

    async def _held(self, news: _News, event: BookingEvent, patient: Patient | None) -> bool:
        """Whether the patient's journeys heard of another procedure: then its review is theirs."""
        if patient is None:
            return False
        named = hashlib.sha256(f"{news.source}:{event.booking_ref}".encode()).hexdigest()[:32]
        change = OtherProcedure(booking_id=named, called_off=event.kind not in LIVE_KINDS)
        return await self._journeys.other_procedure(news.clinic, patient, change, f"{news.update_id}-other")

    async def _apply_part(self, news: _News, part: Part, known: Booking | None) -> None:
        applied = await self.store.bookings.apply(await self._booking(news, part, known))
        if applied.stale:
            await self._note(news, BookingVerdict.STALE, applied.current.journey_id)
            return
        verdict, journey_id = await self._journeys.tell(news.clinic, applied.current, news.update_id, news.now)
        await self._note(news, verdict, journey_id)

    async def _booking(self, news: _News, part: Part, known: Booking | None) -> Booking:
        event = news.event
        starts_at = event.starts_at or (known.starts_at if known else None)
        assert starts_at is not None
        return Booking(
            id=known.id if known else new_id(),
            clinic_id=news.clinic.id,
            source=news.source,
            ref=part.ref,
            sequence=event.sequence,
            status=STATUS_OF[part.kind],
            treatment=part.treatment,
            starts_at=starts_at,
            ends_at=event.ends_at or (known.ends_at if known else None),
            location=event.location or (known.location if known else None),
            patient_id=await self._patient_id(news, known),
            journey_id=known.journey_id if known else None,
            group_ref=event.group_ref,
            cancelled_at=news.happened_at if part.kind is BookingKind.CANCELLED else None,
            made_at=news.happened_at,
        )

    async def _patient_id(self, news: _News, known: Booking | None) -> str | None:
        if known and known.patient_id:
            return known.patient_id
        patient = await self.matching.find_or_add(news.clinic, news.source, news.event.patient, news.now)
        return patient.id if patient else None

    async def _note(self, news: _News, verdict: BookingVerdict | None, journey_id: str | None = None) -> None:
        event = news.event
        data = {
            "ref": event.booking_ref,
            "status": event.kind.value,
            "verdict": verdict.value if verdict else "ignored",
        }
        entry = AuditEntry(
            clinic_id=news.clinic.id,
            journey_id=journey_id,
            at=news.now,
            kind="booking",
            actor=f"booking_system:{event.source}",
            data=data,
            dedupe=f"booking:{news.update_id}",
        )
        await self.store.audit.append([entry])
