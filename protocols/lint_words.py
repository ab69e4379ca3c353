"""Finds words in patient texts that must not stand there; the words are data (`lint_words.yaml`)."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from protocols.yaml_source import read_yaml

WORDS_FILE: Final = Path(__file__).with_name("lint_words.yaml")
_DOSE: Final = re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:mg|mcg|µg|ml)\b", re.IGNORECASE)
_NOT_WORDS: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>", re.DOTALL)
_ASKING: Final = r"(?:\d+[:.)]?|reply|answer|text|send|responda|conteste|envíe|escriba)[\s'\"]+"
_OPT_OUT_NOTICE: Final = frozenset({"stop", "help", "start"})


class Word(NamedTuple):
    """One forbidden word, its category in the data file, and the line (from 1) where it stands."""

    text: str
    category: str
    line: int


def forbidden(source: str, language: str, *, visible: bool) -> Iterator[Word]:
    """Words that this text must not have; `visible` ones (SMS, subjects) are read on locked screens."""
    categories = ("claims", "drugs", "health", "treatments") if visible else ("claims", "drugs")
    for line, text in _lines(source):
        for category in categories:
            if match := _pattern(category, language).search(text):
                yield Word(match[0], category, line)
        if match := _DOSE.search(text):
            yield Word(match[0], "drugs", line)


def reserved(source: str, *, about_keywords: bool) -> Iterator[Word]:
    """Carrier words that an SMS asks for as an answer; some texts may say how to stop and get help."""
    word = _alternatives("reserved", "any")
    asked = re.compile(rf"\b{_ASKING}({word})\b", re.IGNORECASE)
    shouted = re.compile(rf"\b({word.upper()})\b")
    for line, text in _lines(source):
        found = {match[1].lower() for pattern in (asked, shouted) for match in pattern.finditer(text)}
        for each in sorted(found - (_OPT_OUT_NOTICE if about_keywords else frozenset())):
            yield Word(each, "reserved", line)


def _lines(source: str) -> Iterator[tuple[int, str]]:
    """Lines without braces and tags, which keep their places."""
    words = _NOT_WORDS.sub(lambda match: " " + "\n" * match[0].count("\n"), source)
    return enumerate(words.splitlines(), start=1)


@cache
def _pattern(category: str, language: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_alternatives(category, language)})\b", re.IGNORECASE)


@cache
def _alternatives(category: str, language: str) -> str:
    lists = _words()[category]
    words = (*lists.get("any", ()), *(lists.get(language, ()) if language != "any" else ()))
    return "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words) or "(?!)"


@cache
def _words() -> Mapping[str, Mapping[str, list[str]]]:
    data = read_yaml(WORDS_FILE).data
    assert isinstance(data, dict)
    return data
