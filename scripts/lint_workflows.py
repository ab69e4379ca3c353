"""Refuses what makes a workflow differ from run to run: `python scripts/lint_workflows.py [FOLDER ...]`.

Clocks, chance, the environment, files, the network and logging have no place in workflows/ and domain/: time and ids
come in as arguments. A comment excuses a line: `# workflow-lint: allow NAME - reason`, with the name that it breaks.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("workflows", "domain")
CALLS = {
    "datetime.now": "take the time as an argument, or workflow.now() in a workflow",
    "datetime.utcnow": "take the time as an argument",
    "datetime.today": "take the day as an argument",
    "date.today": "take the day as an argument",
    "time.time": "take the time as an argument",
    "time.monotonic": "take the time as an argument",
    "time.sleep": "use workflow.sleep or wait_condition",
    "asyncio.sleep": "use workflow.sleep or wait_condition with a summary",
    "os.getenv": "settings come in as arguments",
    "uuid.uuid4": "use workflow.uuid4(), or take the id as an argument",
    "uuid4": "use workflow.uuid4(), or take the id as an argument",
    "print": "record a change instead",
    "open": "files are read by activities, or before the workflow starts",
    "input": "nothing is asked in a workflow",
}
NAMES = {"os.environ": "settings come in as arguments"}
IMPORTS = {
    "random": "use workflow.random()",
    "requests": "the network belongs into activities",
    "httpx": "the network belongs into activities",
    "aiohttp": "the network belongs into activities",
    "sqlalchemy": "the database belongs into activities",
    "logging": "record a change, or use workflow.logger",
    "structlog": "record a change, or use workflow.logger",
}
ALLOW = "# workflow-lint: allow "


@dataclass(frozen=True)
class Finding:
    """One line that breaks a rule."""

    path: Path
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what} is not deterministic here: {self.mend}"


def lint(path: Path) -> list[Finding]:
    """What is wrong in one file; SyntaxError for one that is not Python."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source, filename=str(path))
    found = (Finding(path, line, what, mend) for node in ast.walk(tree) for line, what, mend in _broken(node))
    return [finding for finding in found if not _is_allowed(lines[finding.line - 1], finding.what)]


def _broken(node: ast.AST) -> Iterator[tuple[int, str, str]]:
    if isinstance(node, ast.Call):
        yield from _matches(node, ast.unparse(node.func), CALLS)
    elif isinstance(node, ast.Attribute):
        yield from _matches(node, ast.unparse(node), NAMES)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield from _imported(node, alias.name)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from _imported(node, node.module)


def _matches(node: ast.expr, name: str, rules: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    """`datetime.datetime.now` breaks the rule for `datetime.now`; `workflow.uuid4` breaks none."""
    if name.startswith("workflow."):
        return
    for rule, mend in rules.items():
        if name == rule or ("." in rule and name.endswith(f".{rule}")):
            yield node.lineno, rule, mend


def _imported(node: ast.Import | ast.ImportFrom, module: str) -> Iterator[tuple[int, str, str]]:
    package = module.split(".", maxsplit=1)[0]
    if package in IMPORTS:
        yield node.lineno, package, IMPORTS[package]


def _is_allowed(line: str, what: str) -> bool:
    _, _, excuse = line.partition(ALLOW)
    name, _, reason = excuse.partition(" - ")
    return name.strip() == what and bool(reason.strip())


def main(arguments: list[str]) -> int:
    """1 when anything was found, which is printed with file and line."""
    root = Path(__file__).resolve().parents[1]
    folders = [Path(folder) for folder in arguments] or [root / folder for folder in FOLDERS]
    findings = [finding for folder in folders for path in sorted(folder.rglob("*.py")) for finding in lint(path)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
