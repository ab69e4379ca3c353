"""What is over: which signs are gone, and when they were there."""

from collections.abc import Sequence
from itertools import takewhile

from domain.replies.helpers import GONE, JUST_NOW, LAUGHTER, OTHER_SUBJECT, REACH, UNTIL_NOW, closes
from domain.replies.patterns import Hit
from domain.replies.rulebook import RuleBook
from domain.replies.text import Token

NOW = frozenset({"now", "already", "again", "completely", "fully", "totally", "ago", "ya", "ahora", "hoy", "hace"})
"""Words that may follow the end of a sign: "it's gone now"."""
STILL = frozenset({"still", "sigue", "siguen", "todavia", "aun"})
"""Words behind a sign that say it is there: "the swelling is still there, done on Monday"."""
BECAME = frozenset({"gone"})
"""Words for what is over that mean "became" where a sign follows them."""
DEGREES = frozenset({"quite", "all", "very", "so", "too", "really", "right", "a", "bit", "pretty", "rather", "kinda"})
"""Words that may stand between: "gone quite pink"."""
LEADING = frozenset({"used", "the", "el", "la", "lo", "los", "las"})
"""Words at the edge of a phrase that says what follows is over: "used to be red", "se me fue la costra"."""
JUST_REACH = 4
"""Words between a sign and the hour when it was there."""


def is_over(gone: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Is the sign what is over: "the blisters all healed", "stopped being red", but not "all healed, can't breathe"?"""
    if gone.start <= hit.start and hit.end <= gone.end:
        return True
    if hit.start == gone.end:
        return tokens[hit.start].clause == tokens[gone.start].clause
    leads = not LEADING.isdisjoint({tokens[gone.start].word, tokens[gone.end - 1].word})
    return not leads and 0 <= gone.start - hit.end <= 9


def surely_over(gone: Hit, tokens: Sequence[Token]) -> bool:
    """Is it the last of its clause and so surely means an end: "it's gone now", but not "gone the colour of honey"?"""
    return closes(gone, tokens, LAUGHTER | NOW)


def over_for_other(hit: Hit, gone: Hit, helpers: Sequence[Hit]) -> bool:
    """Is it somebody else's sign that is over: "a crust like my son had on his face last month"?"""
    return any(one.concept == OTHER_SUBJECT and hit.end <= one.start and one.end <= gone.start for one in helpers)


def only_asked(helper: Hit, tokens: Sequence[Token]) -> bool:
    """Is it asked whether the sign is over: "blisters gone? nope"?"""
    last = tokens[helper.end - 1]
    return last.asked and (helper.concept == GONE or last.word in BECAME)


def became(helper: Hit, signs: set[int], tokens: Sequence[Token]) -> bool:
    """Is it a word for what is over that means "became" here: "gone blurry", "gone quite pink"?"""
    if helper.concept != GONE or tokens[helper.start].word not in BECAME:
        return False
    degrees = list(takewhile(lambda at: tokens[at].word in DEGREES, range(helper.end, len(tokens))))
    return _a_bit(degrees, tokens) or not signs.isdisjoint({helper.end, *(at + 1 for at in degrees)})


def _a_bit(degrees: Sequence[int], tokens: Sequence[Token]) -> bool:
    """Does "a bit" lead to what it became, whatever that is: "gone a bit soft focus", but not "gone a bit"?"""
    if [tokens[at].word for at in degrees] != ["a", "bit"]:
        return False
    after = degrees[-1] + 1
    return after < len(tokens) and tokens[after].clause == tokens[after - 1].clause


def came_at_last(helper: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Is the denial over: "no pus until last night", "no pus last week. I do now"?"""
    later = tokens[helper.start].sentence - tokens[hit.start].sentence
    opens = later == 1 and tokens[helper.start - 1].sentence != tokens[helper.start].sentence
    return helper.concept == UNTIL_NOW and (later == 0 or opens) and 0 <= helper.start - hit.end <= REACH


def just_now(helper: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Was the sign there within the day: "bit of pus this morning", "last night I fainted"?"""
    near = 0 <= helper.start - hit.end <= JUST_REACH or 0 <= hit.start - helper.end <= JUST_REACH
    return helper.concept == JUST_NOW and near and tokens[helper.start].clause == tokens[hit.start].clause


def lasts(hit: Hit, lasting: Sequence[Hit], tokens: Sequence[Token]) -> bool:
    """Do words beside the sign say that it is still there: "still red, two weeks went by", "swelling still there"?"""
    return any(
        0 <= hit.start - one.end <= 2 or (0 <= one.start - hit.end <= 2 and tokens[one.start].word in STILL)
        for one in lasting
    )


def of_the_sign(gone: Hit, hit: Hit, tokens: Sequence[Token], book: RuleBook) -> bool:
    """Is it the sign that is over, not the skin: "can't breathe well, cheeks are healed"?"""
    if hit.concept not in book.own or gone.start < hit.start:
        return True
    between = range(hit.end, gone.start)
    return tokens[gone.start].clause == tokens[hit.start].clause or len(between) <= 1
