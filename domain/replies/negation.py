"""Which words are denied, gone or only imagined."""

from collections.abc import Sequence
from enum import Enum, auto

from domain.replies.ended import (
    became,
    came_at_last,
    is_over,
    just_now,
    lasts,
    of_the_sign,
    only_asked,
    over_for_other,
    surely_over,
)
from domain.replies.helpers import (
    ASKED,
    DOUBTED,
    FIRST_DAYS,
    GONE,
    HELPERS,
    HYPOTHETICAL,
    JUST_NOW,
    LAUGHTER,
    MISTAKEN,
    NEGATOR,
    NEVER_CAME,
    NOT_ME,
    OTHER_SUBJECT,
    PERSISTS,
    REACH,
    RETRACTED,
    THOUGHT,
    TRAILING,
    UNTIL_NOW,
    closes,
    free_helpers,
)
from domain.replies.others import back_to_writer, may_be_others, said_of_other
from domain.replies.patterns import Hit
from domain.replies.rulebook import NegationWords, RuleBook
from domain.replies.text import Token, fold

FAR = 40
"""Words beyond which nothing turns a sign round; without it a text of a thousand "no" would take minutes."""
LONGEST_QUESTION = 5
"""Words of a question that names a sign ("any pus? no"); a longer one asks something else."""
ONLY_TRAILING = frozenset({"none", "nope", "nil", "negative", "zero", "ninguno", "ninguna", "cero", "nada"})
"""Words of a list in which each sign is denied behind it."""
AND = frozenset({"and", "y", "et", "e", "und", "&"})
WITHOUT = frozenset({"without", "sin"})
CANNOT = frozenset(
    {"cant", "cannot", "couldnt", "dont", "never", "hardly", "barely", "not", "no", "ni", "nunca", "apenas", "wont"}
)
"""Words before "without" that turn it round."""
WITHOUT_REACH = 10
"""Words between the two."""
GUESSED = "guessed"
"""What makes it a guess what a sign really was, which turns no sign round: "must be the pillow"."""
GUESS_REACH = 2
"""Words between a guess and what is guessed."""


class Standing(Enum):
    """How a concept stands in the text."""

    PRESENT = auto()
    DENIED = auto()
    SOFT = auto()
    """Past, doubted or imagined: worth a look, not an alarm."""
    OVER = auto()
    """Past, if the word means that: worth a look where the skin is well now, an alarm where no word says so."""
    FOREIGN = auto()
    """Said of somebody else, as the reason to move a visit or beside good news of the writer's own skin."""


