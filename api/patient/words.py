"""The pages' texts by language, read once."""

from functools import cache
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from domain.messages import Frozen
from domain.replies import Question

FOLDER: Final = Path(__file__).parent / "texts"
DEFAULT: Final = "en"


class Options(Frozen):
    """A question with what can be chosen; the key is what an SMS would have said."""

    ask: str
    hint: str = ""
    options: dict[str, str]


class Words(Frozen):
    """Everything the pages say in one language."""

    language: str
    question: dict[Question, Options]
    next: str
    send: str
    back: str
    step: str
    """With {number} and {total}."""
    own_words: str
    error: str
    choose: str
    unclear: str
    done_title: str
    done: str
    urgent_title: str
    call_clinic: str
    call_emergency: str
    worried: str
    gone_title: str
    gone: str
    unknown: str
    trouble_title: str
    trouble: str
    unsubscribe_title: str
    unsubscribe: str
    unsubscribe_button: str
    unsubscribed_title: str
    unsubscribed: str
    automated: str


@cache
def words_in(locale: str) -> Words:
    """The texts for a locale such as `es-MX`: its language's, else English."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    name = language if language in _languages() else DEFAULT
    found = YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return Words.model_validate(found | {"language": name})


@cache
def _languages() -> frozenset[str]:
    return frozenset(path.stem for path in FOLDER.glob("*.yaml"))
