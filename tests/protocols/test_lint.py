"""check-protocol names what a careful colleague would."""

from pathlib import Path

import pytest

from domain.errors import BadInputError
from protocols.findings import Finding, Severity
from protocols.lint import check
from protocols.load import SHIPPED_FOLDER

GOOD = (SHIPPED_FOLDER / "microneedling-then-laser.yaml").read_text(encoding="utf-8")


def findings_for(folder: Path, name: str, text: str) -> list[Finding]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return check(folder)


def template(folder: Path, name: str, text: str) -> list[Finding]:
    return findings_for(folder, f"templates/{name}", text)


def test_shipped_files_are_clean() -> None:
    """The shipped protocols and templates give no error and no warning, and say that nobody approved them yet."""
    findings = check(SHIPPED_FOLDER)
    assert {finding.severity for finding in findings} == {Severity.INFO}
    assert sum("nobody has approved" in finding.message for finding in findings) == 3


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("en/moved.sms.txt", "{{ clinic }}\n{{ when }} {{ phone }} microneedling", 2, "'microneedling' (treatments)"),
        ("en/moved.sms.txt", "{{ clinic }} {{ when }} {{ phone }} your laser", 1, "'laser' (treatments)"),
        ("es/moved.sms.txt", "{{ clinic }} {{ when }} {{ phone }} su láser", 1, "'láser' (treatments)"),
        ("en/moved.sms.txt", "{{ clinic }} {{ when }} {{ phone }} acne", 1, "'acne' (health)"),
        ("es/moved.sms.txt", "{{ clinic }} {{ when }} {{ phone }} cicatrices", 1, "'cicatrices' (health)"),
        ("en/day_7.subject.txt", "{{ clinic }}: after your peel", 1, "'peel' (treatments)"),
        ("en/day_7.html", "<p>Fine.</p>\n<p>Take ibuprofen.</p>", 2, "'ibuprofen' (drugs)"),
        ("es/day_7.html", "<p>Tome aspirina.</p>", 1, "'aspirina' (drugs)"),
        ("en/day_7.html", "<p>Take 500 mg.</p>", 1, "'500 mg' (drugs)"),
        ("en/_sun.html", "<p>Your skin is cleared.</p>", 1, "'cleared' (claims)"),
        ("en/day_7.html", "<p>It is safe.</p>", 1, "'safe' (claims)"),
        ("en/day_7.html", "<p>We monitor you.</p>", 1, "'monitor' (claims)"),
        ("en/ack.sms.txt", "{{ clinic }} {{ day }} {{ phone }} {{ sos }} reply YES", 1, "'yes' (reserved)"),
        ("en/ack.sms.txt", "{{ clinic }} {{ day }} {{ phone }} {{ sos }} 1 start, 2 x", 1, "'start' (reserved)"),
        ("es/ack.sms.txt", "{{ clinic }} {{ day }} {{ phone }} {{ sos }} responda cancel", 1, "'cancel' (reserved)"),
        ("en/ack.sms.txt", "{{ clinic }} {{ day }} {{ phone }} {{ sos }} STOP to end", 1, "'stop' (reserved)"),
        ("en/moved.sms.txt", "{{ clinic }}\n{{ wen }} {{ phone }}", 2, "unknown variable 'wen'"),
        ("en/ack.sms.txt", "{{ clinic }} {{ day }} {{ phone }} {{ sos }} {{ when }}", 1, "unknown variable 'when'"),
        ("en/urgent_safety.sms.txt", "{{ clinic }}: call {{ sos }}", 1, "the text does not say 'phone'"),
        ("en/moved.sms.txt", "{{ when }} {{ phone }}", 1, "the text does not say 'clinic'"),
        ("en/moved.sms.txt", "{{ clinic }}\n{{ when", 2, "not readable as a template"),
        ("en/day_7.html", "<p>{{ when }}</p>", 1, "'when' is undefined"),
        ("en/moved.sms.txt", "{{ clinic }} {{ when.year }} {{ phone }}", 1, "no attribute 'year'"),
        ("en/day_7.html", "{% include 'en/_none.html' %}", 1, "does not exist"),
        ("en/moved.sms.txt", "{{ clinic }} {{ when }} {{ phone }}" + " word" * 70, 1, "3 SMS segments"),
        ("en/welcome.sms.txt", "{{ clinic }}: care texts. HELP for help.", 1, "the text does not say STOP"),
        ("es/welcome.sms.txt", "{{ clinic }}: avisos. STOP: fin.", 1, "the text does not say HELP"),
        ("en/opted_out.sms.txt", "{{ clinic }}: no more. {{ phone }}", 1, "the text does not say START"),
    ],
)
def test_bad_templates(tmp_path: Path, name: str, text: str, line: int, message: str) -> None:
    """A template's mistake is an error with file, line and mend."""
    found = [finding for finding in template(tmp_path, name, text) if message in finding.message]
    assert [(finding.file, finding.line, finding.severity) for finding in found] == [
        (tmp_path / "templates" / name, line, Severity.ERROR)
    ]
    assert found[0].mend


