"""docs/protocols.md tells the lengths that the shipped texts have."""

from pathlib import Path

from domain.segments import segments, to_gsm7
from protocols.dates import babel_locale
from protocols.lint_templates import SAMPLE
from protocols.message_context import one_line, variables
from protocols.template_files import SHIPPED_TEMPLATES, TemplateFiles

PAGE = Path(__file__).parents[2] / "docs" / "protocols.md"


def units(name: str, language: str) -> int:
    text = TemplateFiles().fill(f"{language}/{name}", variables(SAMPLE, babel_locale(language), long=False))
    return segments(to_gsm7(one_line(text))).units


def test_the_table_of_lengths() -> None:
    """The page's table of lengths is that of the texts."""
    table = PAGE.read_text(encoding="utf-8").partition("| key | English | Spanish |\n|---|---|---|\n")[2]
    names = sorted(path.name for path in (SHIPPED_TEMPLATES / "en").glob("*.sms.txt"))
    rows = [f"| {name.removesuffix('.sms.txt')} | {units(name, 'en')} | {units(name, 'es')} |" for name in names]
    assert table.splitlines()[: len(rows) + 1] == [*rows, ""]
