"""`deliver`: one activity for one touchpoint, every channel of it a ledger row.

It may be retried at any time. It returns an outcome per channel and raises only while every row is provably pending.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity

from activities.clock import activity_now
from activities.post_office import Letter, PostOffice
from activities.requests import DeliverRequest, DeliverResult
from activities.shared_care import SharedCare, on_one_day
from activities.translate_errors import translated
from domain.aftercare import Care
from domain.calendar import QuietHours
from domain.clinic import Clinic, Location
from domain.errors import LineBusyError
from domain.journey.events import Outcome
from domain.journey.lateness import is_late
from domain.messages import Channel
from domain.patient import Patient
from domain.ports import Bookings, Clinics, Links, Patients
from domain.quiet_rules import NO_RULES, QuietRules
from domain.records import Booking, BookingStatus, FollowUpQuestion, LinkKind, NewMessage, NewQuestion, SkipReason
from domain.wording import CalendarVisit, MessageContext

LINKED = {
    "check_in": LinkKind.CHECK_IN,
    "check_in_reminder": LinkKind.CHECK_IN,
    "check_in_reminder_last": LinkKind.CHECK_IN,
    "day_0": LinkKind.CARE,
    "link": LinkKind.CARE,
}
PATHS = {LinkKind.CHECK_IN: "c", LinkKind.CARE: "s", LinkKind.UNSUBSCRIBE: "u", LinkKind.INTAKE: "i"}
"""One letter each: a link must fit into 45 characters."""
LINK_LASTS = timedelta(days=30)
LOOK_AGAIN = timedelta(minutes=15)
"""While another question waits on the phone: its answer frees the line at any moment."""
SAID_WITHIN = timedelta(hours=12) - timedelta(minutes=1)
"""One acknowledgement per number in twelve hours, whoever sends it; a journey's clock counts whole minutes."""
GONE = (BookingStatus.CANCELLED, BookingStatus.NO_SHOW)


@dataclass(frozen=True)
class Scene:
    """Who and what a touchpoint is about, as the store knows it at the moment of sending."""

    clinic: Clinic
    location: Location
    patient: Patient
    booking: Booking | None
    now: datetime
    care: Care | None = None
    """Of an aftercare message: its treatment, and the patient's others whose instructions collide with it."""


@dataclass(frozen=True)
class Messaging:
    """Activities that send messages of a journey."""

    post_office: PostOffice
    clinics: Clinics
    patients: Patients
    bookings: Bookings
    links: Links
    public_base_url: str
    quiet_rules: QuietRules = NO_RULES

    @activity.defn(name="deliver")
    async def deliver(self, request: DeliverRequest) -> DeliverResult:
        """Send what is due on each channel; see the module's docstring for what may be retried."""
        async with translated(for_ever=True):
            scene = await self._scene(request)
            outcomes = [await self._on(channel, request, scene) for channel in request.due.channels]
            return DeliverResult(outcomes=tuple(outcomes))

    async def _scene(self, request: DeliverRequest) -> Scene:
        clinic = await self.clinics.get(request.clinic_id)
        patient = await self.patients.get(request.clinic_id, request.patient_id)
        booking = await self.bookings.by_id(request.due.booking_id) if request.due.booking_id else None
        location = clinic.location(booking.location if booking else None)
        now = activity_now(request.skew)
        care = await self._shared_care.care(request.due, clinic, patient, now)
        return Scene(clinic, location, patient, booking, now, care)

    @property
    def _shared_care(self) -> SharedCare:
        return SharedCare(self.bookings, self.post_office.ledger)

    async def _on(self, channel: Channel, request: DeliverRequest, scene: Scene) -> Outcome:
        due, key = request.due, request.due.key
        if scene.patient.address(channel) is None and due.fallback_key:
            channel, key = Channel.SMS, due.fallback_key
        row = _row(request, channel, key)
        treatments = on_one_day(scene.care) if scene.care else None
        replaced_by = await self._shared_care.replacing(row, treatments) if treatments else None
        said = SkipReason.SUPERSEDED if replaced_by or await self._said_already(row, scene) else None
        letter = Letter(
            new=row,
            address=scene.patient.address(channel),
            locale=scene.patient.locale,
            key=key,
            context=await self._context(request, scene, key),
            refuse=_against(request, scene, late=self._is_late(request, scene)) or said,
            replaced_by=replaced_by,
            treatments=treatments,
            quiet_until=self._quiet_until(channel, request, scene),
            late=self._is_late(request, scene) and not request.due.skip_when_late,
            question=_question(request, scene) if channel is Channel.SMS else None,
            unsubscribe_url=await self._unsubscribe(request, scene) if channel is Channel.EMAIL else None,
        )
        try:
            return await self.post_office.post(letter, scene.clinic, scene.location, scene.now)
        except LineBusyError as busy:
            until = min(busy.free_at, scene.now + LOOK_AGAIN)
            return Outcome(channel=channel, state="deferred", reason="other_question", until=until)

    async def _said_already(self, row: NewMessage, scene: Scene) -> SkipReason | None:
        """Several journeys, or the front desk, may acknowledge one number."""
        if row.touchpoint != "ack" or scene.patient.phone is None:
            return None
        since = scene.now - SAID_WITHIN
        said = await self.post_office.ledger.texted_since(row.clinic_id, scene.patient.phone, row.touchpoint, since)
        return SkipReason.SUPERSEDED if any(key != row.key for key in said) else None

    async def _context(self, request: DeliverRequest, scene: Scene, key: str) -> MessageContext:
        due, place, now = request.due, scene.location, scene.now
        calendar = place.calendar
        return MessageContext(
            clinic=scene.clinic.name,
            zone=scene.clinic.timezone,
            name=scene.patient.first_name,
            patient_zone=scene.patient.timezone,
            when=scene.booking.starts_at if scene.booking else None,
            day=calendar.next_working_day(calendar.today(now)),
            phone=place.phone_at(now) if key == "ack" else place.phone,
            sos=place.emergency_number,
            link=await self._link(request, key, scene),
            unsubscribe_url=await self._unsubscribe(request, scene),
            address=place.address,
            treatment=due.treatment,
            standing_order=due.variant == "standing_order",
            country=scene.clinic.country,
            gate_open=request.gate_open,
            alone=due.alone,
            visit=_calendar_visit(request, scene),
            care=scene.care,
        )

    def _is_late(self, request: DeliverRequest, scene: Scene) -> bool:
        """Late for a touchpoint whose protocol minds: the workers were down between the asking and the sending."""
        due = request.due
        if not (due.skip_when_late or due.shift_to or due.asks_staff):
            return False
        return is_late(due, scene.now, self._hours(scene), scene.patient.timezone)

    def _hours(self, scene: Scene) -> QuietHours:
        return self.quiet_rules.hours_for(scene.clinic, scene.patient)

    def _quiet_until(self, channel: Channel, request: DeliverRequest, scene: Scene) -> datetime | None:
        if request.due.any_hour:
            return None
        return self._hours(scene).quiet_until(scene.now, scene.patient.timezone, channel)

    async def _link(self, request: DeliverRequest, key: str, scene: Scene) -> str:
        kind = LINKED.get(key)
        if kind is None:
            return ""
        due = request.due
        data = {"step": due.step, "key": due.key if kind is LinkKind.CARE else ""}
        if kind is LinkKind.CHECK_IN:
            data["ask_id"] = due.ask_id
        if due.treatment and kind is LinkKind.CARE:
            data["treatment"] = due.treatment.value
        if scene.care and len(scene.care.done) > 1 and kind is LinkKind.CARE:
            data["care"] = scene.care.written
        return await self._url(kind, request, scene.now, data, scene.now + LINK_LASTS)

    async def _unsubscribe(self, request: DeliverRequest, scene: Scene) -> str:
        if scene.patient.email is None:
            return ""
        return await self._url(LinkKind.UNSUBSCRIBE, request, scene.now, {}, None)

    async def _url(
        self, kind: LinkKind, request: DeliverRequest, now: datetime, data: dict[str, str], expires_at: datetime | None
    ) -> str:
        link = await self.links.create(
            kind,
            clinic_id=request.clinic_id,
            patient_id=request.patient_id,
            journey_id=request.journey_id,
            data=data,
            now=now,
            expires_at=expires_at,
            reuse=True,
        )
        return f"{self.public_base_url}/{PATHS[kind]}/{link.token}"


