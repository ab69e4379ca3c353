"""scripts/lint_workflows.py keeps clocks, chance, files and the network out of workflows/ and domain/."""

from pathlib import Path

import pytest

from scripts.lint_workflows import lint, main

PLANTED = [
    ("from datetime import datetime\nnow = datetime.now()\n", 2, "datetime.now"),
    ("import datetime\nnow = datetime.datetime.utcnow()\n", 2, "datetime.utcnow"),
    ("from datetime import date\nday = date.today()\n", 2, "date.today"),
    ("import time\nnow = time.time()\n", 2, "time.time"),
    ("import os\nkey = os.environ['KEY']\n", 2, "os.environ"),
    ("import os\nkey = os.getenv('KEY')\n", 2, "os.getenv"),
    ("import random\n", 1, "random"),
    ("from uuid import uuid4\nid = uuid4()\n", 2, "uuid4"),
    ("import httpx\n", 1, "httpx"),
    ("from requests import get\n", 1, "requests"),
    ("from sqlalchemy.ext.asyncio import create_async_engine\n", 1, "sqlalchemy"),
    ("import logging\n", 1, "logging"),
    ("print('here')\n", 1, "print"),
    ("file = open('notes')\n", 1, "open"),
]


@pytest.mark.parametrize(("source", "line", "what"), PLANTED, ids=[what for _, _, what in PLANTED])
def test_a_planted_violation_is_found_with_file_and_line(source: str, line: int, what: str, tmp_path: Path) -> None:
    """Each rule names the line that breaks it."""
    path = tmp_path / "planted.py"
    path.write_text(source, encoding="utf-8")
    assert [(found.path, found.line, found.what) for found in lint(path)] == [(path, line, what)]


def test_what_is_found_is_printed_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 1, and the output starts with file and line."""
    path = tmp_path / "planted.py"
    path.write_text("import random\n", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith(f"{path}:1: random is not deterministic here")


def test_our_own_folders_are_clean() -> None:
    """Nothing in workflows/ and domain/ reads a clock, throws dice or opens a file by itself."""
    assert main([]) == 0


@pytest.mark.parametrize("source", ["id = workflow.uuid4()\n", "now = workflow.now()\n", "day = self.today(now)\n"])
def test_the_workflows_own_sources_are_fine(source: str, tmp_path: Path) -> None:
    """What Temporal makes deterministic is not refused."""
    path = tmp_path / "fine.py"
    path.write_text(source, encoding="utf-8")
    assert lint(path) == []


@pytest.mark.parametrize(
    ("comment", "count"),
    [
        ("# workflow-lint: allow time.time - measures the test itself", 0),
        ("# workflow-lint: allow time.time", 1),
        ("# workflow-lint: allow print - wrong name", 1),
        ("# noqa", 1),
    ],
)
def test_only_a_named_and_reasoned_comment_excuses_a_line(comment: str, count: int, tmp_path: Path) -> None:
    """An excuse names the rule and gives a reason."""
    path = tmp_path / "excused.py"
    path.write_text(f"now = time.time()  {comment}\n", encoding="utf-8")
    assert len(lint(path)) == count
