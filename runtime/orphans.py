"""No orphans: on Linux the kernel ends a child when its parent is gone, even by kill -9; elsewhere nothing happens."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h; see prctl(2)."""

# Loaded before any fork: a child between fork and exec must not import or allocate more than it has to.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(signum: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """A `preexec_fn` that asks for `signum` when the thread that starts the child ends.

    Call it in the thread that starts the child, and start children from a thread that lives as long as the process.
    """
    parent = os.getpid()

    def prepare() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:
            # The parent died between fork and prctl, so the kernel will never tell us.
            os._exit(1)

    return prepare


def signal_group(pid: int, signum: signal.Signals) -> None:
    """Signal the process group that `pid` leads; nothing happens if it has no members any more."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signum)