def _calendar_visit(request: DeliverRequest, scene: Scene) -> CalendarVisit | None:
    """What the e-mail's calendar file says; it has one UID per booking, so that a later one changes the entry."""
    booking, email = scene.booking, scene.patient.email
    if request.due.calendar is None or booking is None or email is None:
        return None
    return CalendarVisit(
        booking_id=booking.id,
        sequence=request.due.calendar,
        stamped_at=scene.now,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        organizer=scene.location.email_sender,
        attendee=email,
        location=scene.location.address,
        cancelled=booking.status is BookingStatus.CANCELLED,
    )


def _row(request: DeliverRequest, channel: Channel, key: str) -> NewMessage:
    due = request.due
    return NewMessage(
        key=f"{request.journey_id}:{key}:{due.step}:{request.occurrence}:{channel}",
        clinic_id=request.clinic_id,
        journey_id=request.journey_id,
        patient_id=request.patient_id,
        touchpoint=key,
        step=due.step,
        occurrence=request.occurrence,
        channel=channel,
        due_at=due.due_at,
        expires_at=due.expires_at,
        resends=due.resends,
        merge_key=f"{request.patient_id}:{key}:{due.moment}:{channel}" if due.moment else None,
    )


def _against(request: DeliverRequest, scene: Scene, *, late: bool) -> SkipReason | None:
    """What the journey or the booking says against it at the moment of sending."""
    due, booking = request.due, scene.booking
    if due.needs_open_gate and not request.gate_open:
        return SkipReason.GATE_SHUT
    if due.skip_when_late and late:
        return SkipReason.EXPIRED
    if due.starts_at is None or booking is None:
        return None
    moved = booking.starts_at != due.starts_at or booking.status in GONE
    return SkipReason.BOOKING_CHANGED if moved else None


def _question(request: DeliverRequest, scene: Scene) -> NewQuestion | None:
    due = request.due
    if due.question is None or scene.patient.phone is None:
        return None
    kind = FollowUpQuestion if due.any_hour else NewQuestion
    return kind(
        clinic_id=request.clinic_id,
        phone=scene.patient.phone,
        patient_id=request.patient_id,
        journey_id=request.journey_id,
        question=due.question.value,
        touchpoint=due.key,
        step=due.step,
        ask_id=due.ask_id,
        opened_at=scene.now,
    )
