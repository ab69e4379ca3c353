"""Words that mean something only when they stand alone: STOP, yes, thanks."""

from collections.abc import Sequence

from domain.replies.patterns import Hit
from domain.replies.rulebook import RuleBook
from domain.replies.text import Token, fold


class Alone:
    """Drops hits of such concepts where other than polite words stand beside them."""

    def __init__(self, book: RuleBook) -> None:
        self._whole = book.whole
        self._clause = book.own_clause
        self._opening = book.opening
        self._polite = frozenset(fold(book.polite).split())

    def kept(self, hits: Sequence[Hit], tokens: Sequence[Token]) -> list[Hit]:
        return [hit for hit in hits if self._stands(hit, tokens)]

    def _stands(self, hit: Hit, tokens: Sequence[Token]) -> bool:
        if hit.concept in self._whole:
            return self._polite_beside(hit, tokens, range(len(tokens)))
        if hit.concept in self._clause:
            clauses = {token.clause for token in tokens[hit.start : hit.end]}
            beside = [at for at, token in enumerate(tokens) if token.clause in clauses]
            return self._polite_beside(hit, tokens, beside)
        if hit.concept in self._opening:
            return all(token.sentence < tokens[hit.start].sentence for token in tokens[: hit.start])
        return True

    def _polite_beside(self, hit: Hit, tokens: Sequence[Token], places: Sequence[int]) -> bool:
        return all(hit.start <= at < hit.end or tokens[at].word in self._polite for at in places)
