"""Prints what happened in a journey as a timeline: coloured in a terminal, plain text when piped."""

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
    match line["kind"]:
        case "message.sent":
            first = str(line.get("subject") or line["body"]).splitlines()[0]
            return f"{line['key']} by {line['channel']}: {first}"
        case "message.skipped":
            return f"{line['key']} by {line['channel']}: not sent, {line['reason']}"
        case "reply":
            shown = f": {line['text']!r}" if "text" in line else ""
            return f"read as {line['category']} ({line['rule']}){shown}"
        case "gate":
            return (
                f"before {line['step']}: {line['from']} -> {line['to']} by {line['by']} ({', '.join(line['reasons'])})"
            )
        case "task" | "task.closed":
            return f"{line['cause']} ({line['urgency']}, due {line['due']})"
        case "booking":
            return f"{line['ref']} {line['status']}: {line['verdict']}"
        case "staff":
            outcome = "accepted" if line["accepted"] else f"refused ({line['reason']})"
            return f"{line['action']} by {line['by']}: {outcome}"
        case "journey":
            return str(line["stage"])
        case _:
            shown = {key: value for key, value in line.items() if key not in ("at", "local", "kind")}
            return ", ".join(f"{key}={value}" for key, value in shown.items())
