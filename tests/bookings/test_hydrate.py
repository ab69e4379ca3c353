"""Thin events are completed by the vendor's API, here its stand-in in the sandbox."""

import base64
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from bookings.delivery import RawDelivery
from bookings.fhir_api import changed_since
from bookings.hydrate import HYDRATORS, hydrate
from bookings.registry import ADAPTERS
from bookings.vendor_api import ApiAccess, VendorRefusedError, VendorUnavailableError
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import NotFoundError
from sandbox.booking_apis import BookingVendors, Fault, booking_api_router
from tests.bookings import samples
from tests.bookings.deliveries import NOW, as_json, at
from tests.bookings.test_robustness import encode

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.

ACUITY: dict[str, Any] = {
    "id": 8800,
    "firstName": "Ana",
    "lastName": "Ruiz",
    "phone": "5005550006",
    "email": "ana@example.com",
    "datetime": "2027-03-04T14:00:00-0500",
    "duration": "60",
    "appointmentTypeID": 55,
    "timezone": "America/New_York",
    "location": "",
    "canceled": False,
}
BOULEVARD: dict[str, Any] = {
    "state": "BOOKED",
    "startAt": "2027-03-04T14:00:00-05:00",
    "endAt": "2027-03-04T15:00:00-05:00",
    "locationId": "urn:blvd:Location:1",
    "cancellation": None,
    "client": {"id": "urn:blvd:Client:5", "firstName": "Ana", "lastName": "Ruiz", "mobilePhone": "+15005550006"},
    "appointmentServices": [{"serviceId": "urn:blvd:Service:9"}],
}
GUEST = {"personal_info": {"mobile_phone": {"country_code": 225, "number": "5005550006"}}}
OPTIONS = {"api_user": "u1", "api_key": "k1", "api_business": "b-1"}


@pytest.fixture
def vendors() -> BookingVendors:
    return BookingVendors()


@pytest.fixture
async def client(vendors: BookingVendors) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(booking_api_router(vendors))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as made:
        yield made


def access(client: httpx.AsyncClient, system: str, **options: str) -> ApiAccess:
    base = {"api_base_url": f"http://sandbox/booking-apis/{system}"}
    token = base64.b64encode(b"token").decode()
    zone = ZoneInfo("America/New_York")
    return ApiAccess(client=client, token=token, now=NOW, options=OPTIONS | base | options, zone=zone)


def thin(system: str, value: Any, headers: Mapping[str, str] | None = None) -> BookingEvent:
    body = b"" if value is None else encode(system, value)
    parsed = ADAPTERS[system].parse(RawDelivery(body=body, headers=headers or {}, received_at=NOW))
    assert isinstance(parsed, tuple)
    assert not parsed[0].hydrated
    return parsed[0]


async def completed(client: httpx.AsyncClient, event: BookingEvent) -> BookingEvent:
    (complete,) = await hydrate(event, access(client, event.source))
    assert complete.hydrated
    return complete


async def test_a_complete_event_is_not_fetched(client: httpx.AsyncClient, vendors: BookingVendors) -> None:
    """An event that is complete costs no call."""
    event = thin("square", samples.square()).model_copy(update={"hydrated": True})
    assert await hydrate(event, access(client, "square")) == (event,)
    assert vendors.calls == []


@pytest.mark.parametrize(
    ("action", "record", "kind"),
    [
        ("scheduled", {}, BookingKind.BOOKED),
        ("appointment.scheduled", {}, BookingKind.BOOKED),
        ("rescheduled", {}, BookingKind.RESCHEDULED),
        ("changed", {}, BookingKind.BOOKED),
        ("canceled", {"canceled": True}, BookingKind.CANCELLED),
        ("changed", {"canceled": True}, BookingKind.CANCELLED),
        ("canceled", {"canceled": True, "noShow": True}, BookingKind.NO_SHOW),
        ("canceled", {"canceled": False}, BookingKind.BOOKED),
    ],
)
async def test_acuity_is_what_the_appointment_says_now(
    client: httpx.AsyncClient, vendors: BookingVendors, action: str, record: dict[str, Any], kind: BookingKind
) -> None:
    """Acuity's action only says to look; the appointment as it stands decides."""
    vendors.put("acuity", "appointment", "8800", ACUITY | record)
    event = await completed(client, thin("acuity", samples.acuity(action)))
    assert event.kind is kind
    assert (event.starts_at, event.ends_at) == (at("2027-03-04T19:00:00"), at("2027-03-04T20:00:00"))
    assert (event.services, event.patient.phone, event.patient.first_name) == (("55",), "5005550006", "Ana")


