"""`python -m sandbox --port 4510 --config FILE.json`: the sandbox as a process of its own."""

import argparse
import asyncio
from pathlib import Path

from sandbox.config import SandboxConfig
from sandbox.serve import LOOPBACK, serve


def main() -> None:
    """Read the settings and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="sandbox", description="Stand-in for Twilio and SendGrid on this machine.")
    parser.add_argument("--port", type=int, default=4510)
    parser.add_argument("--host", default=LOOPBACK, help="another than loopback only inside a container")
    parser.add_argument("--config", type=Path, help="JSON file with the fields of SandboxConfig")
    arguments = parser.parse_args()
    text = arguments.config.read_text() if arguments.config else "{}"
    asyncio.run(serve(SandboxConfig.model_validate_json(text), arguments.port, arguments.host))


if __name__ == "__main__":
    main()
