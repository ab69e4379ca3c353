"""A lock file that cannot go stale: the kernel releases it with the last process that has it open."""

import fcntl
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Self

from domain.errors import BadInputError

_PAUSE = 0.1


class FolderLock:
    """An exclusive flock. `fileno` may be handed to a child, which then holds it as well."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno

    @classmethod
    def acquire(cls, path: Path, patience: timedelta) -> Self:
        """Take the lock, blocking for at most `patience`: a process that was killed may still be shutting down.

        Raises `BadInputError` naming the process that has it.
        """
        fileno = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + patience.total_seconds()
        while not _try_lock(fileno):
            if time.monotonic() >= deadline:
                holder = os.pread(fileno, 32, 0).decode("ascii", "replace").strip() or "unknown"
                os.close(fileno)
                raise BadInputError(
                    f"another Healgate (process {holder}) uses {path.parent}: "
                    "stop it, or set HEALGATE_STATE_DIR to another folder."
                )
            time.sleep(_PAUSE)
        os.ftruncate(fileno, 0)
        os.pwrite(fileno, f"{os.getpid()}\n".encode(), 0)
        return cls(fileno)

    def release(self) -> None:
        os.close(self.fileno)


def _try_lock(fileno: int) -> bool:
    try:
        fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
