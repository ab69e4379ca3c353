"""Which words are denied, gone or only imagined."""

from collections.abc import Sequence
from enum import Enum, auto
from itertools import takewhile

from domain.replies.patterns import Hit
from domain.replies.rulebook import NegationWords, RuleBook
from domain.replies.text import Token, fold

REACH = 6
"""Words over which a denial reaches without a list."""
FAR = 40
"""Words beyond which nothing turns a sign round; without it a text of a thousand "no" would take minutes."""
LONGEST_QUESTION = 5
"""Words of a question that names a sign ("any pus? no"); a longer one asks something else."""
NEGATOR = "negator"
TRAILING = "trailing"
ONLY_TRAILING = frozenset({"none", "nope", "nil", "negative", "zero", "ninguno", "ninguna", "cero", "nada"})
"""Words of a list in which each sign is denied behind it."""
LAUGHTER = frozenset({"lol", "lmao", "haha", "hahaha", "jaja", "jajaja", "thanks", "thank", "god", "gracias", "dios"})
"""Words that may follow a denial without adding to it: "crusty? no lol"."""
NOW = frozenset({"now", "already", "again", "completely", "fully", "totally", "ago", "ya", "ahora", "hoy", "hace"})
"""Words that may follow the end of a sign: "it's gone now"."""
AND = frozenset({"and", "y", "et", "e", "und", "&"})
GONE = "gone"
BECAME = frozenset({"gone"})
"""Words for what is over that mean "became" where a sign follows them."""
DEGREES = frozenset({"quite", "all", "very", "so", "too", "really", "right", "a", "bit", "pretty", "rather", "kinda"})
"""Words that may stand between: "gone quite pink"."""
LEADING = frozenset({"used", "the", "el", "la", "lo", "los", "las"})
"""Words at the edge of a phrase that says what follows is over: "used to be red", "se me fue la costra"."""
PERSISTS = "persists"
HYPOTHETICAL = "hypothetical"
DOUBTED = "doubted"
ASKED = "asked"
OTHER_SUBJECT = "other_subject"
RESCHEDULE = "reschedule"
BODY = "body"
OF_A_PATIENT = frozenset({BODY, "proxy"})
"""Who speaks of a face or writes for somebody speaks of the patient, also beside a wish to move a visit."""
PROXY = "proxy"
OWN_SKIN = "own_skin"
WRITER = "writer"
NEVER_CAME = "never_came"
THOUGHT = "thought"
"""What was taken for a sign and was none: "thought it was pus, turned out to be cream"."""
NOT_ME = "not_me"
ALSO = "also"
"""Who shares a sign with somebody has it: "my son has a fever and so do I"."""
FIRST_DAYS = "first_days"
"""When every treated skin is red and swollen: "hot the first night, calm ever since"."""
UNTIL_NOW = "until_now"
"""What ends a denial: "no blisters until this morning"."""
JUST_NOW = "just_now"
"""When a red flag was there, that is too near for it to be over: "fainted this morning, fine now"."""
MISTAKEN = "mistaken"
"""What a supposed sign really was: "the white stuff was toothpaste"."""
GUESSED = "guessed"
"""What makes that a guess, which turns no sign round: "must be the pillow"."""
JUST_REACH = 4
"""Words between a sign and the hour when it was there."""
WITHOUT = frozenset({"without", "sin"})
CANNOT = frozenset(
    {"cant", "cannot", "couldnt", "dont", "never", "hardly", "barely", "not", "no", "ni", "nunca", "apenas", "wont"}
)
"""Words before "without" that turn it round."""
FAR_BEFORE = 10
"""Words between the two."""
GUESS_REACH = 2
"""Words between a guess and what is guessed."""
HELPERS = frozenset(
    {NEGATOR, TRAILING, GONE, HYPOTHETICAL, DOUBTED, THOUGHT, OTHER_SUBJECT, ASKED, NEVER_CAME, NOT_ME}
    | {FIRST_DAYS, UNTIL_NOW, MISTAKEN}
)


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
        free = _free_helpers(hits, tokens, book)
        helpers = [
            one for one in free if not (_became(one, signs, tokens) or _guessed(one, hits) or _only_asked(one, tokens))
        ]
        negators = [hit for hit in helpers if hit.concept == NEGATOR and not self._denies_twice(hit, signs, tokens)]
        denied = {at for hit in negators for at in self._reach(hit, tokens)}
        of_qualities = {at for hit in negators if not self._names(hit, tokens) for at in self._reach(hit, tokens)}
        said = {hit.concept for hit in hits}
        of_others = _of_others(said, book)
        lasting = [hit for hit in hits if hit.concept == PERSISTS]
        over = not lasting and (GONE in said or not said.isdisjoint(book.positive))
        times = [hit for hit in hits if hit.concept in {UNTIL_NOW, JUST_NOW} or (over and hit.concept == FIRST_DAYS)]
        found: dict[Hit, Standing] = {}
        for hit in hits:
            if hit.concept in HELPERS:
                continue
            reached = of_qualities if hit.concept in book.positive else denied
            near = hit.concept in book.grave_today and any(_just_now(one, hit, tokens) for one in times)
            ends = not near and not _lasts(hit, lasting)
            fitting = [one for one in helpers if one.concept != GONE or (ends and _of_the_sign(one, hit, tokens, book))]
            standing = self._timed(hit, self._one(hit, reached, fitting, tokens, book), times, tokens, book)
            foreign = (of_others or _said_of_other(hit, helpers)) and not _back_to_writer(hit, hits, tokens)
            foreign = foreign and hit.concept not in book.own
            found[hit] = Standing.PRESENT if standing is Standing.FOREIGN and not foreign else standing
        return found

    def _denies_twice(self, negator: Hit, signs: set[int], tokens: Sequence[Token]) -> bool:
        """Does it come with the sign: "can't walk without gasping", but not "no pain without heat"?"""
        if tokens[negator.start].word not in WITHOUT:
            return False
        for at in range(negator.start - 1, max(negator.start - FAR_BEFORE, 0) - 1, -1):
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
            standing = Standing.PRESENT if any(_came_at_last(one, hit, tokens) for one in times) else standing
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
            if helper.concept == GONE and _is_over(helper, hit, tokens) and not _of_other_between(hit, helper, helpers):
                return Standing.SOFT if _closes(helper, tokens) else Standing.OVER
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


