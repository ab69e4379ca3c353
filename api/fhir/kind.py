"""What every kind of resource says of itself; the router and the capability statement are made from it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from fhir.resources.R4B.domainresource import DomainResource

from domain.clinic import Clinic
from store.read_model import ReadModel, Wanted

Load = Callable[[ReadModel, Clinic, Wanted], Awaitable[Sequence[DomainResource]]]

PATIENT = "patient"
STATUS = "status"
LAST_UPDATED = "_lastUpdated"
DATE = "date"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of resource."""

    name: str
    """As in the path: `CarePlan`."""
    is_our: str
    """What it shows, in our words."""
    parameters: tuple[str, ...]
    """What can be searched by, beside `_id` and `_count`."""
    statuses: Mapping[str, str]
    """State in the read model -> FHIR's status."""
    load: Load
    """Reads the wanted records as checked resources."""
