"""Days told by two weekdays or two dates: "laser was Monday, it's Friday and the puffiness hasn't budged"."""

from collections.abc import Iterable, Mapping, Sequence

from domain.replies.patterns import Hit
from domain.replies.text import Token

PAST = {3: "past_three_days", 5: "past_five_days"}
"""Concepts by the days beyond which they hold; the lexicons name the same by counts ("day 6")."""
ORDINAL = frozenset({"st", "nd", "rd", "th"})
"""What stands behind a number that is a date."""
NEXT = frozenset({"next", "following", "siguiente", "otro"})
"""Before a weekday that was named already: "tues needling, next tues" is a week, "Monday, Monday night" is none."""
WEEK = 7
MONTH = 30
"""Days that are added where the later date is the smaller number."""


def elapsed(tokens: Sequence[Token], weekdays: Mapping[str, int]) -> Iterable[Hit]:
    """Hits of the concepts that the days between the first and the last weekday, or date, of the text meet."""
    named = [(at, weekdays[token.word]) for at, token in enumerate(tokens) if token.word in weekdays]
    dated = [(at, int(token.word)) for at, token in enumerate(tokens[:-1]) if _is_date(token, tokens[at + 1])]
    for days, length in ((named, WEEK), (dated, MONTH)):
        if len(days) > 1:
            at, last = days[-1]
            again = length if tokens[at - 1].word in NEXT else 0
            past = (last - days[0][1]) % length or again
            yield from (Hit(concept, at, at + 1) for least, concept in PAST.items() if past > least)


def _is_date(token: Token, after: Token) -> bool:
    return token.word.isdigit() and len(token.word) < 3 and after.word in ORDINAL
