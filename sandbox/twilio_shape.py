"""A text in the shape of Twilio's Message resource, and a list of them as Twilio pages it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from domain.segments import segments
from sandbox.records import Text

API_VERSION = "2010-04-01"
_ERROR_TEXTS = {
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30007: "Message filtered",
    30034: "Message from an Unregistered Number",
}


def message_resource(text: Text, account_sid: str, *, redacted: bool = False) -> dict[str, object]:
    """Every published field; what the sandbox cannot know is null."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{text.sid}"
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": "" if redacted else text.body,
        "date_created": format_datetime(text.created_at),
        "date_sent": _date(text.sent_at),
        "date_updated": format_datetime(text.updated_at),
        "direction": text.direction,
        "error_code": text.error_code,
        "error_message": _ERROR_TEXTS.get(text.error_code or 0),
        "from": _hidden(text.sender, redacted and text.direction == "inbound"),
        "messaging_service_sid": text.service_sid,
        "num_media": str(text.num_media),
        "num_segments": _num_segments(text),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": _hidden(text.to, redacted and text.direction != "inbound"),
        "uri": f"{uri}.json",
    }


def page_of(
    resources: Sequence[Mapping[str, object]], path: str, filters: Mapping[str, str], page: int, page_size: int
) -> dict[str, object]:
    """One page of all `resources`. `page` counts from 0."""
    start = page * page_size
    shown = list(resources[start : start + page_size])

    def uri(number: int) -> str:
        return f"{path}?{urlencode({**filters, 'PageSize': page_size, 'Page': number})}"

    return {
        "end": max(start + len(shown) - 1, 0),
        "first_page_uri": uri(0),
        "messages": shown,
        "next_page_uri": uri(page + 1) if start + page_size < len(resources) else None,
        "page": page,
        "page_size": page_size,
        "previous_page_uri": uri(page - 1) if page else None,
        "start": start,
        "uri": uri(page),
    }


def _date(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None


def _hidden(number: str, hide: bool) -> str:
    return number[:-4] + "XXXX" if hide else number


def _num_segments(text: Text) -> str:
    """Unknown at first with a Messaging Service, since no sender has been chosen."""
    unassigned = text.service_sid and text.status in {"accepted", "scheduled"}
    return "0" if unassigned else str(segments(text.body).segments)