async def test_square_customers_bring_the_contacts(client: httpx.AsyncClient, vendors: BookingVendors) -> None:
    """Square's booking is complete apart from the customer, who is fetched; year 0000 is no birth year."""
    customer = {"given_name": "Ana", "family_name": "Ruiz", "phone_number": "+15005550006", "birthday": "0000-01-31"}
    vendors.put("square", "customer", "7AX4", customer)
    event = await completed(client, thin("square", samples.square()))
    assert event.patient == BookedPatient(
        vendor_id="7AX4", name="Ana Ruiz", first_name="Ana", phone="+15005550006", birth_date=None
    )


async def test_a_deleted_square_customer_leaves_the_booking(client: httpx.AsyncClient) -> None:
    """A customer who no longer exists does not hold up the booking."""
    event = await completed(client, thin("square", samples.square()))
    assert event.patient == BookedPatient(vendor_id="7AX4")


async def test_calendly_asks_the_configured_api_only(client: httpx.AsyncClient, vendors: BookingVendors) -> None:
    """An appointment that is given by address is fetched by its id, never from the address in the body."""
    vendors.put(
        "calendly", "scheduled_event", "EV1", {"start_time": "2027-03-04T19:00:00Z", "end_time": "2027-03-04T20:00:00Z"}
    )
    uri = samples.INVITEE.replace("api.calendly.com", "evil.example")
    event = await completed(
        client, thin("calendly", samples.calendly("invitee.created", uri=uri, scheduled_event=None))
    )
    assert event.starts_at == at("2027-03-04T19:00:00")
    assert vendors.calls == ["GET /booking-apis/calendly/scheduled_events/EV1"]


async def test_fhir_patients_are_fetched(client: httpx.AsyncClient, vendors: BookingVendors) -> None:
    """A patient who is only a reference is fetched: the mobile number wins, an old one never does."""
    vendors.put("fhir", "Appointment", "a1", samples.appointment())
    vendors.put("fhir", "Patient", "p1", samples.PATIENT)
    event = await completed(client, thin("fhir", samples.appointment()))
    assert event.patient == BookedPatient(
        vendor_id="p1",
        name="Ana Ruiz",
        first_name="Ana",
        phone="+15005550006",
        email="ana@example.com",
        locale="es",
        birth_date="1990-01-31",
    )


async def test_an_empty_fhir_notification_searches(client: httpx.AsyncClient, vendors: BookingVendors) -> None:
    """A rest-hook without payload finds all that changed lately, page by page, and nothing older."""
    vendors.put("fhir", "Patient", "p1", samples.PATIENT)
    for number in range(5):
        meta = {"lastUpdated": "2027-03-01T13:55:00+00:00"}
        vendors.put("fhir", "Appointment", f"a{number}", samples.appointment(id=f"a{number}", meta=meta))
    old = samples.appointment(id="old", meta={"lastUpdated": "2027-03-01T10:00:00+00:00"})
    vendors.put("fhir", "Appointment", "old", old)
    found = await hydrate(thin("fhir", None), access(client, "fhir"))
    assert [event.booking_ref for event in found] == ["a0", "a1", "a2", "a3", "a4"]
    assert all(event.hydrated and event.patient.phone for event in found)
    assert found == await changed_since(NOW - timedelta(minutes=15), access(client, "fhir"))


