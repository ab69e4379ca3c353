"""Turns audit entries into the lines of `healgate simulate`."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from channels.twilio_webhooks import read_form
from domain.records import AuditEntry
from store import Store

SILENT = ("incident",)


class Lines:
    """Writes one object per entry, times cut to the minute."""

    def __init__(self, store: Store, zone: str) -> None:
        self._store = store
        self._zone = ZoneInfo(zone)

    async def line(self, entry: AuditEntry) -> dict[str, Any] | None:
        """The line of an entry; None for what the format does not show."""
        body = await self._body(entry)
        if body is None:
            return None
        at = entry.at.astimezone(UTC).replace(second=0, microsecond=0)
        return {"at": _iso(at), "local": _iso(at.astimezone(self._zone)), **body}

    async def _body(self, entry: AuditEntry) -> dict[str, Any] | None:
        data = entry.data
        match entry.kind:
            case "message.sent":
                return await self._sent(data)
            case "message.skipped":
                shown = {"key": data["touchpoint"], "channel": data["channel"], "reason": data.get("reason")}
                return {"kind": "message.skipped", **shown}
            case "reply":
                return await self._reply(data)
            case "task":
                return _task(data)
            case "gate" | "page" | "booking" | "staff" | "journey" | "incident":
                return {"kind": entry.kind, **{key: value for key, value in data.items() if key != "task_id"}}
            case _:
                return None

    async def _sent(self, data: dict[str, Any]) -> dict[str, Any] | None:
        row = await self._store.ledger.get(str(data["message_id"]))
        if row.touchpoint.startswith("page"):
            return None
        shown: dict[str, Any] = {"key": row.touchpoint, "channel": row.channel.value, "to": row.to, "body": row.body}
        if row.subject is not None:
            shown["subject"] = row.subject
        return {"kind": "message.sent", **shown, "segments": row.segments, "step": row.step}

    async def _reply(self, data: dict[str, Any]) -> dict[str, Any]:
        row = await self._store.inbox.get(str(data["inbox_id"]))
        text = read_form(row.body).get("Body")
        return {"kind": "reply", "text": text, "category": data["category"], "rule": data["rule"]}


def _task(data: dict[str, Any]) -> dict[str, Any]:
    closed = data.get("state") == "closed"
    shown = {"urgency": data["urgency"], "cause": data["cause"], "due": data["due"], "state": data.get("state")}
    return {"kind": "task.closed" if closed else "task", **shown}


def _iso(moment: datetime) -> str:
    return moment.isoformat()
