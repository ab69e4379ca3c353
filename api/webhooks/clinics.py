"""Clinics as the webhooks know them, also while the database is down."""

from typing import Annotated

from fastapi import Depends, Request

from domain.clinic import Clinic
from domain.errors import StoreUnavailableError
from domain.ports import Clinics


class RememberedClinics:
    """Reads clinics, and remembers them for an outage: without its secrets' names nothing could be verified."""

    def __init__(self, clinics: Clinics) -> None:
        self._clinics = clinics
        self._last: dict[str, Clinic] = {}

    async def get(self, clinic_id: str) -> Clinic:
        """The clinic. NotFoundError; StoreUnavailableError when it was never read before the outage."""
        try:
            clinic = await self._clinics.get(clinic_id)
        except StoreUnavailableError:
            if clinic_id not in self._last:
                raise
            return self._last[clinic_id]
        # Under its own id: what stands in a path has endless spellings.
        self._last[clinic.id] = clinic
        return clinic


async def _clinic_of(request: Request, clinic: str) -> Clinic:
    remembered: RememberedClinics = request.app.state.clinics
    return await remembered.get(clinic)


WebhookClinic = Annotated[Clinic, Depends(_clinic_of)]
