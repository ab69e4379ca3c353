"""Signatures of every system, made here by hand from the vendors' descriptions."""

import base64
from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.delivery import RawDelivery
from bookings.schemes import SCHEMES, scheme_of
from bookings.signatures import sign, verify
from domain.errors import BadInputError, SignatureError
from tests.bookings.deliveries import NOW, SECRET, b64, mac, timed_header

BODY = b'{"a": 1}\n'
URL = "https://clinic.example/webhooks/bookings/derm/square"
KEY64 = b64(b"0123456789abcdef0123456789abcdef")
SECONDS = str(int(NOW.timestamp()))
SALT = f"blvd-webhook-v1:7f1c:{SECONDS}"
DASHED = "-".join(f"{byte:02X}" for byte in mac(SECRET.encode(), BODY))

BY_HAND: dict[str, tuple[str, dict[str, str]]] = {
    "generic": (SECRET, {"x-healgate-signature": timed_header(SECRET, BODY, NOW)}),
    "calcom": (SECRET, {"X-Cal-Signature-256": mac(SECRET.encode(), BODY).hex()}),
    "calendly": (SECRET, {"calendly-webhook-signature": timed_header(SECRET, BODY, NOW)}),
    "acuity": (SECRET, {"X-Acuity-Signature": b64(mac(SECRET.encode(), BODY))}),
    "square": (SECRET, {"X-Square-HmacSha256-Signature": b64(mac(SECRET.encode(), URL.encode(), BODY))}),
    "fhir": (SECRET, {"Authorization": f"Bearer {SECRET}"}),
    "fhir_medplum": (SECRET, {"x-signature": mac(SECRET.encode(), BODY).hex()}),
    "boulevard": (
        KEY64,
        {
            "x-blvd-hmac-salt": SALT,
            "x-blvd-hmac-sha256": b64(mac(base64.b64decode(KEY64), SALT.encode(), b":", BODY)),
        },
    ),
    "zenoti": (SECRET, {"zenoti-webhook-signature": f"sha256 ={DASHED}"}),
    "mindbody": (SECRET, {"X-Mindbody-Signature": f"sha256={b64(mac(SECRET.encode(), BODY))}"}),
    "standard_webhooks": (
        f"whsec_{KEY64}",
        {
            "webhook-id": "msg_1",
            "webhook-timestamp": SECONDS,
            "webhook-signature": f"v1,{b64(mac(base64.b64decode(KEY64), f'msg_1.{SECONDS}.'.encode(), BODY))}",
        },
    ),
}
TIMED = ("generic", "calendly", "boulevard", "standard_webhooks")


def delivery(headers: Mapping[str, str], body: bytes = BODY, method: str = "POST") -> RawDelivery:
    return RawDelivery(body=body, headers=headers, method=method, url=URL)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_delivery_signed_as_documented_is_accepted(name: str) -> None:
    """A delivery that is signed as the vendor documents it is accepted."""
    secret, headers = BY_HAND[name]
    assert verify(SCHEMES[name], delivery(headers), [secret], NOW).probe is False


@pytest.mark.parametrize("name", sorted(set(SCHEMES) - {"fhir"}))
def test_another_body_is_refused(name: str) -> None:
    """The same signature over other bytes is refused, except where the vendor only sends a shared token."""
    secret, headers = BY_HAND[name]
    with pytest.raises(SignatureError):
        verify(SCHEMES[name], delivery(headers, BODY.strip()), [secret], NOW)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_wrong_secret_is_refused(name: str) -> None:
    """A secret that did not sign the delivery is refused."""
    _, headers = BY_HAND[name]
    with pytest.raises(SignatureError, match="does not match"):
        verify(SCHEMES[name], delivery(headers), ["b3RoZXI="], NOW)


