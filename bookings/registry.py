"""All booking systems that Healgate understands, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bookings import acuity, boulevard, calcom, calendly, fhir, generic, mindbody, square, zenoti
from bookings.delivery import Parsed, Probe, RawDelivery, lacks_start
from bookings.schemes import SignatureScheme, scheme_of
from domain.errors import BadInputError


class BookingAdapter(Protocol):
    """One booking system."""

    @property
    def name(self) -> str: ...

    def scheme(self, options: Mapping[str, str]) -> SignatureScheme:
        """How this source signs, given the clinic's options for it (BadInputError for an option that cannot be)."""
        ...

    def parse(self, raw: RawDelivery) -> Parsed:
        """What the delivery says, once its signature is verified; raises nothing but BadInputError."""
        ...


@dataclass(frozen=True)
class Adapter:
    """A row of the signature table and a parser."""

    name: str
    parser: Callable[[RawDelivery], Parsed]

    def scheme(self, options: Mapping[str, str]) -> SignatureScheme:
        return scheme_of(self.name, options)

    def parse(self, raw: RawDelivery) -> Parsed:
        parsed = self.parser(raw)
        if not isinstance(parsed, Probe) and any(lacks_start(event) for event in parsed):
            raise BadInputError("the booking has no start: send its start time")
        return parsed


_ADAPTERS = (
    Adapter("generic", generic.parse),
    Adapter("calcom", calcom.parse),
    Adapter("calendly", calendly.parse),
    Adapter("acuity", acuity.parse),
    Adapter("square", square.parse),
    Adapter("fhir", fhir.parse),
    Adapter("boulevard", boulevard.parse),
    Adapter("zenoti", zenoti.parse),
    Adapter("mindbody", mindbody.parse),
)

ADAPTERS: Mapping[str, BookingAdapter] = {adapter.name: adapter for adapter in _ADAPTERS}
