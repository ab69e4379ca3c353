"""What staff can do about a refused action, by its reason code."""

MEND = {
    "needs_a_name": "Say who acts in X-Healgate-Actor.",
    "needs_clinician": "Only a clinician or a named deputy may decide this: have one of them do it.",
    "needs_a_reason": "Give a reason: it stands in the timeline.",
    "no_gate": "There is no shut gate of this name ahead: leave out `step`, or name a step of this plan.",
    "journey_ended": "The journey has ended: start a new one.",
    "nothing_ahead": "Nothing lies ahead that could be held.",
    "already_paused": "The journey is paused already.",
    "not_paused": "The journey is not paused.",
    "already_open": "The gate is open already.",
    "not_booked": "The earlier visit is not booked yet, so no interval can count: book it first.",
    "nothing_waits": "No late message waits for a word: it went out, expired, or has another name.",
    "not_recorded": "The earlier treatment is not recorded as done: record it under `treated`, then release.",
    "interval": "The interval has not passed: the gate can open on the date in `opens_on`, not before.",
    "same_visit": "Both treatments are booked on one day: move one of the visits.",
    "no_check_in": "No check-in can be answered now: its date has not come, it was answered, or the gate is open.",
    "hold_open": "A hold is open: waive it by name first, then release.",
}
OTHERWISE = "The rules do not allow this now: look at the journey's gates for what is missing."


def how_to_mend(reason: str) -> str:
    """One sentence."""
    if reason.startswith("unknown:"):
        names = reason.removeprefix("unknown:")
        return f"No open hold or worrying answer is called {names}: use the names in the journey."
    return MEND.get(reason, OTHERWISE)
