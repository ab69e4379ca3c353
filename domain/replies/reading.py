"""What a reading is: the label, the deciding rule, and what else the text says."""

from enum import StrEnum

from domain.messages import Frozen


class Label(StrEnum):
    """What the clinic's rules make of a reply."""

    CLEAR = "clear"
    MILD = "mild"
    CONCERN = "concern"
    URGENT = "urgent"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    RESCHEDULE = "reschedule"
    QUESTION = "question"
    UNCLEAR = "unclear"


class Question(StrEnum):
    """What was asked."""

    STATE = "state"
    DISCOMFORT = "discomfort"
    RED_FLAGS = "red_flags"
    EXPOSURES = "exposures"
    EARLY = "early"
    FINAL = "final"
    PRE_VISIT = "pre_visit"


class Reading(Frozen):
    """One reply, read."""

    label: Label
    rule: str
    matched: str = ""
    opt_out: bool = False
    emergency: bool = False
    self_harm: bool = False
    call_me: bool = False
    exposures: tuple[str, ...] = ()
    proxy: bool = False
    other_person: bool = False
    courtesy: bool = False
    media: bool = False
    language: str = ""
