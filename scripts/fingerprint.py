"""Lists the commands of each workflow in the order of its source: `python scripts/fingerprint.py [--write]`.

A change of this list in a review says that running journeys may not replay on the new code. It is compared with
tests/replay/fingerprints.json; what to do when it differs stands in docs/versioning.md.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FINGERPRINTS = ROOT / "tests" / "replay" / "fingerprints.json"
COMMANDS = frozenset(
    {
        "continue_as_new",
        "deprecate_patch",
        "execute_activity",
        "execute_activity_method",
        "execute_child_workflow",
        "execute_local_activity",
        "execute_local_activity_method",
        "get_external_workflow_handle",
        "patched",
        "random",
        "sleep",
        "start_activity",
        "start_activity_method",
        "start_child_workflow",
        "start_local_activity",
        "start_local_activity_method",
        "upsert_memo",
        "upsert_search_attributes",
        "uuid4",
        "wait",
        "wait_condition",
    }
)
"""Of `temporalio.workflow`: what becomes history, or decides on its order."""
SIDE_BY_SIDE = frozenset({"as_completed", "create_task", "gather", "timeout", "wait", "wait_for"})
"""Of `asyncio`: they fix the order in which commands are made."""
NAMED = frozenset({"patched", "deprecate_patch"})
HANDLERS = frozenset({"init", "query", "run", "signal", "update"})


def fingerprints(folder: Path) -> dict[str, list[str]]:
    """By workflow name; what helpers outside the classes do to a workflow stands under the name of their file."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (name := _workflow_name(node)):
                found[name] = [line for method in node.body for line in _of_function(method)]
            elif commands := [line for line in _of_function(node) if "asyncio." not in line]:
                found.setdefault(path.name, []).extend(commands)
    return found


def _workflow_name(node: ast.ClassDef) -> str | None:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "workflow.defn":
            given = [k.value.value for k in decorator.keywords if k.arg == "name" and isinstance(k.value, ast.Constant)]
            return str(given[0]) if given else node.name
        if ast.unparse(decorator) == "workflow.defn":
            return node.name
    return None


def _of_function(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    for decorator in node.decorator_list:
        kind = ast.unparse(decorator).split("(")[0].removeprefix("workflow.")
        if kind in HANDLERS:
            yield f"{kind} {node.name}"
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if command := _command(call):
            yield f"{node.name}: {command}"


def _command(call: ast.Call) -> str | None:
    module, _, name = ast.unparse(call.func).rpartition(".")
    if module == "asyncio" and name in SIDE_BY_SIDE:
        return f"asyncio.{name} {', '.join(ast.unparse(argument).split('(')[0] for argument in call.args)}".strip()
    if module != "workflow" or name not in COMMANDS:
        return None
    shown = [ast.unparse(call.args[0])] if call.args and ("activity" in name or name in NAMED) else []
    timer = any(keyword.arg == "timeout" for keyword in call.keywords)
    return " ".join([name, *shown, *(["timeout"] if timer else [])])


def difference(folder: Path = ROOT / "workflows", recorded: Path = FINGERPRINTS) -> str:
    """Empty when the code's commands are those on record; else what differs and what to do about it."""
    now, known = fingerprints(folder), json.loads(recorded.read_text(encoding="utf-8"))
    changed = [name for name in sorted({*now, *known}) if now.get(name) != known.get(name)]
    if not changed:
        return ""
    lines = [line for name in changed for line in _changes(name, known.get(name, []), now.get(name, []))]
    return "\n".join(
        [
            "The commands of these workflows have changed:",
            *lines,
            "Journeys that run now will replay on this code. Put the change behind workflow.patched('name') unless",
            "tests/replay shows that the recorded histories still replay. Then, in the same change, run",
            "`python scripts/fingerprint.py --write` and, for new paths, `python scripts/record_histories.py`.",
            "docs/versioning.md says more.",
        ]
    )


def _changes(name: str, before: list[str], after: list[str]) -> list[str]:
    gone = [f"  {name}: - {line}" for line in before if line not in after]
    new = [f"  {name}: + {line}" for line in after if line not in before]
    return gone + new or [f"  {name}: the order"]


def main(arguments: list[str]) -> int:
    """`--write` records the present; without it, 1 when it differs from the record."""
    if arguments == ["--write"]:
        text = json.dumps(fingerprints(ROOT / "workflows"), indent=2) + "\n"
        FINGERPRINTS.write_text(text, encoding="utf-8")
        return 0
    said = difference()
    print(said or "The workflows' commands are those on record.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