class Denials:
    """Reads the standing of hits for one language."""

    def __init__(self, words: NegationWords) -> None:
        self._enders, self._joiners, self._listed, self._tails, self._contrast, self._subordinate = (
            frozenset(fold(word) for word in group)
            for group in (
                words.enders,
                words.joiners,
                words.listed,
                words.tails,
                words.contrast,
                words.subordinate,
            )
        )
        self._since = frozenset(fold(word) for word in words.since)
        self._grace = words.grace
        self._nominal = frozenset(fold(word) for word in words.nominal)

    def standing(self, hits: Sequence[Hit], tokens: Sequence[Token], book: RuleBook) -> dict[Hit, Standing]:
        """The standing of every hit that is no helper."""
        signs = {hit.start for hit in hits if hit.concept in book.symptoms}
        free = free_helpers(hits, tokens, book)
        helpers = [
            one for one in free if not (became(one, signs, tokens) or _guessed(one, hits) or only_asked(one, tokens))
        ]
        negators = [hit for hit in helpers if hit.concept == NEGATOR and not self._denies_twice(hit, signs, tokens)]
        denied = {at for hit in negators for at in self._reach(hit, tokens)}
        of_qualities = {at for hit in negators if not self._names(hit, tokens) for at in self._reach(hit, tokens)}
        said = {hit.concept for hit in hits}
        of_others = may_be_others(said, book)
        lasting = [hit for hit in hits if hit.concept == PERSISTS]
        over = not lasting and (GONE in said or not said.isdisjoint(book.positive))
        retracting = [one for one in helpers if one.concept == RETRACTED and _counts(one, signs, tokens)]
        times = [hit for hit in hits if hit.concept in {UNTIL_NOW, JUST_NOW} or (over and hit.concept == FIRST_DAYS)]
        found: dict[Hit, Standing] = {}
        for hit in hits:
            if hit.concept in HELPERS:
                continue
            reached = of_qualities if hit.concept in book.positive else denied
            near = hit.concept in book.grave_today and any(just_now(one, hit, tokens) for one in times)
            ends = not near and not lasts(hit, lasting, tokens)
            fitting = [one for one in helpers if one.concept != GONE or (ends and of_the_sign(one, hit, tokens, book))]
            standing = self._timed(hit, self._one(hit, reached, fitting, tokens, book), times, tokens, book)
            if standing is Standing.DENIED and any(0 <= one.start - hit.end <= REACH for one in retracting):
                standing = Standing.PRESENT
            foreign = (of_others or said_of_other(hit, helpers)) and not back_to_writer(hit, hits, tokens)
            foreign = foreign and hit.concept not in book.own
            found[hit] = Standing.PRESENT if standing is Standing.FOREIGN and not foreign else standing
        return found

    def _denies_twice(self, negator: Hit, signs: set[int], tokens: Sequence[Token]) -> bool:
        """Does it come with the sign: "can't walk without gasping", but not "no pain without heat"?"""
        if tokens[negator.start].word not in WITHOUT:
            return False
        for at in range(negator.start - 1, max(negator.start - WITHOUT_REACH, 0) - 1, -1):
            token = tokens[at]
            if token.clause != tokens[negator.start].clause or at in signs or token.word in AND | self._contrast:
                return False
            if token.word in CANNOT:
                return True
        return False

    def _one(self, hit: Hit, denied: set[int], helpers: list[Hit], tokens: Sequence[Token], book: RuleBook) -> Standing:
        if hit.concept in book.undeniable:
            return Standing.PRESENT
        if hit.start in denied or (hit.concept in book.symptoms and _trailed(hit, helpers, tokens)):
            return Standing.DENIED
        if hit.concept in book.positive:
            return Standing.DENIED if any(_ahead(DOUBTED, one, hit) for one in helpers) else Standing.PRESENT
        if hit.concept in book.askable:
            return _of_exposure(hit, helpers)
        standing = self._softened(hit, [one for one in helpers if one.concept != ASKED], tokens, denied)
        if hit.concept in book.symptoms or (standing is Standing.FOREIGN and hit.concept in book.shadowed):
            return standing
        return Standing.PRESENT

    def _timed(
        self, hit: Hit, standing: Standing, times: Sequence[Hit], tokens: Sequence[Token], book: RuleBook
    ) -> Standing:
        """The standing after what the text says of when the sign was there."""
        if hit.concept not in book.positive and standing in {Standing.DENIED, Standing.SOFT, Standing.OVER}:
            standing = Standing.PRESENT if any(came_at_last(one, hit, tokens) for one in times) else standing
        if hit.concept in book.expected and any(self._in_first_days(one, hit, tokens) for one in times):
            return Standing.DENIED
        return standing

    def _in_first_days(self, helper: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
        """Was the sign there in the first days alone: "red the first night", not "red since the first night"?"""
        if helper.concept != FIRST_DAYS or tokens[helper.start].sentence != tokens[hit.start].sentence:
            return False
        if helper.start and tokens[helper.start - 1].word in self._since:
            return False
        if 0 <= helper.start - hit.end <= REACH:
            return not any(token.word in self._contrast for token in tokens[hit.end : helper.start])
        return tokens[helper.start].clause == tokens[hit.start].clause and 0 <= hit.start - helper.end <= REACH

    def _names(self, negator: Hit, tokens: Sequence[Token]) -> bool:
        """Does the negator deny things but no qualities: 'no, all good' says good?"""
        return tokens[negator.start].word in self._nominal and negator.end == negator.start + 1

    def _reach(self, negator: Hit, tokens: Sequence[Token]) -> range:
        """Places that one negator denies."""
        first = at = negator.end
        if at >= len(tokens) or tokens[at].clause != tokens[at - 1].clause:
            return range(0)
        limit = first + REACH
        while at < min(len(tokens), limit) and tokens[at].sentence == tokens[first].sentence:
            if tokens[at].word in WITHOUT or (tokens[at].word in self._enders and at - first >= self._grace):
                break
            if at > first and self._new_item(tokens, at) and not self._list_goes_on(tokens, at):
                break
            if tokens[at].word in self._joiners or tokens[at].word in self._listed:
                limit = at + REACH
            at += 1
        return range(first, at)

    def _new_item(self, tokens: Sequence[Token], at: int) -> bool:
        return tokens[at].clause != tokens[at - 1].clause or tokens[at].word in AND

    def _list_goes_on(self, tokens: Sequence[Token], at: int) -> bool:
        first = at + (tokens[at].clause == tokens[at - 1].clause)
        for place, token in enumerate(tokens[first : at + REACH]):
            if token.sentence != tokens[at].sentence or token.word in self._enders:
                return False
            if token.word in self._joiners:
                return place <= 3
            if token.word in self._listed:
                return place <= 1 and self._is_bare(tokens, first + place)
        return False

    def _is_bare(self, tokens: Sequence[Token], at: int) -> bool:
        """Is the sign only named: "no pain, swelling at all" is a list, "no pain, swelling got worse" is news?"""
        for token in tokens[at + 1 :]:
            if token.clause != tokens[at].clause or token.word in self._joiners or token.word in AND:
                return True
            if token.word not in self._listed and token.word not in self._tails:
                return False
        return True

    def _softened(self, hit: Hit, helpers: list[Hit], tokens: Sequence[Token], denied: set[int]) -> Standing:
        for helper in helpers:
            if max(helper.start - hit.end, hit.start - helper.end) > FAR or helper.start in denied:
                continue
            if tokens[helper.start].sentence != tokens[hit.start].sentence:
                continue
            between = tokens[hit.end : helper.start] if helper.concept == GONE else tokens[helper.end : hit.start]
            if any(token.word in self._parting(helper) for token in between):
                continue
            if helper.concept == NOT_ME and 0 <= helper.start - hit.end <= 4:
                return Standing.FOREIGN
            if helper.concept == OTHER_SUBJECT and -1 <= hit.start - helper.end <= REACH:
                return Standing.FOREIGN
            if helper.concept == GONE and is_over(helper, hit, tokens) and not over_for_other(hit, helper, helpers):
                return Standing.SOFT if surely_over(helper, tokens) else Standing.OVER
            if helper.concept in {HYPOTHETICAL, DOUBTED} and _leads_to(helper, hit, tokens):
                return Standing.DENIED if _never_came(hit, helpers) else Standing.SOFT
            if _taken_for_it(helper, hit, helpers):
                return Standing.DENIED
        return Standing.PRESENT

    def _parting(self, helper: Hit) -> frozenset[str]:
        """Words behind which a helper says nothing more of a sign: "read about infections because mine oozes"."""
        if helper.concept == GONE:
            return self._subordinate
        return self._contrast | self._subordinate if helper.concept in {HYPOTHETICAL, DOUBTED} else self._contrast


def _leads_to(helper: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Does what is only imagined go on to the sign: "might get blisters", but not "said I might, got blisters"?"""
    goes_on = hit.start < helper.end or tokens[helper.end].clause == tokens[helper.end - 1].clause
    return goes_on and 0 <= hit.start - helper.end <= 5


def _taken_for_it(helper: Hit, hit: Hit, helpers: Sequence[Hit]) -> bool:
    """Was something else taken for the sign: "looked like pus, turned out to be cream"?"""
    if helper.concept == MISTAKEN:
        return 0 <= helper.start - hit.end <= REACH
    return helper.concept == THOUGHT and 0 <= hit.start - helper.end <= 5 and _never_came(hit, helpers)


def _guessed(helper: Hit, hits: Sequence[Hit]) -> bool:
    """Is it only a guess what the sign really was: "oozing, I think just the cream"?"""
    return helper.concept == MISTAKEN and any(
        one.concept == GUESSED and 0 <= helper.start - one.end <= GUESS_REACH for one in hits
    )


def _counts(retracted: Hit, signs: set[int], tokens: Sequence[Token]) -> bool:
    """Does it count the denied sign, and not lead to another one: "no blisters. well, a bit dry"?"""
    clause = [at for at in range(retracted.end, len(tokens)) if tokens[at].clause == tokens[retracted.end - 1].clause]
    return signs.isdisjoint(clause)


def _of_exposure(hit: Hit, helpers: Sequence[Hit]) -> Standing:
    """A treatment or medicine may be somebody else's ("my sister had a peel") or only asked about."""
    if any(one.concept == OTHER_SUBJECT and one.start < hit.start <= one.end + REACH for one in helpers):
        return Standing.FOREIGN
    return Standing.SOFT if any(_ahead(ASKED, one, hit) for one in helpers) else Standing.PRESENT


def _never_came(hit: Hit, helpers: Sequence[Hit]) -> bool:
    """Does the text go on to say that what was feared did not happen?"""
    return any(one.concept == NEVER_CAME and 0 <= one.start - hit.end <= REACH for one in helpers)


def _ahead(concept: str, helper: Hit, hit: Hit) -> bool:
    return helper.concept == concept and 0 <= hit.start - helper.end <= 4


def _ends(helper: Hit, tokens: Sequence[Token]) -> bool:
    """Is it the last of its clause, or one of a row: "fever none swelling none"?"""
    if closes(helper, tokens, LAUGHTER):
        return True
    word = tokens[helper.start].word
    return word in ONLY_TRAILING and any(token.word == word for token in tokens[helper.end : helper.end + 3])


def _trailed(hit: Hit, helpers: list[Hit], tokens: Sequence[Token]) -> bool:
    """Is the hit denied by a word right behind it that ends the clause ('fever no')?"""
    return any(
        helper.concept == TRAILING
        and helper.start == hit.end
        and _ends(helper, tokens)
        and _answers(helper, hit, tokens)
        for helper in helpers
    )


def _answers(helper: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Parted by a stop, a denial answers a question ("pus? no") or a bare name ("fever, none. pus. none.") only."""
    named, denial = tokens[hit.end - 1], tokens[helper.start]
    if named.clause == denial.clause:
        return True
    if named.asked and sum(token.sentence == named.sentence for token in tokens) <= LONGEST_QUESTION:
        return True
    bare = hit.start == 0 or tokens[hit.start - 1].clause != named.clause
    ends = helper.end == len(tokens) or tokens[helper.end].sentence != denial.sentence
    return bare and (ends or named.sentence == denial.sentence)
