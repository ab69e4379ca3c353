"""Words that turn a sign round: their concepts, and which of them are free to do it."""

from collections.abc import Collection, Sequence

from domain.replies.patterns import Hit
from domain.replies.rulebook import RuleBook
from domain.replies.text import Token

REACH = 6
"""Words over which a denial reaches without a list."""
NEGATOR = "negator"
TRAILING = "trailing"
GONE = "gone"
PERSISTS = "persists"
HYPOTHETICAL = "hypothetical"
DOUBTED = "doubted"
ASKED = "asked"
OTHER_SUBJECT = "other_subject"
NEVER_CAME = "never_came"
THOUGHT = "thought"
"""What was taken for a sign and was none: "thought it was pus, turned out to be cream"."""
NOT_ME = "not_me"
FIRST_DAYS = "first_days"
"""When every treated skin is red and swollen: "hot the first night, calm ever since"."""
UNTIL_NOW = "until_now"
"""What ends a denial: "no blisters until this morning"."""
JUST_NOW = "just_now"
"""When a red flag was there, that is too near for it to be over: "fainted this morning, fine now"."""
RETRACTED = "retracted"
"""What takes a denial back: "no blisters. well, four"."""
MISTAKEN = "mistaken"
"""What a supposed sign really was: "the white stuff was toothpaste"."""
HELPERS = frozenset(
    {NEGATOR, TRAILING, GONE, HYPOTHETICAL, DOUBTED, THOUGHT, OTHER_SUBJECT, ASKED, NEVER_CAME, NOT_ME}
    | {FIRST_DAYS, UNTIL_NOW, RETRACTED, MISTAKEN}
)
LAUGHTER = frozenset({"lol", "lmao", "haha", "hahaha", "jaja", "jajaja", "thanks", "thank", "god", "gracias", "dios"})
"""Words that may follow a denial without adding to it: "crusty? no lol"."""


def free_helpers(hits: Sequence[Hit], tokens: Sequence[Token], book: RuleBook) -> list[Hit]:
    """Helpers that are not part of a longer phrase with a meaning of its own ('not going away') within one clause."""
    without = book.transparent | {NEVER_CAME}
    phrases = [hit for hit in hits if hit.end - hit.start > 1 and hit.concept not in without]
    longer = [hit for hit in phrases if tokens[hit.start].clause == tokens[hit.end - 1].clause]
    return [
        helper
        for helper in hits
        if helper.concept in HELPERS
        and not any(
            phrase.start <= helper.start
            and helper.end <= phrase.end
            and phrase.concept != helper.concept
            and phrase.end - phrase.start > helper.end - helper.start
            for phrase in longer
        )
    ]


def closes(helper: Hit, tokens: Sequence[Token], trailing: Collection[str]) -> bool:
    """Is it the last of its clause but for words of `trailing`?"""
    clause = tokens[helper.start].clause
    return all(token.clause != clause or token.word in trailing for token in tokens[helper.end :])
