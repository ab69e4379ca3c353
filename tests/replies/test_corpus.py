"""The rules against our own labelled replies; the targets are those of the design."""

import json
import os
from pathlib import Path

import pytest

from domain.replies import ReplyReader
from tests.replies.scoring import Score, read_file, score

CORPUS = Path(__file__).parent / "corpus.jsonl"
EVERY = 1 if os.environ.get("HEALGATE_SOAK") else 8
"""Of the older rounds; `make replies` and `make soak` read all."""
ROUNDS = tuple(range(1, 448))


def _share(pair: tuple[int, int]) -> float:
    return pair[0] / pair[1]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_targets(reader: ReplyReader, lang: str) -> None:
    """English and Spanish replies meet every target of the reply rules."""
    counts: Score = score(read_file(CORPUS, reader, lang, EVERY))

    assert counts.urgent[0] == counts.urgent[1]
    assert counts.worrying_as_harmless[0] == 0
    assert _share(counts.reached) >= 0.98
    assert _share(counts.opt_out) >= 0.98
    assert _share(counts.exact) >= 0.92  # A third of the rounds are dense sets of traps.
    assert _share(counts.harmless_to_person) <= 0.18  # Two rounds are small talk beside every good word.


def test_corpus_is_large_and_names_its_rounds() -> None:
    """The corpus holds at least 1,200 replies and says in which round each was written."""
    entries = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]

    assert len(entries) >= 1200
    assert {entry["round"] for entry in entries} == set(ROUNDS)
