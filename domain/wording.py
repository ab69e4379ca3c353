"""What a message template may speak of, and what comes out of it."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from domain.aftercare import Care
from domain.booking import Treatment
from domain.calendar import Zone
from domain.messages import Attachment, Frozen

MAX_NAME = 30


def one_line(text: str) -> str:
    """The text without line breaks and unprintable characters."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


OneLine = Annotated[str, AfterValidator(one_line)]
FirstName = Annotated[str, AfterValidator(lambda name: one_line(name)[:MAX_NAME].rstrip())]


class CalendarEntry(Frozen):
    """One appointment as a calendar shows it. Neutral: no treatment, no reason."""

    booking_id: str
    sequence: int = Field(ge=0)
    """Must grow with every change of the booking, cancellation included, or calendars ignore it."""
    stamped_at: AwareDatetime
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    location: str = ""
    requested: bool = False
    """Asked for, and not confirmed."""
    cancelled: bool = False


class CalendarVisit(CalendarEntry):
    """An appointment in the patient's calendar, as an invitation."""

    organizer: str
    """E-mail address that the clinic sends from."""
    attendee: str
    """The patient's e-mail address."""


class CalendarDay(Frozen):
    """Something that falls on a day, and takes no time of it."""

    uid: str
    day: date
    stamped_at: AwareDatetime
    summary: str


class MessageContext(Frozen):
    """What a template may speak of. What is None or empty is not there for it: a template that needs it is refused."""

    clinic: OneLine
    zone: Zone
    """The clinic's; appointment times are told in it."""
    name: FirstName = ""
    """First name, cut to 30 characters."""
    patient_zone: Zone | None = None
    """Where its clock differs from the clinic's, times name the clinic's city."""
    when: AwareDatetime | None = None
    """Start of the visit."""
    day: date | None = None
    """When a person reads the answer: the next working day."""
    phone: OneLine = ""
    sos: OneLine = ""
    """Emergency number."""
    names: OneLine = ""
    """People who use the number, each with a digit: `1 Ana, 2 Ben`."""
    other: OneLine = ""
    """The digit that stands for none of them."""
    link: str = ""
    unsubscribe_url: str = ""
    address: OneLine = ""
    """Of the location."""
    treatment: Treatment | None = None
    standing_order: bool = False
    country: str = ""
    """ISO 3166 code of the clinic; some texts (crisis lines) differ by country."""
    gate_open: bool = False
    """Whether the gate before the step that the text speaks of is open."""
    alone: bool = False
    """The question is asked by itself, and not as the last one of a check-in."""
    care: Care | None = None
    """Of an aftercare message: its treatment, and those whose instructions may collide with its own."""
    visit: CalendarVisit | None = None
    """Put into the patient's calendar, or taken out, by an e-mail's attachment."""

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of more specific templates to look for, most specific first."""
        named = {"standing_order": self.standing_order, "alone": self.alone}
        names = [name for name, holds in named.items() if holds]
        if self.treatment is not None:
            names += [self.treatment.value, *(["laser"] if self.treatment.is_laser else [])]
        return (*names, self.country.lower()) if self.country else tuple(names)


class RenderedText(Frozen):
    """One message's words. SMS have no subject and no html."""

    body: str
    subject: str | None = None
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    template_version: str
    """Short hash of every template file that took part."""
