"""Rules from files, and replies from lines."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from domain.errors import BadInputError
from domain.replies import ReplyReader, load_reader, read_lines
from domain.replies.language import LanguageReader
from domain.replies.load import SHIPPED, load_rules
from domain.replies.rulebook import RuleBook
from domain.replies.text import fold


def test_every_rule_has_a_source_and_an_own_id(reply_rules: RuleBook) -> None:
    """Staff can look up each rule by its id and read why it exists."""
    rules = reply_rules.rules

    assert all(rule.source for rule in rules)
    assert len({rule.id for rule in rules}) == len(rules)


def test_rules_name_known_concepts(reply_rules: RuleBook) -> None:
    """No rule waits for a concept that no language knows."""
    known = {concept for lexicon in reply_rules.lexicons for concept in lexicon.concepts} | {"denied"}
    named = {part.removeprefix("!") for rule in reply_rules.rules for need in rule.needs for part in need.split("|")}

    assert named <= known | {part for part in named if part in reply_rules.symptoms}


@pytest.mark.parametrize("path", sorted(SHIPPED.rglob("*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_pattern_is_cut_off_by_a_comment(path: Path) -> None:
    """A '#' after a space would silently end a list of patterns."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]

    assert [line for line in lines if re.search(r"\s#", line)] == []


def test_classes_hold_single_words(reply_rules: RuleBook) -> None:
    """A class stands for one place of a pattern, so a phrase in it would never be found."""
    assert [
        word for one in reply_rules.lexicons for words in one.classes.values() for word in words if " " in word
    ] == []


def test_no_concept_lists_a_pattern_twice(reply_rules: RuleBook) -> None:
    """A pattern stands once in its concept, with accents or without."""
    listed = Counter(
        (one.language, name, fold(source))
        for one in reply_rules.lexicons
        for name, sources in one.concepts.items()
        for source in sources
    )

    assert [entry for entry, times in listed.items() if times > 1] == []


def test_marks_of_patterns_stand_where_they_mean_something(reply_rules: RuleBook) -> None:
    """A `?` makes a whole part optional and a `*` ends a beginning; inside a choice or a word nothing would match."""
    parts = {
        part for one in reply_rules.lexicons for of in one.concepts.values() for source in of for part in source.split()
    }
    options = {option for part in parts for option in part.removesuffix("?").split("|") if part != "?"}

    assert sorted(one for one in options if "?" in one or "*" in one[:-1]) == []


def test_missing_folder_is_explained(tmp_path: Path) -> None:
    """A folder without rules is bad input that names the file."""
    with pytest.raises(BadInputError, match=r"rules\.yaml"):
        load_reader(tmp_path)


def test_two_files_of_a_language_say_nothing_twice(tmp_path: Path) -> None:
    """A concept in two files of a language is bad input that names the file, since one would hide the other."""
    shutil.copy(SHIPPED / "rules.yaml", tmp_path)
    (tmp_path / "en").mkdir()
    for name in ("a", "b"):
        (tmp_path / "en" / f"{name}.yaml").write_text(f"concepts:\n  pus: pus {name}\n", encoding="utf-8")

    with pytest.raises(BadInputError, match=r"b\.yaml repeats a part of 'concepts'"):
        load_rules(tmp_path)


def test_lines_come_back_with_label_and_rule(reader: ReplyReader) -> None:
    """Each object comes back as it was, with its label and rule."""
    lines = [json.dumps({"text": "pus", "lang": "en", "id": 7}), "", json.dumps({"text": "1", "question": "state"})]

    assert list(read_lines(lines, reader)) == [
        {"text": "pus", "lang": "en", "id": 7, "label": "urgent", "rule": "en.fluid.pus"},
        {"text": "1", "question": "state", "label": "clear", "rule": "state.1"},
    ]


@pytest.mark.parametrize("line", ["{", "[]", '{"lang": "en"}', '{"text": "a", "question": "mood"}', '{"text": 3}'])
def test_bad_line_is_named(reader: ReplyReader, line: str) -> None:
    """A line that is no reply is refused with its number."""
    with pytest.raises(BadInputError, match="Line 2"):
        list(read_lines(['{"text": "ok"}', line], reader))


def test_long_word_lists_count_to_the_end(reply_rules: RuleBook) -> None:
    """Word lists are longer than any message, and their last word is as well known as their first."""
    english = next(lexicon for lexicon in reply_rules.lexicons if lexicon.language == "en")
    language = LanguageReader(english, reply_rules)

    assert all(language.knows(word) for word in (english.spelled.split()[-1], english.ordinary.split()[-1]))
