"""The sandbox's memory, written through to a SQLite file of its own where one is given."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from sandbox.records import Mail, Text, now

Record = TypeVar("Record", bound=BaseModel)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
)
"""
_UPSERT = "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body"


class State:
    """Everything is held in memory, oldest first; every change is committed before the caller goes on."""

    def __init__(self, file: Path | None) -> None:
        self._db = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(_SCHEMA)
        self.texts = {one.sid: one for one in self._all("text", Text)}
        self.mails = {one.id: one for one in self._all("mail", Mail)}
        self.posts: Counter[str] = Counter({key: int(value) for key, value in self._pairs("posts")})
        """POSTs that arrived for a ledger row, accepted or not."""
        self.suppressed = dict(self._pairs("suppressed"))
        """E-mail address to SendGrid's reason."""
        self.batches = dict(self._pairs("batch"))
        """Batch id to `pause`, `cancel`, or nothing."""
        self._opted_out = {key for key, _ in self._pairs("opted_out")}

    def save_text(self, text: Text) -> None:
        """Keep a new text or its change."""
        text.updated_at = now()
        self.texts[text.sid] = text
        self._put("text", text.sid, text.model_dump_json())

    def drop_text(self, sid: str) -> None:
        """Forget a text, as Twilio does on DELETE."""
        del self.texts[sid]
        self._delete("text", sid)

    def save_mail(self, mail: Mail) -> None:
        """Keep a new mail or its change."""
        self.mails[mail.id] = mail
        self._put("mail", mail.id, mail.model_dump_json())

    def count_post(self, message_id: str) -> None:
        """One more POST named this ledger row."""
        self.posts[message_id] += 1
        self._put("posts", message_id, str(self.posts[message_id]))

    def suppress(self, address: str, reason: str) -> None:
        """Later mails to this address are dropped for `reason`."""
        self.suppressed[address] = reason
        self._put("suppressed", address, reason)

    def set_batch(self, batch_id: str, status: str) -> None:
        """`status`: pause, cancel, or empty."""
        self.batches[batch_id] = status
        self._put("batch", batch_id, status)

    def opted_out(self, clinic: str, patient: str) -> bool:
        """True after STOP, until START."""
        return f"{clinic} {patient}" in self._opted_out

    def opt_out(self, clinic: str, patient: str) -> None:
        """The patient wants no more texts from this number."""
        self._opted_out.add(f"{clinic} {patient}")
        self._put("opted_out", f"{clinic} {patient}", "")

    def opt_in(self, clinic: str, patient: str) -> None:
        """The patient takes texts from this number again."""
        self._opted_out.discard(f"{clinic} {patient}")
        self._delete("opted_out", f"{clinic} {patient}")

    def secret(self, name: str) -> str | None:
        """Something made at the first start, such as the signing key."""
        return dict(self._pairs("secret")).get(name)

    def keep_secret(self, name: str, value: str) -> None:
        """Keep what must be the same after a restart."""
        self._put("secret", name, value)

    def forget(self) -> None:
        """Start with nothing, but for the secrets."""
        self._db.execute("DELETE FROM documents WHERE kind <> 'secret'")
        for kept in (self.texts, self.mails, self.posts, self.suppressed, self.batches, self._opted_out):
            kept.clear()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _all(self, kind: str, model: type[Record]) -> list[Record]:
        return [model.model_validate_json(body) for _, body in self._pairs(kind)]

    def _pairs(self, kind: str) -> list[tuple[str, str]]:
        rows = self._db.execute("SELECT id, body FROM documents WHERE kind = ? ORDER BY rowid", (kind,))
        return [(key, body) for key, body in rows]

    def _put(self, kind: str, key: str, body: str) -> None:
        self._db.execute(_UPSERT, (kind, key, body))

    def _delete(self, kind: str, key: str) -> None:
        self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, key))
