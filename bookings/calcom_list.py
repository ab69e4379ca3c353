"""Listing Cal.com bookings (API v2, version 2024-08-13: `GET /v2/bookings`, its output types)."""

from urllib.parse import quote

from bookings.calcom import PLACEHOLDER_MAIL
from bookings.delivery import milliseconds
from bookings.fields import Fields
from bookings.pages import get_page, iso, pages, read_item, required_list
from bookings.vendor_api import ApiAccess
from domain.booking import RESCHEDULED, BookedPatient, BookingEvent, BookingKind
from domain.calendar import DAY
from domain.reconciliation import Window

BASE_URL = "https://api.cal.com"
API_VERSION = "2024-08-13"
TAKE = 100
LONGEST_CHAIN = 10
"""Reschedules of one visit that are followed from uid to uid."""

_KINDS = {
    "accepted": BookingKind.BOOKED,
    "pending": BookingKind.REQUESTED,
    "awaitinghost": BookingKind.REQUESTED,
    "cancelled": BookingKind.CANCELLED,
    "rejected": BookingKind.CANCELLED,
}


async def between(window: Window, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """Every booking that starts in the window."""
    # `beforeEnd` looks at the end; the oldest booking first, so that a new one does not shift the pages.
    asked = {"afterStart": iso(window.since), "beforeEnd": iso(window.until + DAY), "sortCreated": "asc"}
    size = int(access.options.get("page_size", TAKE))
    taken = 0
    events: list[BookingEvent] = []

    def following(page: Fields) -> dict[str, str]:
        nonlocal taken
        taken += len(page.children("data"))
        return {"skip": str(taken)} if page.child("pagination").flag("hasNextPage") else {}

    url = f"{access.base_url(BASE_URL)}/v2/bookings"
    async for page in pages(access, url, _headers(access), {**asked, "take": str(size)}, following):
        events += [read_item(event_of, item, access) for item in required_list(page, "data")]
    return tuple(event for event in events if window.holds(event.starts_at))


async def one(ref: str, access: ApiAccess) -> BookingEvent:
    """The booking of that uid, or what it was rescheduled to. NotFoundError where it is not known."""
    booking = await _get(ref, access)
    for _ in range(LONGEST_CHAIN):
        later = booking.maybe_ref("rescheduledToUid")
        if later is None:
            break
        booking = await _get(later, access)
    event = read_item(event_of, booking, access)
    return event if event.booking_ref == ref else event.model_copy(update={"previous_booking_ref": ref})


async def _get(ref: str, access: ApiAccess) -> Fields:
    url = f"{access.base_url(BASE_URL)}/v2/bookings/{quote(ref, safe='')}"
    return (await get_page(access, url, _headers(access))).child("data")


def event_of(booking: Fields, access: ApiAccess) -> BookingEvent:
    """A listed booking; `updatedAt` orders it, the moment of asking where there is none."""
    ref = booking.ref("uid")
    previous = booking.maybe_ref("rescheduledFromUid")
    changed_at = booking.time("updatedAt") or booking.time("createdAt")
    kind = _kind(booking)
    gone = booking.maybe_ref("rescheduledToUid") is not None
    service = booking.child("eventType").text("slug") or booking.maybe_ref("eventTypeId")
    return BookingEvent(
        source="calcom",
        delivery_id=f"list:{ref}"[:255],
        booking_ref=ref,
        previous_booking_ref=previous if previous != ref else None,
        sequence=milliseconds(changed_at or access.now),
        kind=kind,
        starts_at=booking.time("start"),
        ends_at=booking.time("end"),
        services=(service,) if service else (),
        location=booking.text("location"),
        patient=_patient(booking),
        reason=RESCHEDULED if gone and kind is BookingKind.CANCELLED else booking.text("cancellationReason"),
        occurred_at=changed_at,
    )


def _kind(booking: Fields) -> BookingKind:
    kind = _KINDS.get((booking.text("status") or "").lower(), BookingKind.UNKNOWN)
    attendees = booking.children("attendees")
    absent = kind is BookingKind.BOOKED and any(attendee.flag("absent") for attendee in attendees)
    return BookingKind.NO_SHOW if absent else kind


def _patient(booking: Fields) -> BookedPatient:
    attendee = next(iter(booking.children("attendees")), Fields({}))
    answers = booking.child("bookingFieldsResponses")
    email = attendee.text("email") or answers.text("email")
    return BookedPatient(
        name=attendee.text("name"),
        phone=attendee.text("phoneNumber") or answers.text("attendeePhoneNumber") or answers.text("smsReminderNumber"),
        email=None if email and email.lower().endswith(PLACEHOLDER_MAIL) else email,
        timezone=attendee.text("timeZone"),
        locale=attendee.text("language"),
    )


def _headers(access: ApiAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}", "cal-api-version": API_VERSION}
