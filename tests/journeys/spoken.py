"""Texts that say their label themselves: reading words is tested elsewhere, what follows of it here."""

from domain.replies import Label, Question, Reading, ReplyReader
from tests.journeys.happenings import Says

SECRET = "Quokkaby"
"""Stands in every text, and must stand nowhere outside of the store."""


def spoken(says: Says) -> str:
    """The text of a reply."""
    call = "call_me" if says.call_me else ""
    return f"{says.label};{','.join(says.holds)};{call};says {SECRET}"


class SpokenReader(ReplyReader):
    """Reads such texts back."""

    def __init__(self) -> None:
        """No rules: the text says it all."""

    def read(
        self, text: str, *, lang: str | None = None, question: Question | None = None, media_count: int = 0
    ) -> Reading:
        label, holds, call, _ = text.split(";")
        exposures = tuple(cause for cause in holds.split(",") if cause)
        return Reading(
            label=Label(label),
            rule="spoken",
            matched=text,
            exposures=exposures,
            call_me=bool(call),
            language=lang or "",
        )
