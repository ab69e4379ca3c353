"""What holds for every text."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.replies import PRECEDENCE, Label, Question, ReplyReader

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).parent / "corpus.jsonl"
ENTRIES = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
OF_ANOTHER = frozenset(
    {
        "mi mamá se desmayó hoy en la mañana",
        "Mom is talking gibberish and her cheek is bright red",
        "mi mamá se hizo el tratamiento y tiene mucha calentura",
        "Mi papá dice que ve mosquitas negras y relámpagos desde el láser, él dice que es la edad",
        "mi abuela está ardiendo, le puse la mano en la frente y quema. la cara la tiene bien roja",
    }
)
"""Alarm alone; beside good news of the writer's own skin they are somebody else's, by rule."""
URGENT = [
    entry["text"]
    for entry in ENTRIES
    if entry["label"] == "urgent" and "question" not in entry and entry["text"] not in OF_ANOTHER
]
HARMLESS = [entry["text"] for entry in ENTRIES if entry["label"] in {"clear", "mild"} and "question" not in entry]
SENTENCES = [text for text in URGENT if len(text.split()) > 3]
ANY = [entry["text"] for entry in ENTRIES]
NOISE = st.sampled_from(["!!", " 😭", "...", " 🙏🙏", " lol", "\n", " haha", " \u200b", "!?"])


@given(st.sampled_from(SENTENCES), st.sampled_from([". No fever", ". no fever no chills", ". but no fever"]))
@settings(max_examples=60, deadline=None)
def test_denying_fever_lowers_nothing(reader: ReplyReader, text: str, denial: str) -> None:
    """An urgent text stays urgent when its writer adds that there is no fever."""
    assert reader.read(text + denial).label is Label.URGENT


@example("30", "somewhere between 6 and 8")
@example("no thank you to any future msgs", "102 and feeling rough")
@example("skin still bright red after a month", "2 in the day but an 8 at night")
@given(st.sampled_from(ANY), st.sampled_from(SENTENCES))
@settings(max_examples=60, deadline=None)
def test_an_urgent_sentence_makes_any_text_urgent(reader: ReplyReader, text: str, urgent: str) -> None:
    """Whatever else a text says, an urgent sentence makes it urgent."""
    assert reader.read(f"{text.rstrip('.')}. {urgent}").label is Label.URGENT


@example("its oozing", "no, all good")
@given(st.sampled_from(SENTENCES), st.sampled_from(HARMLESS))
@settings(max_examples=60, deadline=None)
def test_a_harmless_sentence_behind_lowers_nothing(reader: ReplyReader, urgent: str, text: str) -> None:
    """An urgent sentence stays urgent whatever harmless one comes after it."""
    assert reader.read(f"{urgent.rstrip('.')}. {text}").label is Label.URGENT


@given(st.sampled_from(URGENT), NOISE, st.booleans())
@settings(max_examples=60, deadline=None)
def test_noise_lowers_nothing(reader: ReplyReader, text: str, noise: str, shouted: bool) -> None:
    """Capitals, emoji and punctuation lower no urgent text."""
    noisy = (text.upper() if shouted else text) + noise

    assert reader.read(noisy).label is Label.URGENT


@given(st.text(max_size=300), st.sampled_from([None, *Question]))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_a_reading(reader: ReplyReader, text: str, question: Question | None) -> None:
    """No text makes the reader raise."""
    assert reader.read(text, question=question).label in PRECEDENCE


@pytest.mark.parametrize(
    "text",
    ["\x00pus\x00", "\ud83dpus", "\u202epus", "pus " * 2000, "9" * 5000, "/" * 500, "1/" * 300, "s t o p " * 400],
)
def test_odd_texts(reader: ReplyReader, text: str) -> None:
    """Control characters, lone surrogates, length and direction marks are survived."""
    assert reader.read(text).label in PRECEDENCE


def test_a_word_said_over_and_over_costs_no_more_than_a_moment(reader: ReplyReader) -> None:
    """Five hundred words that turn signs round, as long a text as a phone sends, are read within seconds."""
    began = time.process_time()
    reader.read("no " * 500)

    assert time.process_time() - began < 4
