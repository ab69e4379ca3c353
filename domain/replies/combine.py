"""From what numbers and rules say to one reading."""

from collections.abc import Sequence

from domain.replies.language import Finding
from domain.replies.menus import LISTS, Numbered
from domain.replies.reading import PRECEDENCE, Label, Question, Reading


def numbered(number: Numbered, matched: str) -> Reading:
    """The reading of a reply in numbers."""
    choice = number.choice
    return Reading(
        label=choice.label,
        rule=number.rule,
        matched=matched.strip(),
        call_me=choice.call_me,
        exposures=choice.exposures,
    )


def worded(finding: Finding) -> Reading:
    """The reading of one rule that holds for the words."""
    rule = finding.rule
    urgent = finding.label is Label.URGENT
    return Reading(
        label=finding.label or Label.UNCLEAR,
        rule=finding.rule_id,
        matched=finding.matched,
        opt_out=finding.label is Label.OPT_OUT,
        emergency=rule.emergency and urgent,
        self_harm=rule.self_harm and urgent,
        call_me=rule.call_me,
        exposures=rule.exposures,
        proxy=rule.proxy,
        other_person=rule.other_person,
        courtesy=rule.courtesy,
        language=finding.language,
    )


def in_answer(reading: Reading, question: Question | None) -> Reading:
    """A bare yes or no means what the open question makes of it."""
    any_of_these = question in LISTS
    if reading.rule.endswith((".unclear.bare", ".unclear.none")) and (any_of_these or question is Question.DISCOMFORT):
        return reading.model_copy(update={"label": Label.CLEAR, "rule": f"{question}.none"})
    if reading.rule.endswith(".unclear.unexposed") and question in {Question.EXPOSURES, Question.PRE_VISIT}:
        return reading.model_copy(update={"label": Label.CLEAR, "rule": f"{question}.none"})
    if reading.rule.endswith(".unclear.hedge") and question is Question.EARLY:
        return reading.model_copy(update={"label": Label.CONCERN, "rule": "early.not_sure"})
    if reading.rule.endswith(".unclear.all") and any_of_these:
        label = Label.URGENT if question is Question.RED_FLAGS else Label.CONCERN
        return reading.model_copy(update={"label": label, "rule": f"{question}.all"})
    if reading.rule.endswith(".clear.yes") and question is not None:
        label = Label.CONCERN if any_of_these else Label.UNCLEAR
        return reading.model_copy(update={"label": label, "rule": f"{question}.yes"})
    return reading


def merged(readings: Sequence[Reading]) -> Reading:
    """The most pressing reading, with the flags of all of them."""
    if not readings:
        return Reading(label=Label.UNCLEAR, rule="unknown")
    first = min(readings, key=lambda one: (PRECEDENCE[one.label], not one.emergency))
    return first.model_copy(
        update={
            "opt_out": any(one.opt_out for one in readings),
            "self_harm": any(one.self_harm for one in readings),
            "emergency": any(one.emergency for one in readings),
            "call_me": any(one.call_me for one in readings),
            "proxy": any(one.proxy for one in readings),
            "other_person": any(one.other_person for one in readings),
            "courtesy": first.label is Label.UNCLEAR and any(one.courtesy for one in readings),
            "exposures": tuple(dict.fromkeys(cause for one in readings for cause in one.exposures)),
        }
    )
