"""Twilio's signatures, checked with the vendor's own published vectors, and what its webhooks say."""

from urllib.parse import urlencode

import pytest

from channels.twilio_webhooks import Form, parse_inbound, parse_status, read_form, signed_url, verify
from domain.errors import BadInputError, SignatureError
from domain.messages import DeliveryState, FailureClass

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
DIGITS = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL.replace(".com", ".com:1234"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URL.replace("https", "http"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (URL.replace("https", "http").replace(".com", ".com:1234"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_the_vendors_vectors_verify(url: str, signature: str) -> None:
    """Each published signature, with and without port, is accepted."""
    form = verify(TOKEN, url, urlencode(CALL).encode(), {"x-twilio-signature": signature})
    assert form.get("Digits") == "1234"


def test_repeated_fields_verify() -> None:
    """Values of a repeated field are signed once each, sorted."""
    headers = {"X-Twilio-Signature": "IK+Dwps556ElfBT0I3Rgjkr1wJU="}
    assert verify(TOKEN, URL, urlencode(DIGITS).encode(), headers).getlist("Digits") == ["5678", "1234", "1234"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "AAAA"},
        {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B9="},
        {
            "X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256",
        },
    ],
)
def test_a_missing_or_wrong_signature_is_refused(headers: dict[str, str]) -> None:
    """Without the right signature nothing is read."""
    with pytest.raises(SignatureError):
        verify(TOKEN, URL, urlencode(CALL).encode(), headers)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join(b"a%d=1" % number for number in range(500)), b'{"a": 1}'])
def test_an_unreadable_body_is_refused(body: bytes) -> None:
    """Bytes that are no form of a webhook's size fail as a signature does."""
    with pytest.raises(SignatureError):
        verify(TOKEN, URL, body, {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="})


def test_one_changed_field_breaks_the_signature() -> None:
    """Every field is signed."""
    body = urlencode(CALL | {"Digits": "9999"}).encode()
    with pytest.raises(SignatureError):
        verify(TOKEN, URL, body, {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="})


def test_the_signed_url_is_the_configured_one() -> None:
    """Base, raw path and raw query are put together without decoding anything."""
    assert signed_url("https://c.example/", "/a%20b", "n=1%2B") == "https://c.example/a%20b?n=1%2B"
    assert signed_url("https://c.example", "/a") == "https://c.example/a"


@pytest.mark.parametrize("base", ["", "clinic.example", "https://u:p@c.example", "https://c.example?x=1", "ftp://c"])
def test_a_base_url_that_cannot_work_is_refused(base: str) -> None:
    """The vendor's validator mangles user names, and a query has no place in a base."""
    with pytest.raises(BadInputError, match="HEALGATE_PUBLIC_BASE_URL"):
        signed_url(base, "/a")


def test_an_inbound_text_is_read() -> None:
    """A picture without words is a text with an empty body; unknown fields do no harm."""
    form = read_form(b"MessageSid=SM1&From=%2B15005550006&To=%2B15005550010&Body=&NumMedia=1&New=x&OptOutType=STOP")
    text = parse_inbound(form)
    assert (text.provider_id, text.sender, text.to) == ("SM1", "+15005550006", "+15005550010")
    assert (text.body, text.media_count, text.opt_out_type) == ("", 1, "STOP")


@pytest.mark.parametrize("body", [b"From=%2B15005550006", b"MessageSid=SM1", b""])
def test_an_inbound_text_needs_id_and_sender(body: bytes) -> None:
    """Something else than a text says what is set up wrong."""
    with pytest.raises(BadInputError, match="message webhook"):
        parse_inbound(read_form(body))


def status(**fields: str) -> Form:
    """A status callback."""
    return Form(list({"MessageSid": "SM1", "MessageStatus": "sent", **fields}.items()))


@pytest.mark.parametrize(
    ("fields", "state", "failure"),
    [
        ({}, DeliveryState.SENT, FailureClass.NONE),
        ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, DeliveryState.UNDELIVERED, FailureClass.TRANSIENT),
        ({"MessageStatus": "undelivered", "ErrorCode": "30005"}, DeliveryState.UNDELIVERED, FailureClass.NUMBER),
        ({"MessageStatus": "undelivered", "ErrorCode": "30007"}, DeliveryState.UNDELIVERED, FailureClass.CONTENT),
        ({"MessageStatus": "failed", "ErrorCode": "30034"}, DeliveryState.FAILED, FailureClass.CONFIGURATION),
        ({"MessageStatus": "failed", "ErrorCode": "30036"}, DeliveryState.FAILED, FailureClass.EXPIRED),
        ({"MessageStatus": "failed", "ErrorCode": "99999"}, DeliveryState.FAILED, FailureClass.UNKNOWN),
        ({"MessageStatus": "failed"}, DeliveryState.FAILED, FailureClass.UNKNOWN),
        ({"MessageStatus": "teleported"}, DeliveryState.ACCEPTED, FailureClass.NONE),
    ],
)
def test_status_words_and_codes_are_mapped(fields: dict[str, str], state: DeliveryState, failure: FailureClass) -> None:
    """State and class of failure come from tables; what is new ranks lowest or counts as unknown."""
    update = parse_status(status(**fields))
    assert (update.state, update.failure) == (state, failure)


def test_our_ids_come_back_by_the_query() -> None:
    """Ledger id and attempt are read from the callback's URL."""
    update = parse_status(status(), "n=m1&a=2")
    assert (update.message_id, update.attempt) == ("m1", 2)


def test_an_opt_out_code_revokes_consent() -> None:
    """21610 as a late failure ends the consent as it does at once."""
    assert parse_status(status(MessageStatus="failed", ErrorCode="21610")).revokes_consent


def test_two_events_of_one_message_have_two_ids() -> None:
    """Sent and delivered of one message are told apart, two copies of one event are not."""
    sent, again, delivered = (parse_status(status(MessageStatus=word)) for word in ("sent", "sent", "delivered"))
    assert sent.event_id == again.event_id != delivered.event_id
