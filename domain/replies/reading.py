"""What the rules make of one reply."""

from enum import StrEnum

from domain.messages import Frozen


class Label(StrEnum):
    """Category of a reply, most pressing first: the order is the precedence."""

    URGENT = "urgent"
    CONCERN = "concern"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    RESCHEDULE = "reschedule"
    QUESTION = "question"
    HELP = "help"
    MILD = "mild"
    CLEAR = "clear"
    UNCLEAR = "unclear"


PRECEDENCE: dict[Label, int] = {label: rank for rank, label in enumerate(Label)}
"""Lower comes first."""


class Question(StrEnum):
    """The open question that a reply may answer; digits restart at 1 for each."""

    STATE = "state"
    DISCOMFORT = "discomfort"
    RED_FLAGS = "red_flags"
    EXPOSURES = "exposures"
    EARLY = "early"
    FINAL = "final"
    PRE_VISIT = "pre_visit"


class Reading(Frozen):
    """A category, the rule that decided it, and what else the text says."""

    label: Label
    rule: str
    """Id of the deciding rule: "en.breathing.trouble", "number.discomfort", "state.1"."""
    matched: str = ""
    """The patient's words that matched, for staff; never leaves the store."""
    opt_out: bool = False
    """An opt-out is in the text as well and must be honoured, whatever the label."""
    emergency: bool = False
    """Emergency number now, not only the same day (reference/domain.md 1.6, tier E)."""
    self_harm: bool = False
    call_me: bool = False
    exposures: tuple[str, ...] = ()
    """Hold causes: tan, new_medicine, other_treatment, pregnant, isotretinoin, cold_sore, private_call, unwell."""
    proxy: bool = False
    """Somebody else writes for the patient."""
    other_person: bool = False
    """The number is not the patient's, or the writer does not know us."""
    courtesy: bool = False
    """Thanks, auto-reply, reaction: no task, no answer."""
    media: bool = False
    language: str = ""
    """Locale of the deciding rule."""
