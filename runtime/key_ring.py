"""The keys that encrypt Temporal payloads: one current, any number of old ones."""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from domain.errors import BadInputError
from runtime.files import private_folder, read_or_create_private

KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHAPE = "id:key[,older-id:key], each key 32 bytes in base64 (`openssl rand -base64 32` makes one)"


@dataclass(frozen=True)
class KeyRing:
    """AES-256 keys by id. New payloads use `current_id`; the others only decode."""

    current_id: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current_id not in self.keys:
            raise BadInputError(f"payload keys: there is no key with the current id {self.current_id!r}")
        for key_id, key in self.keys.items():
            _check(key_id, key)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `id:base64,older-id:base64` (commas, spaces or lines between); the first is current.

        Raises `BadInputError`, which never quotes a key.
        """
        entries = [_entry(part) for part in re.split(r"[,\s]+", text) if part]
        if not entries:
            raise BadInputError(f"payload keys: none given; expected {_SHAPE}")
        keys = dict(entries)
        if len(keys) != len(entries):
            raise BadInputError("payload keys: two keys have the same id; give each key its own id")
        return cls(current_id=entries[0][0], keys=keys)

    @classmethod
    def generate(cls) -> Self:
        """A ring with one new random key."""
        key_id = f"k{secrets.token_hex(4)}"
        return cls(current_id=key_id, keys={key_id: secrets.token_bytes(KEY_BYTES)})

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read the ring from a file; a missing file is made, with a new key and mode 0600."""
        private_folder(path.parent)
        return cls.parse(read_or_create_private(path, lambda: cls.generate().dump() + "\n"))

    def dump(self) -> str:
        """The text that `parse` reads. Secret: only for key files."""
        ids = [self.current_id, *(key_id for key_id in self.keys if key_id != self.current_id)]
        return ",".join(f"{key_id}:{base64.b64encode(self.keys[key_id]).decode()}" for key_id in ids)


def _entry(part: str) -> tuple[str, bytes]:
    key_id, colon, encoded = part.partition(":")
    if not colon:
        raise BadInputError(f"payload keys: an entry has no id before its key; expected {_SHAPE}")
    try:
        return key_id, base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise BadInputError(f"payload keys: key {key_id!r} is not base64; expected {_SHAPE}") from None


def _check(key_id: str, key: bytes) -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise BadInputError("payload keys: an id may hold only letters, digits, '.', '_' and '-'")
    if len(key) != KEY_BYTES:
        raise BadInputError(f"payload keys: key {key_id!r} has {len(key)} bytes; expected {_SHAPE}")
