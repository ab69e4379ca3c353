"""How each booking system signs: one row of data per system, read by `bookings.signatures`."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from pydantic import ValidationError

from domain.errors import BadInputError
from domain.messages import Frozen


class Encoding(StrEnum):
    """How the signature is written in its header."""

    HEX = "hex"
    BASE64 = "base64"
    DASHED_HEX = "dashed_hex"
    """AA-BB-CC..., as .NET's BitConverter writes bytes."""
    STATIC = "static"
    """No signature at all: the shared secret itself, compared in constant time."""


class KeyDecoding(StrEnum):
    """How the secret's text becomes key bytes."""

    UTF8 = "utf8"
    BASE64 = "base64"


class SignedString(StrEnum):
    """What is signed."""

    BODY = "body"
    URL_BODY = "url_body"
    """The configured notification URL, then the body."""
    T_BODY = "t_body"
    """The `t` of the signature header, a dot, the body."""
    SALT_BODY = "salt_body"
    """The salt header, a colon, the body."""
    STANDARD_WEBHOOKS = "standard_webhooks"
    """Message id, time and body, as the Standard Webhooks library joins them."""


class TimeSource(StrEnum):
    """Where the signed time stands; without one only remembered delivery ids stop a replay."""

    NONE = "none"
    SIGNATURE_FIELD = "signature_field"
    """`t=` of a `t=...,v1=...` header, unix seconds."""
    SALT = "salt"
    """After the salt's last colon, unix seconds."""
    HEADER = "header"
    """A header of its own, unix seconds."""


class ProbeRule(StrEnum):
    """Unsigned test calls that a vendor makes and that are answered 2xx, with nothing stored."""

    HEAD = "head"
    EMPTY_POST = "empty_post"


_TIMES = {
    SignedString.T_BODY: TimeSource.SIGNATURE_FIELD,
    SignedString.SALT_BODY: TimeSource.SALT,
    SignedString.STANDARD_WEBHOOKS: TimeSource.HEADER,
}


class SignatureScheme(Frozen):
    """One row of the table."""

    header: str
    prefix: str = ""
    """Stands before the signature; blanks around it are ignored."""
    encoding: Encoding = Encoding.HEX
    key: KeyDecoding = KeyDecoding.UTF8
    signed: SignedString = SignedString.BODY
    salt_header: str = ""
    tolerance: timedelta = timedelta(minutes=5)
    """Largest distance of the signed time from now, either way."""
    probes: tuple[ProbeRule, ...] = ()

    @property
    def time(self) -> TimeSource:
        """Where the signed time stands: it follows from what is signed, so that an unsigned time is never believed."""
        return _TIMES.get(self.signed, TimeSource.NONE)


STANDARD_WEBHOOKS = SignatureScheme(
    header="webhook-signature",
    encoding=Encoding.BASE64,
    key=KeyDecoding.BASE64,
    signed=SignedString.STANDARD_WEBHOOKS,
)

SCHEMES: Mapping[str, SignatureScheme] = {
    "generic": SignatureScheme(header="X-Healgate-Signature", signed=SignedString.T_BODY),
    "standard_webhooks": STANDARD_WEBHOOKS,
    "calcom": SignatureScheme(header="X-Cal-Signature-256"),
    # Calendly's guide: refuse what is older than about three minutes.
    "calendly": SignatureScheme(
        header="Calendly-Webhook-Signature",
        signed=SignedString.T_BODY,
        tolerance=timedelta(minutes=3),
    ),
    "acuity": SignatureScheme(header="X-Acuity-Signature", encoding=Encoding.BASE64),
    "square": SignatureScheme(
        header="x-square-hmacsha256-signature", encoding=Encoding.BASE64, signed=SignedString.URL_BODY
    ),
    # The R4 standard has no signature: the subscription sends a header that the clinic chose.
    "fhir": SignatureScheme(header="Authorization", prefix="Bearer ", encoding=Encoding.STATIC),
    "fhir_medplum": SignatureScheme(header="X-Signature"),
    "boulevard": SignatureScheme(
        header="x-blvd-hmac-sha256",
        encoding=Encoding.BASE64,
        key=KeyDecoding.BASE64,
        signed=SignedString.SALT_BODY,
        salt_header="x-blvd-hmac-salt",
    ),
    "zenoti": SignatureScheme(
        header="zenoti-webhook-signature",
        prefix="sha256=",
        encoding=Encoding.DASHED_HEX,
        probes=(ProbeRule.EMPTY_POST,),
    ),
    "mindbody": SignatureScheme(
        header="X-Mindbody-Signature", prefix="sha256=", encoding=Encoding.BASE64, probes=(ProbeRule.HEAD,)
    ),
}

_ROW_OPTIONS = ("header", "prefix", "encoding", "key", "signed", "salt_header")


def scheme_of(system: str, options: Mapping[str, str]) -> SignatureScheme:
    """The system's row, or the row that option `scheme` names, with single fields replaced by the clinic's options.

    Options: scheme, header, prefix, encoding, key, signed, salt_header, tolerance_seconds.
    Raises BadInputError for a name or value that the table does not know.
    """
    name = options.get("scheme", system)
    if name not in SCHEMES:
        raise BadInputError(f"option 'scheme': there is no such scheme; choose one of {', '.join(SCHEMES)}")
    return _checked(SCHEMES[name].model_dump() | _replaced(options))


def _replaced(options: Mapping[str, str]) -> dict[str, object]:
    replaced: dict[str, object] = {name: options[name] for name in _ROW_OPTIONS if name in options}
    if "tolerance_seconds" in options:
        replaced["tolerance"] = _tolerance(options["tolerance_seconds"])
    return replaced


def _tolerance(text: str) -> timedelta:
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 3600:
        return timedelta(seconds=int(text[:9]))
    raise BadInputError("option 'tolerance_seconds': give 1 to 3600")


def _checked(row: Mapping[str, object]) -> SignatureScheme:
    try:
        scheme = SignatureScheme.model_validate(row)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise BadInputError(f"option '{problem['loc'][0]}': {problem['msg']}") from None
    if not scheme.header.strip():
        raise BadInputError("option 'header': name the header that carries the signature")
    if scheme.signed is SignedString.SALT_BODY and not scheme.salt_header.strip():
        raise BadInputError("option 'salt_header': name the header that carries the salt")
    return scheme