async def test_an_unsigned_delete_is_looked_up(client: httpx.AsyncClient, vendors: BookingVendors) -> None:
    """Medplum's delete notice cancels only when the appointment is really gone."""
    vendors.put("fhir", "Appointment", "a1", samples.appointment(contained=[samples.PATIENT]))
    there = thin("fhir", {}, {"X-Medplum-Deleted-Resource": "Appointment/a1"})
    gone = thin("fhir", {}, {"X-Medplum-Deleted-Resource": "Appointment/a2"})
    assert (await completed(client, there)).kind is BookingKind.BOOKED
    assert (await completed(client, gone)).kind is BookingKind.CANCELLED


async def test_a_next_page_on_another_host_is_refused() -> None:
    """The credential never follows a link to another host."""

    def answer(_: httpx.Request) -> httpx.Response:
        links = [{"relation": "next", "url": "http://evil.example/Appointment"}]
        return httpx.Response(200, json={"resourceType": "Bundle", "link": links})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(VendorRefusedError, match="another host"):
            await hydrate(thin("fhir", None), access(client, "fhir"))


@pytest.mark.parametrize(
    ("event", "record", "kind"),
    [
        ("APPOINTMENT_CREATED", {}, BookingKind.BOOKED),
        ("APPOINTMENT_RESCHEDULED", {}, BookingKind.RESCHEDULED),
        ("appointment.updated", {"state": "ARRIVED"}, BookingKind.ARRIVED),
        ("APPOINTMENT_UPDATED", {"state": "FINAL"}, BookingKind.COMPLETED),
        ("APPOINTMENT_CANCELLED", {"state": "CANCELLED"}, BookingKind.CANCELLED),
        ("APPOINTMENT_CANCELLED", {"state": "CANCELLED", "cancellation": {"reason": "NO_SHOW"}}, BookingKind.NO_SHOW),
    ],
)
async def test_boulevard_is_completed_by_its_state(
    client: httpx.AsyncClient, vendors: BookingVendors, event: str, record: dict[str, Any], kind: BookingKind
) -> None:
    """Boulevard's appointment state and cancellation reason decide, and bring dates and contacts."""
    vendors.put("boulevard", "appointment", "urn:blvd:Appointment:77", BOULEVARD | record)
    complete = await completed(client, thin("boulevard", samples.boulevard(event)))
    assert (complete.kind, complete.starts_at) == (kind, at("2027-03-04T19:00:00"))
    assert (complete.services, complete.patient.phone) == (("urn:blvd:Service:9",), "+15005550006")


async def test_boulevard_null_means_unknown(client: httpx.AsyncClient) -> None:
    """An appointment that GraphQL answers with null is not there."""
    with pytest.raises(NotFoundError):
        await hydrate(thin("boulevard", samples.boulevard("APPOINTMENT_CREATED")), access(client, "boulevard"))


async def test_zenoti_guests_bring_the_phone(client: httpx.AsyncClient, vendors: BookingVendors) -> None:
    """Zenoti's delivery has no phone: the guest has."""
    vendors.put("zenoti", "guest", "gu-1", GUEST)
    event = await completed(client, thin("zenoti", samples.zenoti("AppointmentGroup.Created")))
    assert (event.patient.phone, event.patient.email) == ("5005550006", "ana@example.com")


@pytest.mark.parametrize(
    ("status", "progress", "kind"),
    [
        (0, 0, BookingKind.BOOKED),
        (-1, 0, BookingKind.CANCELLED),
        (-2, 0, BookingKind.NO_SHOW),
        (2, 1, BookingKind.ARRIVED),
        (1, 2, BookingKind.COMPLETED),
        (1, 0, BookingKind.BOOKED),
        (-1, 2, BookingKind.CANCELLED),
        (None, 2, BookingKind.UNKNOWN),
    ],
)
async def test_zenoti_status_is_looked_up(
    client: httpx.AsyncClient, vendors: BookingVendors, status: int | None, progress: int, kind: BookingKind
) -> None:
    """A status event is completed by the appointment's own status; a closed invoice alone is no treatment."""
    record = {"status": status, "progress": progress, "start_time_utc": "2027-03-04T19:00:00", "service": {"id": "s-1"}}
    vendors.put("zenoti", "appointment", "ap-1", record)
    data = {"appointment_group_id": "g-1", "appointments": [{"id": "ap-1"}], "status": 4}
    event = await completed(client, thin("zenoti", samples.zenoti("AppointmentGroup.Status", data)))
    assert (event.kind, event.starts_at, event.services) == (kind, at("2027-03-04T19:00:00"), ("s-1",))


