"""The words that a template gets for what a message speaks of."""

from typing import Final

from babel import Locale

from domain.wording import MessageContext, one_line
from protocols.dates import long_visit, short_date, short_visit

__all__ = ["WORDS", "MessageContext", "one_line", "variables"]

WORDS: Final = ("clinic", "name", "phone", "sos", "link", "address", "unsubscribe_url")
"""Variables that are text; `when` and `day` are the two others."""


def variables(context: MessageContext, locale: Locale, *, long: bool) -> dict[str, str]:
    """What the template sees; dates in `locale`, written out where there is room (`long`)."""
    found = {word: value for word in WORDS if (value := getattr(context, word)) or word in {"clinic", "name"}}
    if context.when is not None:
        visit = long_visit if long else short_visit
        found["when"] = visit(context.when, context.zone, locale, context.patient_zone)
    if context.day is not None:
        found["day"] = short_date(context.day, locale)
    return found
