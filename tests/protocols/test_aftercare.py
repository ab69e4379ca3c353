"""The file of instructions: whole in both languages, checked, and rendered where treatments collide."""

from datetime import date
from pathlib import Path

import pytest

from domain.aftercare import Care, Done
from domain.booking import Treatment
from domain.messages import Channel
from protocols.aftercare import SHIPPED_AFTERCARE, load_aftercare, read_aftercare
from protocols.findings import FindingsError
from protocols.lint import check
from protocols.load import load_protocol
from protocols.render import Templates
from tests.protocols.contexts import USUAL

THURSDAY = date(2027, 3, 4)
NEEDLING, ABLATIVE = Treatment.MICRONEEDLING, Treatment.LASER_ABLATIVE
GOOD = SHIPPED_AFTERCARE.read_text(encoding="utf-8")


def both(first: Treatment = NEEDLING, second: Treatment = ABLATIVE) -> Care:
    return Care(done=(Done(treatment=first, on=THURSDAY), Done(treatment=second, on=THURSDAY)), on=THURSDAY)


def test_the_shipped_file_is_whole() -> None:
    """Every treatment of the shipped protocols has instructions, every rule a text in English and Spanish."""
    aftercare = read_aftercare(SHIPPED_AFTERCARE, ("en", "es"))
    steps = load_protocol("microneedling-then-laser").steps
    assert {treatment for step in steps for treatment in step.treatments} <= set(aftercare.treatments)


@pytest.mark.parametrize(
    ("old", "new", "line_says", "message"),
    [
        ("{topic: heat, rule: all, days: 3}", "{topic: heet, rule: all, days: 3}", "heet", "no topic 'heet'"),
        ("rule: all, days: 3}", "rule: al, days: 3}", "rule: al,", "heat has no rule 'al'"),
        ("          es: Nunca rasque, frote ni arranque.\n", "", "id: never", "picking.never has no text in es"),
        ("Never pick, rub or peel.", "Never pick, take ibuprofen.", "ibuprofen", "'ibuprofen' (drugs)"),
        ("Never pick, rub or peel.", "Then it is safe.", "safe", "'safe' (claims)"),
        ("days: 21}", "days: many}", "many", "days"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, old: str, new: str, line_says: str, message: str) -> None:
    """check-protocol names file and line of an unknown topic or rule, a missing language, and a forbidden word."""
    text = GOOD.replace(old, new, 1)
    (tmp_path / "aftercare.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "templates").mkdir()
    (found,) = check(tmp_path)
    assert message in found.message
    assert line_says in text.splitlines()[found.line - 1]


def test_a_bad_file_of_the_clinics_own_is_refused_at_start(tmp_path: Path) -> None:
    """A process does not begin with instructions that it cannot read."""
    (tmp_path / "aftercare.yaml").write_text(GOOD.replace("topic: heat", "topic: heet", 1), encoding="utf-8")
    with pytest.raises(FindingsError):
        load_aftercare(tmp_path)


def test_the_mail_says_the_stricter_step_with_its_day() -> None:
    """Needling and an ablative laser on one day: one list, in which make-up waits for closed skin."""
    text = Templates().render("day_0", Channel.EMAIL, USUAL.model_copy(update={"care": both()}), "en")
    assert "No make-up until new skin has closed everywhere, and not before Thu, Mar 18." in text.body
    assert "No make-up until Fri" not in text.body
    assert "{until}" not in text.body
    assert text.subject == Templates().render("day_0", Channel.EMAIL, USUAL, "en").subject


def test_the_list_is_in_the_patients_language() -> None:
    """Spanish instructions with Spanish dates; a language that the file lacks reads English in English words."""
    context = USUAL.model_copy(update={"care": both()})
    spanish = Templates().render("day_0", Channel.EMAIL, context, "es")
    assert "hasta que la piel nueva haya cerrado en todas partes, y no antes del jue, 18 mar." in spanish.body
    french = Templates().render("day_0", Channel.EMAIL, context, "fr")
    assert "No make-up until new skin has closed everywhere" in french.body


def test_the_page_behind_the_link_says_the_same() -> None:
    """Mail and page come from the same list."""
    context = USUAL.model_copy(update={"care": both()})
    page = Templates().render_page("day_0", context, "en")
    assert "No make-up until new skin has closed everywhere, and not before Thu, Mar 18." in page


def test_without_a_collision_the_treatments_own_words_stay() -> None:
    """An ablative laser asks for more than IPL in everything: its own mail goes out as it is written."""
    alone = USUAL.model_copy(update={"treatment": ABLATIVE})
    with_ipl = alone.model_copy(update={"care": both(ABLATIVE, Treatment.LASER_IPL)})
    templates = Templates()
    expected = templates.render("day_0", Channel.EMAIL, alone, "en")
    assert templates.render("day_0", Channel.EMAIL, with_ipl, "en") == expected
