"""The words that a template gets for what a message speaks of."""

import re
from typing import Final

from babel import Locale

from domain.wording import MessageContext, one_line
from protocols.dates import long_visit, short_date, short_visit

__all__ = ["WORDS", "MessageContext", "one_line", "variables"]

WORDS: Final = ("clinic", "name", "names", "other", "phone", "sos", "link", "address", "unsubscribe_url")
"""Variables that are text; `when`, `day` and `gate_open` (defined only while it is) are the others."""


NO_NAME: Final = "\ufdd0"
"""Stands for the first name of somebody whose name is not known, until `without_names` takes it out."""
_ADDRESSED: Final = re.compile(f"(?<=:) {NO_NAME},|,? ?{NO_NAME}")


def without_names(text: str) -> str:
    """The text as one speaks to somebody whose name is not known: 'Glow: how is your skin?', 'Hi, this line ...'."""
    return _ADDRESSED.sub("", text)


def variables(context: MessageContext, locale: Locale, *, long: bool) -> dict[str, str]:
    """What the template sees; dates in `locale`, written out where there is room (`long`)."""
    found = {word: value for word in WORDS if (value := getattr(context, word)) or word == "clinic"}
    found.setdefault("name", NO_NAME)
    if context.when is not None:
        visit = long_visit if long else short_visit
        found["when"] = visit(context.when, context.zone, locale, context.patient_zone)
    if context.day is not None:
        found["day"] = short_date(context.day, locale)
    if context.gate_open:
        found["gate_open"] = "yes"
    return found
