"""Whose sign it is: the patient's, or somebody else's."""

from collections.abc import Sequence

from domain.replies.helpers import NOT_ME, OTHER_SUBJECT, REACH
from domain.replies.patterns import Hit
from domain.replies.rulebook import RuleBook
from domain.replies.text import Token

RESCHEDULE = "reschedule"
BODY = "body"
PROXY = "proxy"
OF_A_PATIENT = frozenset({BODY, PROXY})
"""Who speaks of a face or writes for somebody speaks of the patient, also beside a wish to move a visit."""
OWN_SKIN = "own_skin"
WRITER = "writer"
ALSO = "also"
"""Who shares a sign with somebody has it: "my son has a fever and so do I"."""


def may_be_others(concepts: set[str], book: RuleBook) -> bool:
    """May a sign be somebody else's: to move a visit ("my son has a fever"), or while the own skin is well?"""
    moves = RESCHEDULE in concepts and not concepts & OF_A_PATIENT
    well = OWN_SKIN in concepts and bool(concepts & book.positive) and not concepts & {PROXY, ALSO}
    return moves or well


def said_of_other(hit: Hit, helpers: Sequence[Hit]) -> bool:
    """Does the text itself say whose sign it is: "my daughter is the one with the fever, not me"?"""
    theirs = any(one.concept == OTHER_SUBJECT and -1 <= hit.start - one.end <= REACH for one in helpers)
    return theirs and any(one.concept == NOT_ME and 0 <= one.start - hit.end <= 2 for one in helpers)


def back_to_writer(hit: Hit, hits: Sequence[Hit], tokens: Sequence[Token]) -> bool:
    """Does the text speak of the writer before the sign ("my son had a fever and now I am shivering"), or of a face?"""
    since = max((one.end for one in hits if one.concept == OTHER_SUBJECT and one.end <= hit.start), default=hit.start)
    if any(one.concept == WRITER and since <= one.start < hit.start for one in hits):
        return True
    clause = tokens[hit.start].clause
    return any(one.concept == BODY and since <= one.start and tokens[one.start].clause == clause for one in hits)
