"""Scores readings against labelled replies, for the tests and `make replies`."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.replies import Label, Question, Reading, ReplyReader

PERSON = frozenset({Label.URGENT, Label.CONCERN, Label.QUESTION, Label.RESCHEDULE, Label.UNCLEAR})
"""Labels that a person reads."""
WORRYING = frozenset({Label.URGENT, Label.CONCERN})
HARMLESS = frozenset({Label.CLEAR, Label.MILD})
RECENT = 387
"""The first round of the corpus that each run of the tests reads whole."""


@dataclass(frozen=True)
class Scored:
    """One labelled reply and what the rules made of it."""

    text: str
    lang: str
    label: Label
    reading: Reading


@dataclass(frozen=True)
class Score:
    """Counts as pairs (right, of)."""

    exact: tuple[int, int]
    urgent: tuple[int, int]
    reached: tuple[int, int]
    worrying_as_harmless: tuple[int, int]
    opt_out: tuple[int, int]
    harmless_to_person: tuple[int, int]


def read_file(path: Path, reader: ReplyReader, lang: str = "", every: int = 1) -> list[Scored]:
    """The replies of a file, read; of one language only where it is named, of rounds before RECENT each `every`th."""
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    wanted = [one for at, one in enumerate(entries) if at % every == 0 or one.get("round", RECENT) >= RECENT]
    return [_scored(entry, reader) for entry in wanted if lang in {"", entry.get("lang")}]


def _scored(entry: dict[str, str], reader: ReplyReader) -> Scored:
    question = Question(entry["question"]) if entry.get("question") else None
    reading = reader.read(entry["text"], lang=entry.get("lang"), question=question)
    return Scored(entry["text"], entry.get("lang", ""), Label(entry["label"]), reading)


def score(scored: Iterable[Scored]) -> Score:
    rows = list(scored)
    worrying = [one for one in rows if one.label in WORRYING]
    harmless = [one for one in rows if one.label in HARMLESS]
    urgent = [one for one in rows if one.label is Label.URGENT]
    opt_out = [one for one in rows if one.label is Label.OPT_OUT]
    return Score(
        exact=(sum(one.reading.label is one.label for one in rows), len(rows)),
        urgent=(sum(one.reading.label is Label.URGENT for one in urgent), len(urgent)),
        reached=(sum(one.reading.label in PERSON for one in worrying), len(worrying)),
        worrying_as_harmless=(sum(one.reading.label in HARMLESS for one in worrying), len(worrying)),
        opt_out=(sum(one.reading.opt_out for one in opt_out), len(opt_out)),
        harmless_to_person=(sum(one.reading.label in PERSON for one in harmless), len(harmless)),
    )