def _is_over(gone: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Is the sign what is over: "the blisters all healed", "stopped being red", but not "all healed, can't breathe"?"""
    if gone.start <= hit.start and hit.end <= gone.end:
        return True
    if hit.start == gone.end:
        return tokens[hit.start].clause == tokens[gone.start].clause
    leads = not LEADING.isdisjoint({tokens[gone.start].word, tokens[gone.end - 1].word})
    return not leads and 0 <= gone.start - hit.end <= 9


def _closes(gone: Hit, tokens: Sequence[Token]) -> bool:
    """Is it the last of its clause and so surely means an end: "it's gone now", but not "gone the colour of honey"?"""
    clause = tokens[gone.start].clause
    return all(token.clause != clause or token.word in LAUGHTER | NOW for token in tokens[gone.end :])


def _of_other_between(hit: Hit, gone: Hit, helpers: Sequence[Hit]) -> bool:
    """Is it somebody else's sign that is over: "a crust like my son had on his face last month"?"""
    return any(one.concept == OTHER_SUBJECT and hit.end <= one.start and one.end <= gone.start for one in helpers)


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


def _only_asked(helper: Hit, tokens: Sequence[Token]) -> bool:
    """Is it asked whether the sign is over: "blisters gone? nope"?"""
    last = tokens[helper.end - 1]
    return last.asked and (helper.concept == GONE or last.word in BECAME)


def _became(helper: Hit, signs: set[int], tokens: Sequence[Token]) -> bool:
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


def _came_at_last(helper: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Is the denial over: "no pus until last night", "no pus last week. I do now"?"""
    later = tokens[helper.start].sentence - tokens[hit.start].sentence
    opens = later == 1 and tokens[helper.start - 1].sentence != tokens[helper.start].sentence
    return helper.concept == UNTIL_NOW and (later == 0 or opens) and 0 <= helper.start - hit.end <= REACH


def _just_now(helper: Hit, hit: Hit, tokens: Sequence[Token]) -> bool:
    """Was the sign there within the day: "bit of pus this morning", "last night I fainted"?"""
    near = 0 <= helper.start - hit.end <= JUST_REACH or 0 <= hit.start - helper.end <= JUST_REACH
    return helper.concept == JUST_NOW and near and tokens[helper.start].clause == tokens[hit.start].clause


def _of_exposure(hit: Hit, helpers: Sequence[Hit]) -> Standing:
    """A treatment or medicine may be somebody else's ("my sister had a peel") or only asked about."""
    if any(one.concept == OTHER_SUBJECT and one.start < hit.start <= one.end + REACH for one in helpers):
        return Standing.FOREIGN
    return Standing.SOFT if any(_ahead(ASKED, one, hit) for one in helpers) else Standing.PRESENT


def _of_others(concepts: set[str], book: RuleBook) -> bool:
    """May a sign be somebody else's: to move a visit ("my son has a fever"), or while the own skin is well?"""
    moves = RESCHEDULE in concepts and not concepts & OF_A_PATIENT
    well = OWN_SKIN in concepts and bool(concepts & book.positive) and not concepts & {PROXY, ALSO}
    return moves or well


def _said_of_other(hit: Hit, helpers: Sequence[Hit]) -> bool:
    """Does the text itself say whose sign it is: "my daughter is the one with the fever, not me"?"""
    theirs = any(one.concept == OTHER_SUBJECT and -1 <= hit.start - one.end <= REACH for one in helpers)
    return theirs and any(one.concept == NOT_ME and 0 <= one.start - hit.end <= 2 for one in helpers)


def _back_to_writer(hit: Hit, hits: Sequence[Hit], tokens: Sequence[Token]) -> bool:
    """Does the text speak of the writer before the sign ("my son had a fever and now I am shivering"), or of a face?"""
    since = max((one.end for one in hits if one.concept == OTHER_SUBJECT and one.end <= hit.start), default=hit.start)
    if any(one.concept == WRITER and since <= one.start < hit.start for one in hits):
        return True
    clause = tokens[hit.start].clause
    return any(one.concept == BODY and since <= one.start and tokens[one.start].clause == clause for one in hits)


def _never_came(hit: Hit, helpers: Sequence[Hit]) -> bool:
    """Does the text go on to say that what was feared did not happen?"""
    return any(one.concept == NEVER_CAME and 0 <= one.start - hit.end <= REACH for one in helpers)


def _lasts(hit: Hit, lasting: Sequence[Hit]) -> bool:
    """Does a word right before say that the sign is still there: "still red, two weeks went by"?"""
    return any(0 <= hit.start - one.end <= 2 for one in lasting)


def _of_the_sign(gone: Hit, hit: Hit, tokens: Sequence[Token], book: RuleBook) -> bool:
    """Is it the sign that is over, not the skin: "can't breathe well, cheeks are healed"?"""
    if hit.concept not in book.own or gone.start < hit.start:
        return True
    between = range(hit.end, gone.start)
    return tokens[gone.start].clause == tokens[hit.start].clause or len(between) <= 1


def _ahead(concept: str, helper: Hit, hit: Hit) -> bool:
    return helper.concept == concept and 0 <= hit.start - helper.end <= 4


def _free_helpers(hits: Sequence[Hit], tokens: Sequence[Token], book: RuleBook) -> list[Hit]:
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


def _ends(helper: Hit, tokens: Sequence[Token]) -> bool:
    """Is it the last of its clause, or one of a row: "fever none swelling none"?"""
    clause = tokens[helper.start].clause
    if all(token.clause != clause or token.word in LAUGHTER for token in tokens[helper.end :]):
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
