"""A clinic's booking systems, checked when its file is applied: what would refuse every delivery is refused here."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bookings.registry import ADAPTERS
from bookings.signatures import sign
from domain.clinic import BookingSource, Clinic
from domain.errors import BadInputError, HealgateError
from worker.assemble import named_secret


def check_sources(clinic: Clinic) -> None:
    """BadInputError with one line per mistake: unknown systems and options, missing, blank or unusable secrets."""
    mistakes = [
        f"sources.{name}: {mistake}" for name, source in clinic.sources.items() for mistake in _mistakes(source)
    ]
    if mistakes:
        raise BadInputError("\n".join(mistakes))


def _mistakes(source: BookingSource) -> Iterator[str]:
    if source.system not in ADAPTERS:
        yield f"{source.system!r} is no booking system; known are {', '.join(sorted(ADAPTERS))}"
        return
    if not source.secret_names or not all(name.strip() for name in source.secret_names):
        yield "secret_names is empty: name the variable that holds the signing secret; no delivery is taken without one"
        return
    secrets = {name: secret for name in source.secret_names if (secret := named_secret(name)) is not None}
    if not secrets:
        yield (
            f"none of {', '.join(source.secret_names)} is set here: set the signing secret, "
            "and apply the file where the API's environment is"
        )
    for name, secret in secrets.items():
        yield from _unusable(source, name, secret)
    token = source.options.get("api_token_name")
    if token and not (named_secret(token) or "").strip():
        yield f"option 'api_token_name': {token} is not set here: set the API credential"


def _unusable(source: BookingSource, name: str, secret: str) -> Iterator[str]:
    """Signing tries what verifying would need: the options and the secret's form."""
    try:
        sign(ADAPTERS[source.system].scheme(source.options), b"{}", secret, now=datetime.now(UTC))
    except HealgateError as error:
        yield f"{name}: {error}"
