"""A bad protocol file is refused with file, line and mend."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInputError
from protocols.findings import FindingsError
from protocols.load import SHIPPED_FOLDER, load_protocol, shipped
from protocols.yaml_source import MAX_BYTES, parse_yaml, read_yaml

GOOD = (SHIPPED_FOLDER / "microneedling-then-laser.yaml").read_text(encoding="utf-8")


def line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def refused(folder: Path, text: str) -> FindingsError:
    path = folder / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FindingsError) as caught:
        load_protocol(path)
    assert all(finding.file == path for finding in caught.value.findings)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "message", "mend"),
    [
        ("anchor: booked", "anchro: booked", "unknown key 'anchro'", "did you mean 'anchor'?"),
        ("anchor: booked", "anchor: boked", "'boked' is not known", "did you mean 'booked'?"),
        ("condition: rosacea", "condition: rosacia", "'rosacia' is not known", "did you mean 'rosacea'?"),
        ("laser_nafl   #", "laser_nafel   #", "'laser_nafel' is not known", "did you mean 'laser_nafl'?"),
        ("days: 42\n", "days: 7\n", "7 will not do", "floor of 14 days"),
        ("after: 10m", "after: 10 minutes", "'10 minutes' is not a duration", "write it like 28d, 2h or 10m"),
        ('version: "1"', "version: 1.5", "1.5 will not do", "put it in quotes"),
        ("asks: early", "asks: erly", "unknown question 'erly'", "did you mean 'early'?"),
        ("days: [14]", "days: [14]\n    after: 2h", "needs one time", "exactly one of"),
        ("days: [14]", "days: [-14]", "before its anchor", "anchor: visit"),
        ("default_treatment: laser_nafl", "default_treatment: microneedling", "is not one of", "add it to the list"),
        ("id: rosacea", "id: tan", "tan is given twice", "keep one of them"),
        ("key: day_7", "key: day_14", "day_14 (email, microneedling) is given twice", "keep one of them"),
        (
            "treatments: [microneedling]\n    anchor",
            "treatments: [microneedling_rf]\n    anchor",
            "no step has",
            "mean",
        ),
        ("before: [laser_hair]", "before: [laser_ipl]", "no interval from microneedling to laser_hair", "add one"),
        ("release: clinician", "release: clinician\nrelease: clinician", "'release' is given twice", "keep one"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, message: str, mend: str) -> None:
    """Each usual mistake is told with what is wrong and how to mend it."""
    assert old in GOOD
    error = refused(tmp_path, GOOD.replace(old, new, 1))
    assert any(message in finding.message and mend in finding.mend for finding in error.findings), str(error)


def test_the_line_is_that_of_the_mistake(tmp_path: Path) -> None:
    """A finding points at the line of the key that is wrong, lists included."""
    bad = GOOD.replace("condition: tan", "condition: tann")
    assert [finding.line for finding in refused(tmp_path, bad).findings] == [line_of(bad, "condition: tann")]


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Several mistakes come in one answer, in the order of the file."""
    bad = GOOD.replace("condition: tan", "condition: tann").replace('version: "1"', "version: 1")
    lines = [finding.line for finding in refused(tmp_path, bad).findings]
    assert lines == [line_of(bad, "version: 1"), line_of(bad, "condition: tann")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("id: a\nid: b\n", "given twice"),
        ("a: &x [1]\nb: *x\n", "anchors"),
        ("a: !!python/object/apply:os.system [ls]\n", "tag"),
        ("a: " + "[" * 5000, "nested too deeply"),
        ("a: [1,\nb", "not readable"),
        ("\x00", "not readable"),
        ("? [a]\n: b\n", "not a word"),
        ("- 1\n", "will not do"),
        ("a" * (MAX_BYTES + 1), "larger"),
    ],
    ids=["empty", "duplicate", "alias", "tag", "deep", "broken", "nul", "list key", "list", "huge"],
)
def test_hostile_yaml_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Bombs, tags, deep nesting and rubbish are refused without being built."""
    assert message in str(refused(tmp_path, text))


def test_an_alias_bomb_is_refused_at_once(tmp_path: Path) -> None:
    """Aliases that would multiply to billions are refused at the first anchor."""
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10))
    assert "anchors" in str(refused(tmp_path, f"l0: &l0 [x]\n{levels}\n"))


@pytest.mark.parametrize("raw", [b"id: \xff\xfe", b"\xef\xbb\xbfid: \xc3"])
def test_other_encodings_are_refused(tmp_path: Path, raw: bytes) -> None:
    """A file that is not UTF-8 is refused with the mend."""
    (tmp_path / "bad.yaml").write_bytes(raw)
    with pytest.raises(BadInputError, match="save the file as UTF-8"):
        load_protocol(tmp_path / "bad.yaml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader raise anything but a refusal."""
    with contextlib.suppress(FindingsError):
        assert parse_yaml(Path("any.yaml"), text).lines[()] >= 1


def test_values_keep_their_yaml_types(tmp_path: Path) -> None:
    """Clock times and dates stay text, numbers and truth values do not; huge numbers are text."""
    (tmp_path / "a.yaml").write_text(
        "a: 10:00\nb: 2027-01-01\nc: -14\nd: 1.5\ne: true\nf: ~\ng: .inf\nh: 12345678901\n"
    )
    data = {"a": "10:00", "b": "2027-01-01", "c": -14, "d": 1.5, "e": True, "f": None, "g": ".inf", "h": "12345678901"}
    assert read_yaml(tmp_path / "a.yaml").data == data


def test_a_group_stands_for_its_members(tmp_path: Path) -> None:
    """A group's name in a list is replaced by its members, and what follows it keeps its line."""
    (tmp_path / "a.yaml").write_text("x:\n  - pair\n  - last\n")
    source = read_yaml(tmp_path / "a.yaml", (("pair", ("one", "two")),))
    assert source.data == {"x": ["one", "two", "last"]}
    assert source.line_of(("x", 2)) == 3


def test_the_clinics_own_file_comes_first(tmp_path: Path) -> None:
    """An id is looked for in the clinic's folder before the shipped ones."""
    (tmp_path / "laser.yaml").write_text(GOOD.replace('approved_by: ""', 'approved_by: "Dr. Rivera"'))
    assert load_protocol("laser", tmp_path).approved_by == "Dr. Rivera"
    assert load_protocol("microneedling", tmp_path).approved_by == ""


def test_an_unknown_id_names_the_nearest() -> None:
    """A misspelt id is answered with the nearest known one."""
    with pytest.raises(BadInputError, match="did you mean 'microneedling-then-laser'"):
        load_protocol("microneedling-than-laser")


@pytest.mark.parametrize("name", ["../protocols/laser", "nope.yaml", "/etc", "", "lint_words"])
def test_names_that_are_no_protocol(name: str) -> None:
    """Odd ids and missing files get a clear refusal, and ids never leave the folder."""
    with pytest.raises(BadInputError):
        load_protocol(name)


def test_every_shipped_protocol_loads() -> None:
    """What is shipped is readable."""
    assert [load_protocol(name).id for name in shipped()] == list(shipped())
