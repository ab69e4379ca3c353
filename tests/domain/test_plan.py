"""Plans: a protocol made personal by skin type and conditions."""

from datetime import timedelta

import pytest

from domain.booking import Treatment
from domain.patient import Condition, SkinProfile
from domain.plan import Plan, personalise
from domain.protocol import FLOOR, Interval, Modifier, Release, When
from tests.builders import HEALTHY, SHIPPED, plan, profile, protocol

NEEDLING, NAFL, ABLATIVE = Treatment.MICRONEEDLING, Treatment.LASER_NAFL, Treatment.LASER_ABLATIVE


def days(of: Plan, before: Treatment = NAFL) -> int:
    """Days from microneedling to a laser."""
    return of.interval(NEEDLING, before).length.days


def rules(of: Plan, step: str) -> tuple[set[str], set[str]]:
    """Ids of the holds and of the reviews before a step."""
    found = of.step(step)
    return {reason.rule for reason in found.holds}, {reason.rule for reason in found.reviews}


@pytest.mark.parametrize(
    ("person", "interval", "holds", "reviews"),
    [
        (HEALTHY, 28, set(), set()),
        (profile(skin_type=3), 28, set(), set()),
        (profile(skin_type=4), 42, set(), {"skin_types_4_to_6"}),
        (profile(skin_type=6), 42, set(), {"skin_types_4_to_6"}),
        (profile(skin_type=None), 42, {"skin_type_unknown"}, {"skin_type_unknown"}),
        (SkinProfile(skin_type=2), 28, {"conditions_unknown"}, {"conditions_unknown"}),
        (profile(adult=False), 28, {"minor"}, set()),
        (SkinProfile(skin_type=2, conditions=frozenset(), needle_depth_mm=1.5), 28, set(), set()),
        (SkinProfile(skin_type=2, conditions=frozenset(), needle_depth_mm=2), 35, set(), {"needle_deeper_than_label"}),
        (profile(Condition.KELOID_HISTORY), 28, {"keloid_history"}, set()),
        (profile(Condition.ACTIVE_ACNE), 28, {"active_acne"}, set()),
        (profile(Condition.ISOTRETINOIN), 28, {"isotretinoin"}, set()),
        (profile(Condition.PREGNANT), 28, {"pregnant"}, set()),
        (profile(Condition.ACTIVE_INFECTION), 28, {"active_infection"}, set()),
        (profile(Condition.IMMUNOSUPPRESSED), 28, {"immunosuppressed"}, set()),
        (profile(Condition.MELASMA_OR_PIH), 42, {"melasma_or_pih"}, set()),
        (profile(Condition.TAN), 28, {"tan"}, set()),
        (profile(Condition.ROSACEA), 35, set(), {"rosacea"}),
        (profile(Condition.SENSITIVE_SKIN), 35, set(), {"sensitive_skin"}),
        (profile(Condition.COLD_SORE_HISTORY), 28, set(), {"cold_sore_history"}),
        (profile(Condition.ANTICOAGULANTS), 28, set(), {"anticoagulants"}),
        (profile(Condition.PHOTOSENSITISING_DRUG), 28, set(), {"photosensitising_drug"}),
    ],
)
def test_every_rule_of_the_shipped_protocol(
    person: SkinProfile, interval: int, holds: set[str], reviews: set[str]
) -> None:
    """Each factor lengthens the interval to the laser, holds it or has it reviewed as the protocol says."""
    made = plan(person)
    assert days(made) == interval
    assert rules(made, "laser") == (holds, reviews)


def test_every_condition_has_a_rule() -> None:
    """No condition that a clinic can record goes without effect."""
    assert {rule.when.condition for rule in SHIPPED.modifiers} >= set(Condition)


def test_factors_add_up_and_name_their_sources() -> None:
    """Dark skin, rosacea and sensitive skin together add 28 days, each with its source."""
    made = plan(profile(Condition.ROSACEA, Condition.SENSITIVE_SKIN, skin_type=5))
    assert days(made) == 28 + 14 + 7 + 7
    assert days(made, ABLATIVE) == 42 + 28
    assert all(reason.source for reason in made.interval(NEEDLING, NAFL).because)


def test_unknown_counts_as_the_cautious_case() -> None:
    """Nothing known at all: the longest interval, the slowest final question, and two holds."""
    made = plan(SkinProfile())
    assert days(made) == 42
    assert made.slow_skin == 6
    assert rules(made, "laser")[0] == {"skin_type_unknown", "conditions_unknown"}


def test_nothing_goes_below_the_floor() -> None:
    """An interval that got past the file's own limit is lifted to 14 days."""
    short = Interval.model_construct(after=NEEDLING, before=(NAFL,), days=3, source="a mistake")
    assert personalise(protocol(intervals=(short,)), HEALTHY).interval(NEEDLING, NAFL).length == FLOOR


def test_repeated_steps_become_steps_of_their_own() -> None:
    """Three times microneedling: each has a gate after the first, and an interval to the one before."""
    made = plan(needlings=3)
    assert [step.id for step in made.steps] == ["microneedling", "microneedling_2", "microneedling_3", "laser"]
    assert [step.previous for step in made.steps] == [None, "microneedling", "microneedling_2", "microneedling_3"]
    assert made.interval(NEEDLING, NEEDLING).length == timedelta(days=28)


def test_steps_come_in_either_order() -> None:
    """The laser first: microneedling has the gate, longer after an ablative one."""
    made = plan(laser_first=True)
    assert made.step("laser").previous is None
    assert made.step("microneedling").previous == "laser"
    assert made.interval(ABLATIVE, NEEDLING).length > made.interval(NAFL, NEEDLING).length


def test_unapproved_protocol_has_no_standing_order() -> None:
    """Without a clinician's name on the file, a person opens every gate."""
    assert plan(approved_by="").release is Release.CLINICIAN


def test_rule_names_exactly_one_factor() -> None:
    """A rule with two factors, or none, is refused."""
    for factors in ({}, {"condition": "tan", "minor": True}):
        with pytest.raises(ValueError, match="exactly one"):
            Modifier(id="x", when=When.model_validate(factors), source="none")


def test_unknown_step_or_pair_is_a_key_error() -> None:
    """A plan says so when it does not have what is asked for."""
    with pytest.raises(KeyError):
        plan().step("peel")
    with pytest.raises(KeyError):
        plan().interval(NAFL, NEEDLING)
