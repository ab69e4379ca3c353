"""TCP ports on loopback: free ones, and a book that gives each service the same port again after a restart."""

import json
import socket
from pathlib import Path

from runtime.files import replace_private

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on right now; somebody else may take it before you do."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # Without it, connections in TIME_WAIT make the port of a server that has just ended look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


class PortBook:
    """Ports by service name, kept in a JSON file. Made for one process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, name: str) -> int:
        """The port that `name` had before if it is free, else a new one, which is written down."""
        ports = self._read()
        known = ports.get(name)
        if known is not None and is_free(known):
            return known
        return self._assign(name, ports)

    def known(self, name: str) -> int | None:
        """The port that `name` had last, free or not."""
        return self._read().get(name)

    def _assign(self, name: str, ports: dict[str, int]) -> int:
        others = {port for other, port in ports.items() if other != name}
        port = free_port()
        while port in others:
            port = free_port()
        replace_private(self._path, json.dumps({**ports, name: port}, indent=2) + "\n")
        return port

    def _read(self) -> dict[str, int]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            # The book is only a memory of what was convenient: a lost or broken one is started anew.
            return {}
        if not isinstance(content, dict):
            return {}
        return {str(name): port for name, port in content.items() if isinstance(port, int)}