def test_a_name_outside_gsm_7_is_told(tmp_path: Path) -> None:
    """A letter such as á in a name leaves 70 characters a segment: where that makes three, the clinic should know."""
    text = "{{ clinic }}: {{ name }}, now {{ when }}. {{ phone }}"
    assert template(tmp_path, "en/moved.sms.txt", text) == []
    (found,) = template(tmp_path, "en/moved.sms.txt", text + " word" * 14)
    assert (found.severity, "a name such as" in found.message) == (Severity.INFO, True)


def test_two_segments_are_a_warning(tmp_path: Path) -> None:
    """A second segment costs, but is the clinic's choice."""
    text = "{{ clinic }} {{ when }} {{ phone }}" + " word" * 30
    assert [finding.severity for finding in template(tmp_path, "en/moved.sms.txt", text)] == [Severity.WARNING]


@pytest.mark.parametrize("name", ["en/moved.txt", "moved.sms.txt", "en/moved.laserr.sms.txt", "EN/moved.sms.txt"])
def test_files_that_no_message_uses(tmp_path: Path, name: str) -> None:
    """A misnamed template would silently never be used, so it is told."""
    findings = template(tmp_path, name, "{{ clinic }}")
    assert [finding.message for finding in findings] == ["no message uses a file of this name"]


def test_a_clinics_good_template_is_clean(tmp_path: Path) -> None:
    """A text with the shipped one's facts and plain words gives no finding."""
    assert template(tmp_path, "en/moved.sms.txt", "{{ clinic }}: now {{ when }}. {{ phone }}") == []


@pytest.mark.parametrize(
    ("old", "new", "message", "mend"),
    [
        ("key: day_7", "key: day_77", "the message 'day_77' has no html", "did you mean 'day_7'?"),
        ("fallback_key: link", "fallback_key: linc", "the message 'linc' has no sms.txt", "did you mean 'link'?"),
        ("days: 42\n", "days: 3\n", "3 will not do", "floor of 14 days"),
        ("before: [laser_nafl]", "before: [laser_nafel]", "'laser_nafel' is not known", "did you mean 'laser_nafl'?"),
        ("condition: tan", "condition: tanned", "'tanned' is not known", "did you mean 'tan'?"),
    ],
)
def test_bad_protocols(tmp_path: Path, old: str, new: str, message: str, mend: str) -> None:
    """What loading or a missing template would break later is told with line and mend."""
    text = GOOD.replace(old, new, 1)
    found = [each for each in findings_for(tmp_path, "own.yaml", text) if message in each.message]
    assert [(each.severity, each.line) for each in found] == [(Severity.ERROR, text[: text.index(new)].count("\n") + 1)]
    assert mend in found[0].mend


def test_a_language_that_lacks_a_text(tmp_path: Path) -> None:
    """A message that exists in English alone is told for Spanish."""
    template(tmp_path, "en/day_9.sms.txt", "{{ clinic }}")
    findings = findings_for(tmp_path, "own.yaml", GOOD.replace("key: early ", "key: day_9 "))
    assert "'day_9' has no sms.txt in es" in [finding.message for finding in findings]


def test_a_standing_order_without_approval(tmp_path: Path) -> None:
    """A standing order that nobody approved is told not to count."""
    findings = findings_for(tmp_path, "own.yaml", GOOD.replace("release: clinician", "release: standing_order"))
    assert [finding.severity for finding in findings] == [Severity.INFO, Severity.WARNING]


def test_one_file_can_be_checked_alone(tmp_path: Path) -> None:
    """A path to a protocol file checks that file."""
    path = tmp_path / "own.yaml"
    path.write_text(GOOD.replace('approved_by: ""', 'approved_by: "Dr. Rivera"'))
    assert check(path) == []


@pytest.mark.parametrize("name", ["", "none.yaml"])
def test_nothing_to_check(tmp_path: Path, name: str) -> None:
    """An empty folder or a missing file is bad input, not a clean bill."""
    with pytest.raises(BadInputError, match="nothing to check"):
        check(tmp_path / name)
