"""Verifying and making webhook signatures over raw bytes, by the rows of `bookings.schemes`."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from bookings.delivery import RawDelivery
from bookings.schemes import Encoding, KeyDecoding, ProbeRule, SignatureScheme, SignedString, TimeSource
from domain.errors import SignatureError

_DASHED = re.compile(r"[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){31}")
_SECONDS = re.compile(r"[0-9]{9,11}")

_NOT_SECRETS = frozenset({"no-secret-provided"})
"""Cal.com puts this where a signature belongs when no secret is set there."""


@dataclass(frozen=True)
class Verified:
    """The delivery is the vendor's own (or a `probe`: answer 2xx, store nothing)."""

    signed_at: datetime | None = None
    """The signed time, where the vendor signs one."""
    probe: bool = False


def verify(scheme: SignatureScheme, raw: RawDelivery, secrets: Sequence[str], now: datetime) -> Verified:
    """Whether one of the secrets (several while one is rotated) signed these bytes; SignatureError if not."""
    if _is_probe(scheme, raw):
        return Verified(probe=True)
    usable = _usable(secrets)
    presented = _presented(scheme, raw)
    signed_at = _signed_at(scheme, raw)
    if signed_at and abs(now - signed_at) > scheme.tolerance:
        raise SignatureError("the signature is too old or from the future: check the sender's clock")
    # No early end: how long it takes does not say which secret or signature came close.
    matches = [
        hmac.compare_digest(expected, given) for expected in _expected(scheme, raw, usable) for given in presented
    ]
    if not any(matches):
        raise SignatureError("the signature does not match: check the secret on both sides")
    return Verified(signed_at=signed_at)


def sign(
    scheme: SignatureScheme, body: bytes, secret: str, *, now: datetime, url: str = "", message_id: str = "msg_test"
) -> dict[str, str]:
    """The headers that a vendor with this scheme sends with `body`: the mirror of `verify`, for test calls."""
    (key,) = _usable([secret])
    seconds = str(int(now.timestamp()))
    headers = _context_headers(scheme, seconds, message_id)
    if scheme.time is TimeSource.SIGNATURE_FIELD:
        headers[scheme.header] = f"t={seconds}"
    (digest,) = _expected(scheme, RawDelivery(body=body, headers=headers, url=url), [key])
    headers[scheme.header] = _written(scheme, digest, seconds)
    return headers


def _is_probe(scheme: SignatureScheme, raw: RawDelivery) -> bool:
    if raw.header(scheme.header) or raw.body:
        return False
    wanted = ProbeRule.HEAD if raw.method.upper() == "HEAD" else ProbeRule.EMPTY_POST
    return wanted in scheme.probes


def _usable(secrets: Sequence[str]) -> list[str]:
    usable = [secret.strip() for secret in secrets if secret.strip() and secret.strip() not in _NOT_SECRETS]
    if not usable:
        raise SignatureError("no secret is set for this booking system: set one on both sides")
    return usable


def _ascii_header(raw: RawDelivery, name: str) -> str:
    value = raw.header(name)
    if not value or not value.isascii():
        raise SignatureError(f"the header {name} is missing or unreadable")
    return value


def _presented(scheme: SignatureScheme, raw: RawDelivery) -> list[bytes]:
    """The signatures in the header as bytes; several while the vendor rotates its own secret."""
    value = _ascii_header(raw, scheme.header)
    if value in _NOT_SECRETS:
        raise SignatureError("the booking system has no secret set for this webhook: set one there")
    try:
        found = [_unwritten(scheme, text) for text in _texts(scheme, value)]
    except ValueError:
        raise SignatureError(f"the header {scheme.header} is not written as {scheme.encoding}") from None
    if not found:
        raise SignatureError(f"the header {scheme.header} holds no signature")
    return found


def _texts(scheme: SignatureScheme, value: str) -> Iterator[str]:
    if scheme.signed is SignedString.STANDARD_WEBHOOKS:
        pairs = (part.partition(",") for part in value.split())
        yield from (signature for version, _, signature in pairs if version == "v1")
    elif scheme.time is TimeSource.SIGNATURE_FIELD:
        yield from (text for name, text in _pairs(value) if name == "v1")
    else:
        yield _without_prefix(scheme, value)


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    for part in value.split(","):
        name, _, text = part.partition("=")
        yield name.strip(), text.strip()


