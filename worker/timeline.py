"""Prints what happened in a journey as a timeline: coloured in a terminal, plain text when piped."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

STYLES = {
    "message.sent": "green",
    "message.skipped": "yellow",
    "reply": "cyan",
    "gate": "bold magenta",
    "task": "bold yellow",
    "page": "bold red",
    "incident": "bold red",
    "journey": "bold",
}


class Timeline:
    """Writes lines of `healgate simulate`, one event each."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True)

    def line(self, line: dict[str, Any]) -> None:
        """One event."""
        local = datetime.fromisoformat(line["local"])
        text = Text(f"{local:%a %Y-%m-%d %H:%M}  ", style="dim")
        text.append(f"{line['kind']:<16}", style=STYLES.get(line["kind"], ""))
        text.append(_summary(line))
        self._console.print(text)


def _summary(line: dict[str, Any]) -> str:
    if (summarise := SUMMARIES.get(line["kind"])) is not None:
        return summarise(line)
    rest = {key: value for key, value in line.items() if key not in ("at", "local", "kind")}
    return ", ".join(f"{key}={value}" for key, value in rest.items())


def _sent(line: dict[str, Any]) -> str:
    first = str(line.get("subject") or line["body"]).partition("\n")[0]
    return f"{line['key']} by {line['channel']}: {first}"


def _reply(line: dict[str, Any]) -> str:
    shown = f": {line['text']!r}" if "text" in line else ""
    return f"read as {line['category']} ({line['rule']}){shown}"


def _gate(line: dict[str, Any]) -> str:
    return f"before {line['step']}: {line['from']} -> {line['to']} by {line['by']} ({', '.join(line['reasons'])})"


def _staff(line: dict[str, Any]) -> str:
    outcome = "accepted" if line["accepted"] else f"refused ({line['reason']})"
    return f"{line['action']} by {line['by']}: {outcome}"


def _task(line: dict[str, Any]) -> str:
    return f"{line['cause']} ({line['urgency']}, due {line['due']}){' closed' if line.get('state') == 'closed' else ''}"


SUMMARIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "message.sent": _sent,
    "message.skipped": lambda line: f"{line['key']} by {line['channel']}: not sent, {line['reason']}",
    "reply": _reply,
    "gate": _gate,
    "task": _task,
    "task.closed": _task,
    "booking": lambda line: f"{line['ref']} {line['status']}: {line['verdict']}",
    "staff": _staff,
    "journey": lambda line: str(line["stage"]),
}
