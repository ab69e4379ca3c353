"""Small private files that are either whole or absent, whichever moment the process dies in."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def private_folder(path: Path) -> Path:
    """Make `path` (and its parents), closed to other users; one that is there already keeps its mode."""
    path.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path


def replace_private(path: Path, text: str) -> None:
    """Write `text` with mode 0600; a reader sees the old content or the new, never a part."""
    _write_beside(path, text).replace(path)


def read_or_create_private(path: Path, make: Callable[[], str]) -> str:
    """The file's text; if there is no file, one is created with `make()` and mode 0600.

    When several processes start at once, all of them return what the first one wrote.
    """
    if not path.exists():
        _create_once(path, make())
    return path.read_text(encoding="utf-8")


def _create_once(path: Path, text: str) -> None:
    draft = _write_beside(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write_beside(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