def _without_prefix(scheme: SignatureScheme, value: str) -> str:
    if scheme.encoding is not Encoding.STATIC:
        # Zenoti writes `sha256 =AA-BB`: blanks mean nothing in a signature.
        value = "".join(value.split())
    if not value.lower().startswith(scheme.prefix.lower()):
        raise ValueError("another prefix")
    return value[len(scheme.prefix) :]


def _unwritten(scheme: SignatureScheme, text: str) -> bytes:
    if scheme.encoding is Encoding.STATIC:
        return text.strip().encode()
    if scheme.encoding is Encoding.BASE64:
        return base64.b64decode(text, validate=True)
    if scheme.encoding is Encoding.DASHED_HEX and not _DASHED.fullmatch(text):
        raise ValueError("no dashed hex")
    return bytes.fromhex(text.replace("-", "") if scheme.encoding is Encoding.DASHED_HEX else text)


def _written(scheme: SignatureScheme, digest: bytes, seconds: str) -> str:
    text = _encoded(scheme.encoding, digest)
    if scheme.signed is SignedString.STANDARD_WEBHOOKS:
        return f"v1,{text}"
    return f"t={seconds},v1={text}" if scheme.time is TimeSource.SIGNATURE_FIELD else scheme.prefix + text


def _encoded(encoding: Encoding, digest: bytes) -> str:
    if encoding is Encoding.STATIC:
        return digest.decode()
    if encoding is Encoding.BASE64:
        return base64.b64encode(digest).decode()
    return digest.hex("-").upper() if encoding is Encoding.DASHED_HEX else digest.hex()


def _context_headers(scheme: SignatureScheme, seconds: str, message_id: str) -> dict[str, str]:
    if scheme.signed is SignedString.STANDARD_WEBHOOKS:
        return {"webhook-id": message_id, "webhook-timestamp": seconds}
    if scheme.signed is SignedString.SALT_BODY:
        return {scheme.salt_header: f"blvd-webhook-v1:{message_id}:{seconds}"}
    return {}


def _signed_at(scheme: SignatureScheme, raw: RawDelivery) -> datetime | None:
    if scheme.time is TimeSource.NONE:
        return None
    text = _time_text(scheme, raw)
    if not _SECONDS.fullmatch(text):
        raise SignatureError("the signature holds no time in unix seconds")
    return datetime.fromtimestamp(int(text), UTC)


def _time_text(scheme: SignatureScheme, raw: RawDelivery) -> str:
    if scheme.time is TimeSource.SIGNATURE_FIELD:
        return dict(_pairs(_ascii_header(raw, scheme.header))).get("t", "")
    if scheme.time is TimeSource.SALT:
        return _ascii_header(raw, scheme.salt_header).rpartition(":")[2]
    return _ascii_header(raw, "webhook-timestamp")


def _expected(scheme: SignatureScheme, raw: RawDelivery, secrets: Sequence[str]) -> list[bytes]:
    if scheme.encoding is Encoding.STATIC:
        return [secret.encode() for secret in secrets]
    if scheme.signed is SignedString.STANDARD_WEBHOOKS:
        return [_standard_digest(secret, raw) for secret in secrets]
    message = _message(scheme, raw)
    return [hmac.new(_key(scheme, secret), message, hashlib.sha256).digest() for secret in secrets]


def _key(scheme: SignatureScheme, secret: str) -> bytes:
    if scheme.key is KeyDecoding.UTF8:
        return secret.encode()
    try:
        key = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError("this booking system's secret is not base64: copy it again, completely") from None
    if not key:
        raise SignatureError("this booking system's secret is empty: set one on both sides")
    return key


def _message(scheme: SignatureScheme, raw: RawDelivery) -> bytes:
    if scheme.signed is SignedString.URL_BODY:
        return raw.url.encode() + raw.body
    if scheme.signed is SignedString.T_BODY:
        return f"{_time_text(scheme, raw)}.".encode() + raw.body
    if scheme.signed is SignedString.SALT_BODY:
        return f"{_ascii_header(raw, scheme.salt_header)}:".encode() + raw.body
    return raw.body


def _standard_digest(secret: str, raw: RawDelivery) -> bytes:
    # The library signs; its own verify() is not used because it reads the wall clock.
    moment = datetime.fromtimestamp(int(_ascii_header(raw, "webhook-timestamp")), UTC)
    try:
        signature = Webhook(secret).sign(_ascii_header(raw, "webhook-id"), moment, raw.body.decode())
    except (ValueError, EmptyWebhookSecretError):
        raise SignatureError("the body is not UTF-8, or the secret is not a whsec_ secret in base64") from None
    return base64.b64decode(signature.partition(",")[2])
