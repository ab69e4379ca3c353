"""Who opened a patient's link, as far as the link still counts."""

from dataclasses import dataclass
from datetime import datetime

from api.parts import ApiParts
from api.patient.words import DEFAULT, Words, words_in
from domain.clinic import Clinic
from domain.errors import HealgateError, NotFoundError
from domain.patient import Patient
from domain.records import Link, LinkKind


class LinkGoneError(HealgateError):
    """The link is unknown (no clinic), or does not count any more."""

    def __init__(self, words: Words, clinic: Clinic | None = None) -> None:
        super().__init__("this link does not count")
        self.words = words
        self.clinic = clinic


@dataclass(frozen=True)
class Visitor:
    """A valid link with what belongs to it."""

    link: Link
    clinic: Clinic
    patient: Patient

    @property
    def words(self) -> Words:
        return words_in(self.patient.locale)


async def visitor_of(parts: ApiParts, token: str, kind: LinkKind) -> Visitor:
    """The visitor, or LinkGoneError. A token of another kind is as unknown as one that never was."""
    try:
        link = await parts.store.links.get(token)
    except NotFoundError:
        raise LinkGoneError(words_in(DEFAULT)) from None
    if link.kind is not kind:
        raise LinkGoneError(words_in(DEFAULT))
    clinic = await parts.store.clinics.get(link.clinic_id)
    patient = await parts.store.patients.get(link.clinic_id, link.patient_id)
    visitor = Visitor(link, clinic, patient)
    if not _counts(link, parts.clock()):
        raise LinkGoneError(visitor.words, clinic)
    return visitor


def _counts(link: Link, now: datetime) -> bool:
    return link.revoked_at is None and (link.expires_at is None or link.expires_at > now)
