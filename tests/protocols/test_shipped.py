"""The shipped protocols say what the reference asks of them."""

from datetime import timedelta

import pytest

from domain.booking import Treatment
from domain.patient import Condition, SkinProfile
from domain.plan import Plan, personalise
from domain.protocol import FLOOR, Protocol, Release, Touchpoint
from protocols.load import load_protocol, shipped

LASERS = {treatment for treatment in Treatment if treatment.is_laser}
BOTH = {Treatment.MICRONEEDLING, *LASERS}
HOLDS_ALL = {"keloid_history", "active_acne", "isotretinoin", "pregnant", "active_infection", "immunosuppressed"}


@pytest.fixture(scope="module")
def staged() -> Protocol:
    return load_protocol("microneedling-then-laser")


def plan_for(protocol: Protocol, **profile: object) -> Plan:
    known: dict[str, object] = {"skin_type": 2, "conditions": frozenset(), "adult": True}
    return personalise(protocol, SkinProfile.model_validate({**known, **profile}))


def days(plan: Plan, before: Treatment) -> int:
    return plan.interval(Treatment.MICRONEEDLING, before).length.days


def point(protocol: Protocol, key: str) -> Touchpoint:
    return next(each for each in protocol.touchpoints if each.key == key)


def test_three_protocols_are_shipped() -> None:
    """The staged protocol and one for each treatment alone come with Healgate."""
    assert set(shipped()) == {"microneedling-then-laser", "microneedling", "laser"}


@pytest.mark.parametrize("name", ["microneedling-then-laser", "microneedling", "laser"])
def test_nothing_is_approved_or_opened_by_itself(name: str) -> None:
    """A shipped protocol names no clinician and leaves every gate to one."""
    protocol = load_protocol(name)
    assert (protocol.id, protocol.approved_by, protocol.release) == (name, "", Release.CLINICIAN)


def test_base_intervals(staged: Protocol) -> None:
    """Plain skin waits 28 days for each laser, and 42 for an ablative one."""
    plan = plan_for(staged)
    assert {laser: days(plan, laser) for laser in LASERS} == {
        laser: 42 if laser is Treatment.LASER_ABLATIVE else 28 for laser in LASERS
    }


def test_every_interval_has_its_way_back(staged: Protocol) -> None:
    """Each laser has an interval in both directions, so that a clinic can turn the steps round."""
    for laser in LASERS:
        assert staged.base_interval(Treatment.MICRONEEDLING, laser).days >= FLOOR.days
        assert staged.base_interval(laser, Treatment.MICRONEEDLING).days >= FLOOR.days


def test_every_condition_has_a_rule(staged: Protocol) -> None:
    """No condition that the clinic can record goes without consequence."""
    assert {rule.when.condition for rule in staged.modifiers} >= set(Condition)


@pytest.mark.parametrize("condition", sorted(HOLDS_ALL))
def test_conditions_that_hold_everything(staged: Protocol, condition: str) -> None:
    """These conditions hold needling and every laser until a clinician decides."""
    rule = next(each for each in staged.modifiers if each.id == condition)
    assert set(rule.hold) == BOTH


@pytest.mark.parametrize(
    ("profile", "added"),
    [
        ({"skin_type": 4}, 14),
        ({"skin_type": 6}, 14),
        ({"skin_type": None}, 14),
        ({"conditions": ["rosacea"]}, 7),
        ({"conditions": ["sensitive_skin"]}, 7),
        ({"conditions": ["melasma_or_pih"]}, 14),
        ({"conditions": ["tan"]}, 0),
        ({"needle_depth_mm": 2.0}, 7),
        ({"needle_depth_mm": 1.5}, 0),
        ({"skin_type": 5, "conditions": ["rosacea", "sensitive_skin"]}, 28),
    ],
)
def test_what_lengthens_the_interval(staged: Protocol, profile: dict[str, object], added: int) -> None:
    """Factors add their days to the interval."""
    assert days(plan_for(staged, **profile), Treatment.LASER_NAFL) == 28 + added


@pytest.mark.parametrize(
    ("profile", "held", "reviewed"),
    [
        ({}, False, False),
        ({"skin_type": 5}, False, True),
        ({"skin_type": None}, True, True),
        ({"conditions": None}, True, True),
        ({"adult": False}, True, False),
        ({"conditions": ["tan"]}, True, False),
        ({"conditions": ["cold_sore_history"]}, False, True),
        ({"conditions": ["anticoagulants"]}, False, True),
        ({"conditions": ["photosensitising_drug"]}, False, True),
        ({"conditions": ["sensitive_skin"]}, False, True),
        ({"needle_depth_mm": 2.0}, False, True),
    ],
)
def test_what_holds_and_reviews_the_laser(
    staged: Protocol, profile: dict[str, object], held: bool, reviewed: bool
) -> None:
    """What is unknown or risky holds the laser or has a clinician look first."""
    laser = plan_for(staged, **profile).step("laser")
    assert (bool(laser.holds), bool(laser.reviews)) == (held, reviewed)


def test_melasma_has_needling_reviewed_and_the_laser_held(staged: Protocol) -> None:
    """Melasma or dark marks hold lasers, and have a clinician look before needling."""
    plan = plan_for(staged, conditions=["melasma_or_pih"])
    assert plan.step("laser").holds
    assert plan.step("microneedling").reviews
    assert not plan.step("microneedling").holds


@pytest.mark.parametrize("name", ["microneedling", "laser"])
def test_single_protocols_judge_people_alike(staged: Protocol, name: str) -> None:
    """A single-treatment protocol holds and reviews as the staged one does for its treatments."""
    protocol = load_protocol(name)
    own = {treatment for step in protocol.steps for treatment in step.treatments}
    for rule in staged.modifiers:
        twin = next((each for each in protocol.modifiers if each.id == rule.id), None)
        assert set(rule.hold) & own == set(twin.hold if twin else ())
        assert set(rule.review) & own == set(twin.review if twin else ())
        assert twin is None or (twin.add_days, twin.source) == (rule.add_days, rule.source)


def test_touchpoint_days(staged: Protocol) -> None:
    """Early and final questions come on the days that the message plan says."""
    early, final = point(staged, "early"), point(staged, "final")
    assert (early.days, early.days_for) == ((3,), {Treatment.LASER_ABLATIVE: (1, 3, 7)})
    assert (final.days, final.days_for) == ((42,), {Treatment.LASER_ABLATIVE: (56,)})
    assert final.days_for_skin_types == {4: (56,), 5: (56,), 6: (56,)}


def test_early_questions_never_overlap(staged: Protocol) -> None:
    """A late early question is dropped before the next one is due."""
    early = point(staged, "early")
    gaps = [later - sooner for sooner, later in zip((1, 3), (3, 7), strict=True)]
    assert early.useful_for < timedelta(days=min(gaps))


def test_pre_visit_waits_for_an_open_gate(staged: Protocol) -> None:
    """The question before a visit goes out three working days ahead, and only while the gate is open."""
    before = point(staged, "pre_visit")
    assert (before.working_days_before, before.needs_open_gate, before.asks) == (3, True, "pre_visit")


def test_preparation_comes_once(staged: Protocol) -> None:
    """The gate sends the laser's preparation, so the staged protocol lists it for needling alone."""
    assert [each.treatments for each in staged.touchpoints if each.key == "prepare"] == [(Treatment.MICRONEEDLING,)]
