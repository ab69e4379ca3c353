"""Why a message was not sent, in plain words, by its reason code."""

from domain.records import MessageState, SkipReason

WHY = {
    SkipReason.OPTED_OUT: "The contact asked for no more messages.",
    SkipReason.NO_CONSENT: "No consent is on record for this contact.",
    SkipReason.QUIET_HOURS: "It would have been useless by the end of the quiet hours.",
    SkipReason.BOOKING_CHANGED: "The visit that it speaks of was moved or cancelled.",
    SkipReason.EXPIRED: "Its time had passed before it could be sent.",
    SkipReason.SHADOW: "The clinic was not live: it shows what would have been sent.",
    SkipReason.CAP: "The patient had the most messages that one day may bring.",
    SkipReason.GATE_SHUT: "The gate before that visit was shut.",
    SkipReason.SUPERSEDED: "Another message said it as well: see replaced_by.",
    SkipReason.BEFORE_GO_LIVE: "It was due before the clinic went live.",
}
STATES = {
    MessageState.REJECTED: "The provider refused it with this code.",
    MessageState.UNKNOWN: "It was handed over, and nobody knows yet whether it was sent.",
    MessageState.NEEDS_REVIEW: "Nobody knows whether it was sent: a person must find out.",
}


def in_words(state: MessageState, reason: str | None) -> str | None:
    """One sentence; None where nothing needs one."""
    if state in (MessageState.SKIPPED, MessageState.EXPIRED) and reason in set(SkipReason):
        return WHY[SkipReason(reason)]
    return STATES.get(state)