async def test_a_zenoti_group_without_appointments_says_nothing(client: httpx.AsyncClient) -> None:
    """A status event that names only its group brings no event, so nothing is guessed."""
    event = thin("zenoti", samples.zenoti("AppointmentGroup.Status", {"appointment_group_id": "g-1"}))
    assert await hydrate(event, access(client, "zenoti")) == ()


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_an_api_that_is_down_is_asked_again(
    client: httpx.AsyncClient, vendors: BookingVendors, status: int
) -> None:
    """Overload and outages are retryable and carry the vendor's own delay."""
    vendors.faults.append(Fault(status=status, retry_after_seconds=7))
    with pytest.raises(VendorUnavailableError) as caught:
        await hydrate(thin("acuity", samples.acuity("scheduled")), access(client, "acuity"))
    assert caught.value.retryable
    assert caught.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_not_repeated(client: httpx.AsyncClient, vendors: BookingVendors, status: int) -> None:
    """Wrong credentials or rights are for the clinic's admin: asking again cannot help."""
    vendors.faults.append(Fault(status=status))
    with pytest.raises(VendorRefusedError) as caught:
        await hydrate(thin("acuity", samples.acuity("scheduled")), access(client, "acuity"))
    assert not caught.value.retryable


async def test_a_missing_option_is_named(client: httpx.AsyncClient) -> None:
    """Without the account's user id Acuity cannot be asked, and the message names the option."""
    with pytest.raises(VendorRefusedError, match="api_user"):
        await hydrate(thin("acuity", samples.acuity("scheduled")), access(client, "acuity", api_user=" "))


def _times_out(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


BAD_ANSWERS = {
    "time-out": _times_out,
    "html": lambda _: httpx.Response(200, text="<html>maintenance</html>"),
    "list": lambda _: httpx.Response(200, json=[]),
    "no start": lambda _: httpx.Response(200, json={"id": 1}),
    "bad start": lambda _: httpx.Response(200, json={"datetime": "soon"}),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
async def test_useless_answers_are_asked_again(name: str) -> None:
    """Time-outs, maintenance pages and answers without a start are retryable, never a crash or a guess."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(BAD_ANSWERS[name])) as client:
        with pytest.raises(VendorUnavailableError):
            await hydrate(thin("acuity", samples.acuity("scheduled")), access(client, "acuity"))


@pytest.mark.parametrize("system", HYDRATORS)
async def test_every_stand_in_wants_credentials(client: httpx.AsyncClient, system: str) -> None:
    """Every stand-in refuses a call without the vendor's kind of credential."""
    path = "boulevard/api/2020-01/admin" if system == "boulevard" else f"{system}/Appointment/a1"
    paths = {
        "acuity": "acuity/api/v1/appointments/1",
        "square": "square/v2/customers/1",
        "calendly": "calendly/scheduled_events/1",
        "zenoti": "zenoti/v1/guests/1",
    }
    method = "POST" if system == "boulevard" else "GET"
    answer = await client.request(method, f"/booking-apis/{paths.get(system, path)}", content=as_json({}))
    assert answer.status_code == 401


async def test_the_sandbox_is_filled_over_http(client: httpx.AsyncClient) -> None:
    """Records and faults are put in by HTTP, in the vendor's own JSON."""
    assert (await client.put("/_sandbox/booking-apis/acuity/appointment/8800", json=ACUITY)).status_code == 204
    assert (await client.put("/_sandbox/booking-apis/nobody/appointment/1", json={})).status_code == 404
    await client.post("/_sandbox/booking-apis/faults", json={"status": 503})
    event = thin("acuity", samples.acuity("scheduled"))
    with pytest.raises(VendorUnavailableError):
        await hydrate(event, access(client, "acuity"))
    assert (await completed(client, event)).booking_ref == "8800"