@pytest.mark.parametrize("name", SCHEMES)
def test_rotated_secrets_are_both_accepted(name: str) -> None:
    """While a secret is rotated, the old and the new one are accepted."""
    secret, headers = BY_HAND[name]
    assert verify(SCHEMES[name], delivery(headers), ["b3RoZXI=", secret], NOW)


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("secrets", [[], [""], ["  ", "\n"], ["no-secret-provided"]])
def test_without_a_secret_everything_is_refused(name: str, secrets: list[str]) -> None:
    """A missing, blank or placeholder secret refuses every delivery."""
    _, headers = BY_HAND[name]
    with pytest.raises(SignatureError, match="no secret is set"):
        verify(SCHEMES[name], delivery(headers), secrets, NOW)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_missing_header_is_refused(name: str) -> None:
    """A delivery without its signature header is refused."""
    secret, headers = BY_HAND[name]
    others = {key: value for key, value in headers.items() if key.lower() != SCHEMES[name].header.lower()}
    with pytest.raises(SignatureError, match="missing"):
        verify(SCHEMES[name], delivery(others), [secret], NOW)


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("minutes", [6, -6])
def test_an_old_or_future_time_is_refused(name: str, minutes: int) -> None:
    """Where the vendor signs a time, a delivery outside the tolerance is refused in both directions."""
    secret, headers = BY_HAND[name]
    with pytest.raises(SignatureError, match="too old or from the future"):
        verify(SCHEMES[name], delivery(headers), [secret], NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("name", TIMED)
def test_a_changed_time_is_refused(name: str) -> None:
    """A replayed delivery with a fresh time does not match its signature."""
    secret, headers = BY_HAND[name]
    fresh = str(int(SECONDS) + 60)
    changed = {key: value.replace(SECONDS, fresh) for key, value in headers.items()}
    with pytest.raises(SignatureError, match="does not match"):
        verify(SCHEMES[name], delivery(changed), [secret], NOW)


WRONG_ENCODINGS = {
    "generic": {"X-Healgate-Signature": f"t={SECONDS},v1={b64(mac(SECRET.encode(), SECONDS.encode(), b'.', BODY))}"},
    "calcom": {"X-Cal-Signature-256": b64(mac(SECRET.encode(), BODY))},
    "acuity": {"X-Acuity-Signature": mac(SECRET.encode(), BODY).hex()},
    "square": {"x-square-hmacsha256-signature": mac(SECRET.encode(), URL.encode(), BODY).hex()},
    "zenoti": {"zenoti-webhook-signature": f"sha256={mac(SECRET.encode(), BODY).hex()}"},
    "mindbody": {"X-Mindbody-Signature": b64(mac(SECRET.encode(), BODY))},
}


@pytest.mark.parametrize("name", WRONG_ENCODINGS)
def test_the_right_digest_in_the_wrong_writing_is_refused(name: str) -> None:
    """The right digest in another encoding or without its prefix is refused."""
    with pytest.raises(SignatureError):
        verify(SCHEMES[name], delivery(WRONG_ENCODINGS[name]), [SECRET], NOW)


def test_calcoms_placeholder_signature_is_refused() -> None:
    """Cal.com's literal for a webhook without a secret is refused, and the message says where to set one."""
    with pytest.raises(SignatureError, match="has no secret set"):
        verify(SCHEMES["calcom"], delivery({"X-Cal-Signature-256": "no-secret-provided"}), [SECRET], NOW)


def test_squares_url_is_the_configured_one() -> None:
    """Square's signature over another URL is refused, so proxies cannot change what is verified."""
    secret, headers = BY_HAND["square"]
    other = RawDelivery(body=BODY, headers=headers, url="http://10.0.0.1/webhooks")
    with pytest.raises(SignatureError, match="does not match"):
        verify(SCHEMES["square"], other, [secret], NOW)


def test_several_signatures_in_one_header_are_tried() -> None:
    """A vendor that rotates its own secret sends two v1 values, and one match is enough."""
    secret, headers = BY_HAND["calendly"]
    first = headers["calendly-webhook-signature"].replace(",v1=", f",v1={'0' * 64},v1=")
    assert verify(SCHEMES["calendly"], delivery({"Calendly-Webhook-Signature": first}), [secret], NOW)


def test_probes_are_answered_without_a_signature() -> None:
    """Zenoti's empty test post and Mindbody's HEAD call are probes."""
    empty = delivery({}, b"")
    assert verify(SCHEMES["zenoti"], empty, [], NOW).probe
    assert verify(SCHEMES["mindbody"], delivery({}, b"", "HEAD"), [], NOW).probe
    with pytest.raises(SignatureError):
        verify(SCHEMES["mindbody"], empty, [SECRET], NOW)


def test_a_secret_that_is_not_base64_names_the_mend() -> None:
    """Boulevard's secret is base64; another text is refused with a message that says so."""
    _, headers = BY_HAND["boulevard"]
    with pytest.raises(SignatureError, match="not base64"):
        verify(SCHEMES["boulevard"], delivery(headers), ["not base64!"], NOW)


@pytest.mark.parametrize("name", SCHEMES)
def test_sign_is_the_mirror_of_verify(name: str) -> None:
    """What `sign` makes is what the vendor would have sent."""
    secret, headers = BY_HAND[name]
    made = sign(SCHEMES[name], BODY, secret, now=NOW, url=URL, message_id="msg_1")
    assert verify(SCHEMES[name], delivery(made), [secret], NOW)
    if name not in ("boulevard", "zenoti"):
        assert {key.lower(): value for key, value in made.items()} == {
            key.lower(): value for key, value in headers.items()
        }


@pytest.mark.parametrize("value", ["ñ" * 44, "v1,ñ", "t=1,v1=ñ", "\udcff"])
@pytest.mark.parametrize("name", SCHEMES)
def test_headers_outside_ascii_are_refused(name: str, value: str) -> None:
    """A header with other than ASCII characters is refused as unreadable."""
    with pytest.raises(SignatureError, match="unreadable"):
        verify(SCHEMES[name], delivery({SCHEMES[name].header: value}), [KEY64], NOW)


def test_junk_inside_a_signature_is_refused() -> None:
    """Characters outside the base64 alphabet are not skipped."""
    secret, headers = BY_HAND["acuity"]
    value = headers["X-Acuity-Signature"]
    with pytest.raises(SignatureError, match="not written as base64"):
        verify(SCHEMES["acuity"], delivery({"X-Acuity-Signature": f"{value[:4]}!{value[4:]}"}), [secret], NOW)


def test_a_clinic_fills_in_its_own_row() -> None:
    """The generic system takes another header, encoding and signed string from the clinic's options."""
    options = {"header": "X-Sig", "prefix": "sha256=", "encoding": "base64", "signed": "body"}
    headers = {"x-sig": f"sha256={b64(mac(SECRET.encode(), BODY))}"}
    assert verify(scheme_of("generic", options), delivery(headers), [SECRET], NOW).signed_at is None


@pytest.mark.parametrize(
    "options",
    [
        {"scheme": "none"},
        {"encoding": "rot13"},
        {"header": " "},
        {"tolerance_seconds": "0"},
        {"salt_header": "", "signed": "salt_body"},
    ],
)
def test_an_option_that_cannot_be_is_named(options: dict[str, str]) -> None:
    """An option with a value outside the table is refused by its name."""
    with pytest.raises(BadInputError, match=next(iter(options))):
        scheme_of("generic", options)


@given(name=st.sampled_from(sorted(SCHEMES)), text=st.text(max_size=80), body=st.binary(max_size=80))
def test_garbage_never_crashes(name: str, text: str, body: bytes) -> None:
    """Whatever stands in the headers and the body, the answer is a SignatureError."""
    scheme = SCHEMES[name]
    headers = {scheme.header: text, scheme.salt_header: text, "webhook-id": text, "webhook-timestamp": text}
    raw = delivery(headers, body or b"x")
    with pytest.raises(SignatureError):
        verify(scheme, raw, [KEY64], NOW)


@given(name=st.sampled_from(TIMED), text=st.text(max_size=40), body=st.binary(max_size=80))
def test_garbage_beside_a_valid_time_never_crashes(name: str, text: str, body: bytes) -> None:
    """With a valid time too, garbage ends in a SignatureError."""
    scheme = SCHEMES[name]
    value = f"v1,{text}" if name == "standard_webhooks" else f"t={SECONDS},v1={text}"
    headers = {scheme.header: value, scheme.salt_header: SALT, "webhook-id": text, "webhook-timestamp": SECONDS}
    with pytest.raises(SignatureError):
        verify(scheme, delivery(headers, body), [KEY64], NOW)
