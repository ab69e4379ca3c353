"""The documents speak of what is there: links, commands, make targets, settings, folders, the clinic file."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from runtime.settings import Settings
from tests.docs.settings_table import settings_table
from worker.admin import read_clinic
from worker.cli import app

TOP = Path(__file__).parents[2]
PAGES = [TOP / "README.md", TOP / "CHANGELOG.md", TOP / "deploy" / "README.md", *sorted((TOP / "docs").rglob("*.md"))]
NOT_SETTINGS = {
    "HEALGATE_SECRETS_DIR": "where settings are read from",
    "HEALGATE_SOAK": "switches the long tests on",
    "HEALGATE_UPDATE_GOLDENS": "writes the golden files of the scenarios anew",
}
NAMED_IN_CLINIC_FILES = {
    f"HEALGATE_{name}"
    for name in (
        "ACUITY_API_KEY",
        "BOOKING_SECRET",
        "BOULEVARD_APP_SECRET",
        "CALCOM_API_KEY",
        "CALCOM_SECRET",
        "CALENDLY_SIGNING_KEY",
        "CALENDLY_TOKEN",
        "EHR_SECRET",
        "EHR_TOKEN",
        "MINDBODY_SIGNATURE_KEY",
        "NEW_SECRET",
        "SQUARE_ACCESS_TOKEN",
        "SQUARE_SIGNATURE_KEY",
        "SQUARE_TOKEN",
        "WEBHOOK_SECRET",
        "ZENOTI_API_KEY",
        "ZENOTI_SECRET",
    )
}
"""Secrets of booking systems and webhooks, as the pages call them; a clinic may choose other names."""

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
_HEALGATE = re.compile(r"(?:(?<=[`/\s])|^)healgate ([a-z][a-z-]*)(?: ([a-z]+))?")
_VARIABLE = re.compile(r"\bHEALGATE_[A-Z_]*[A-Z]\b")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))


def code_of(page: Path) -> str:
    """All code spans and blocks of a page, one a line."""
    return "\n".join(_CODE.findall(page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(page: Path) -> Iterator[str]:
    """Relative links of a page that lead nowhere."""
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def commands() -> set[str]:
    """Every command, `clinic apply` in two words."""
    root = typer.main.get_command(app)
    names = set(getattr(root, "commands", {}))
    below = {name: getattr(root, "commands", {})[name] for name in names}
    return names | {f"{name} {sub}" for name, command in below.items() for sub in getattr(command, "commands", {})}


@pages
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file, and its anchor to a heading."""
    assert list(broken_links(page)) == []


@pages
def test_make_targets_exist(page: Path) -> None:
    """Every make target that a page names is in the Makefile."""
    targets = set(re.findall(r"^([a-z][a-z-]*):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_MAKE.findall(code_of(page))) <= targets


@pages
def test_commands_exist(page: Path) -> None:
    """Every healgate command that a page names is one."""
    known = commands()
    named = {(one, two) for one, two in _HEALGATE.findall(code_of(page))}
    strange = {one for one, _ in named if one not in known}
    strange |= {f"{one} {two}" for one, two in named if two and one == "clinic" and f"{one} {two}" not in known}
    assert strange == set()


@pages
def test_variables_are_settings(page: Path) -> None:
    """Every HEALGATE_ variable that a page names is a setting, or says what else it is."""
    settings = {f"HEALGATE_{name.upper()}" for name in Settings.model_fields}
    named = set(_VARIABLE.findall(page.read_text(encoding="utf-8")))
    assert named - settings - set(NOT_SETTINGS) - NAMED_IN_CLINIC_FILES == set()


def test_settings_table_is_that_of_the_settings() -> None:
    """docs/operating.md has every setting with its default and description."""
    text = (TOP / "docs" / "operating.md").read_text(encoding="utf-8")
    assert settings_table() in text, "write the output of tests/docs/settings_table.py into docs/operating.md"


def test_the_clinic_file_is_one_that_apply_takes(tmp_path: Path) -> None:
    """The clinic file of docs/operating.md is read as a clinic."""
    text = (TOP / "docs" / "operating.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "clinic.yaml"
    file.write_text(example, encoding="utf-8")
    clinic = read_clinic(file)
    assert (clinic.id, clinic.live_from, len(clinic.main.on_call)) == ("riverside", None, 2)


def test_the_map_of_the_house_is_complete() -> None:
    """README.md has a row for every package that is built."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    text = (TOP / "README.md").read_text(encoding="utf-8")
    assert [name for name in packages if f"| [{name}/]({name}/) |" not in text] == []


def test_decisions_are_whole() -> None:
    """Every decision says its status and date, context, decision, alternatives and consequences."""
    parts = ("Accepted, ", "**Context.**", "**Decision.**", "**Alternatives.**", "**Consequences.**")
    found = sorted((TOP / "docs" / "decisions").glob("*.md"))
    lacking = {page.name: [part for part in parts if part not in page.read_text(encoding="utf-8")] for page in found}
    assert len(found) >= 10
    assert {name: missing for name, missing in lacking.items() if missing} == {}
