"""The clinic of one story: its patient, its plan, its texts, in a store that several stories share."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import Calendar, instant_at
from domain.clinic import Clinic, Location, OnCall
from domain.messages import Channel
from domain.patient import Condition, Consent, ConsentStatus, Patient, SkinProfile
from domain.plan import personalise
from domain.protocol import Release
from domain.records import JourneyRecord
from store import Store
from tests import builders
from tests.domain.draws import DEPUTY
from tests.journeys.books import Books
from tests.journeys.happenings import Story
from workflows.ids import journey_workflow_id, new_id
from workflows.messages import JourneyStart

NAME, PHONE, EMAIL = "Zyxanna", "+15005550006", "zyxanna@example.com"
NINE = time(9)


@dataclass(frozen=True)
class Case:
    """Everything about one story that is there before anything happens."""

    story: Story
    start: JourneyStart
    books: Books

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.story.zone)


async def a_case(store: Store, story: Story) -> Case:
    """Write clinic, patient, consents and the journey's row; patients have the same name and number in each clinic."""
    begins = instant_at(date.fromisoformat(story.start), NINE, story.zone).astimezone(UTC)
    profile = SkinProfile(
        skin_type=story.skin_type,
        conditions=frozenset(map(Condition, story.conditions)),
        adult=True,
        needle_depth_mm=1.0,
    )
    start = _start(story, profile, begins)
    await store.clinics.apply(_clinic(story, start.clinic_id, start.calendar))
    await store.patients.add(_patient(story, start, profile))
    for channel, address in ((Channel.SMS, PHONE), (Channel.EMAIL, EMAIL)):
        await store.consents.record(_consent(start.clinic_id, channel, address, begins))
    await store.journeys.reserve(_record(start, begins))
    return Case(story, start, Books(start.plan, ZoneInfo(story.zone), ZoneInfo(story.home)))


def _start(story: Story, profile: SkinProfile, begins: datetime) -> JourneyStart:
    protocol = builders.protocol(release=Release(story.release), laser_first=story.laser_first)
    journey_id = new_id()
    return JourneyStart(
        clinic_id=f"clinic-{journey_id[:12]}",
        journey_id=journey_id,
        patient_id=f"patient-{journey_id[:12]}",
        plan=personalise(protocol, profile),
        calendar=Calendar(timezone=story.zone, holidays=(begins.date() + timedelta(days=29),)),
        patient_zone=story.home,
        deputies=(DEPUTY,),
        skew=begins - datetime.now(UTC),
    )


def _clinic(story: Story, clinic_id: str, calendar: Calendar) -> Clinic:
    place = Location(
        calendar=calendar,
        phone="+15005550001",
        sms_sender="+15005550002",
        email_sender="care@example.com",
        on_call=(OnCall(name="on-call", channel=Channel.SMS, address="+15005550009"),),
    )
    return Clinic(
        id=clinic_id,
        name="Glow",
        timezone=story.zone,
        locations=(place,),
        live_from=date(2020, 1, 1),
        deputies=(DEPUTY,),
    )


def _patient(story: Story, start: JourneyStart, profile: SkinProfile) -> Patient:
    return Patient(
        id=start.patient_id,
        clinic_id=start.clinic_id,
        first_name=NAME,
        phone=PHONE,
        email=EMAIL if story.by_email else None,
        timezone=story.home,
        profile=profile,
    )


def _consent(clinic_id: str, channel: Channel, address: str, at: datetime) -> Consent:
    return Consent(
        clinic_id=clinic_id,
        channel=channel,
        address=address,
        status=ConsentStatus.GRANTED,
        wording_version="1",
        origin="test",
        at=at,
    )


def _record(start: JourneyStart, begins: datetime) -> JourneyRecord:
    return JourneyRecord(
        id=start.journey_id,
        clinic_id=start.clinic_id,
        patient_id=start.patient_id,
        workflow_id=journey_workflow_id(start.journey_id),
        protocol_id=start.plan.protocol_id,
        protocol_version=start.plan.protocol_version,
        starting_ref="generic:b1",
        created_at=begins,
    )
