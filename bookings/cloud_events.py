"""The CloudEvents envelope of the generic webhook, structured or binary, read by the `cloudevents` package.

`type` ends with the booking's type (`com.example.booking.booked`), `data` holds `booking` and `patient`.
"""

from typing import Any

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.exceptions import BaseCloudEventException

from bookings.decode import decode_json
from bookings.delivery import RawDelivery
from domain.errors import BadInputError

STRUCTURED = "application/cloudevents+json"
HEADERS = ("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time")
"""Of the binary mode."""


def is_cloud_event(raw: RawDelivery) -> bool:
    """Whether the delivery is wrapped so."""
    return raw.header("content-type").lower().startswith(STRUCTURED) or bool(raw.header("ce-specversion"))


def unwrapped(raw: RawDelivery) -> dict[str, Any]:
    """The delivery in the generic shape; BadInputError names what is wrong with the envelope."""
    decode_json(raw.body)  # refuses what no parser should see before the package parses it again
    headers = {name.lower(): value for name, value in raw.headers.items()}
    try:
        event = from_http_event(HTTPMessage(headers=headers, body=raw.body))
    except (BaseCloudEventException, ValueError, TypeError, KeyError) as error:
        raise BadInputError(f"the CloudEvents envelope cannot be read ({type(error).__name__}): {error}") from None
    return _generic(event)


def _generic(event: BaseCloudEvent) -> dict[str, Any]:
    data = event.get_data()
    if not isinstance(data, dict):
        raise BadInputError("'data' of the CloudEvent must be an object with 'booking' and 'patient'")
    time = event.get_time()
    return {
        **data,
        # Ids are unique per source only (CloudEvents 1.0, section 3.1.1).
        "id": f"{event.get_source()}#{event.get_id()}",
        "type": ".".join(event.get_type().split(".")[-2:]),
        **({"occurred_at": time.isoformat()} if time else {}),
    }
