"""Reading of many replies from JSON lines."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from domain.errors import BadInputError
from domain.replies.reader import ReplyReader
from domain.replies.reading import Question


def read_lines(lines: Iterable[str], reader: ReplyReader) -> Iterator[dict[str, Any]]:
    """Each object {"text", "lang"?, "question"?} with `label` and `rule` added; blank lines are skipped.

    Raises BadInputError that names the line's number.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read(number, line, reader)


def _read(number: int, line: str, reader: ReplyReader) -> dict[str, Any]:
    entry = _entry(number, line)
    question = entry.get("question")
    try:
        asked = Question(question) if question else None
    except ValueError as error:
        known = ", ".join(Question)
        raise BadInputError(f"Line {number}: question {question!r} is not one of {known}") from error
    reading = reader.read(entry["text"], lang=entry.get("lang"), question=asked)
    return {**entry, "label": reading.label.value, "rule": reading.rule}


def _entry(number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadInputError(f"Line {number} is not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise BadInputError(f'Line {number}: write an object with a "text", for example {{"text": "all good"}}')
    return entry
