"""Which rules of a country or state the quiet hours of a patient must also keep: data, read from a file."""

from typing import Final

from domain.calendar import QuietHours, RegionalHours
from domain.clinic import Clinic
from domain.messages import Frozen
from domain.patient import Patient


class QuietRules(Frozen):
    """The rules as they stand in `protocols/quiet_hours.yaml`, or in the clinic's own file of that name."""

    rules: tuple[RegionalHours, ...] = ()

    def hours_for(self, clinic: Clinic, patient: Patient) -> QuietHours:
        """The clinic's hours within those of the patient's region and country.

        A region that nobody stated is never guessed from a number: the clinic's country counts alone.
        """
        region = patient.region or clinic.country
        places = {region, region.partition("-")[0]}
        found = tuple(rule for rule in self.rules if rule.region in places)
        own = clinic.quiet_hours
        return own.model_copy(update={"regional": (*own.regional, *found)})


NO_RULES: Final = QuietRules()
"""The clinic's own hours alone."""
