"""Sample deliveries for checking a clinic's set-up."""

import pytest

from bookings.delivery import Probe, RawDelivery
from bookings.registry import ADAPTERS
from bookings.sample_deliveries import SampleDelivery, sample_deliveries
from bookings.signatures import verify
from domain.booking import BookingEvent, BookingKind
from tests.bookings.deliveries import NOW, SECRET, b64

URL = "https://clinic.example/webhooks/bookings/derm/main"
SECRETS = {"boulevard": b64(SECRET.encode())}
WITHOUT_COMPLETED = {"calcom", "calendly", "acuity", "square"}


def samples(system: str) -> tuple[SampleDelivery, ...]:
    secret = SECRETS.get(system, SECRET)
    return sample_deliveries(system, secret, NOW, run="r1", url=URL, service="microneedling", options={})


def events(system: str) -> list[BookingEvent]:
    found: list[BookingEvent] = []
    for sample in samples(system):
        parsed = ADAPTERS[system].parse(RawDelivery(body=sample.body, headers=sample.headers, received_at=NOW))
        found += [] if isinstance(parsed, Probe) else parsed
    return found


@pytest.mark.parametrize("system", ADAPTERS)
def test_every_sample_is_signed_as_the_system_signs(system: str) -> None:
    """Each sample passes the verification that the real deliveries pass."""
    scheme = ADAPTERS[system].scheme({})
    for sample in samples(system):
        raw = RawDelivery(body=sample.body, headers=sample.headers, url=URL)
        assert not verify(scheme, raw, [SECRETS.get(system, SECRET)], NOW).probe


@pytest.mark.parametrize("system", ADAPTERS)
def test_samples_tell_the_life_of_a_visit(system: str) -> None:
    """The samples of a system are new deliveries about one booking, in growing order, with the kinds it can say."""
    found = events(system)
    kinds = {event.kind for event in found}
    assert len({event.delivery_id for event in found}) == len(found)
    assert BookingKind.BOOKED in kinds
    assert (BookingKind.COMPLETED in kinds) == (system not in WITHOUT_COMPLETED)
    refs = {event.booking_ref for event in found if event.booking_ref}
    assert len(refs - {event.previous_booking_ref for event in found}) == 1
    known = [event.sequence for event in found if event.kind is not BookingKind.UNKNOWN]
    assert known == sorted(known)
