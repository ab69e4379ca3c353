"""What is wrong with a protocol or a template, and how to mend it."""

import difflib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from domain.errors import BadInputError
from domain.messages import Frozen


class Severity(StrEnum):
    """An error stops the file from being used; a warning wants a look; an info is good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(Frozen):
    """One thing to mend. `line` counts from 1."""

    file: Path
    line: int
    severity: Severity = Severity.ERROR
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}; {self.mend}"


class FindingsError(BadInputError):
    """A file that cannot be used; `findings` has every reason, and `str()` shows them one a line."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def did_you_mean(word: object, known: Iterable[str], otherwise: str) -> str:
    """The mend for a word that nobody knows: the nearest known one, or `otherwise`."""
    near = difflib.get_close_matches(str(word), sorted(known), n=1)
    return f"did you mean {near[0]!r}?" if near else otherwise
