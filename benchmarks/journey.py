"""What one whole journey costs, as medians of several runs: `python benchmarks/journey.py [RUNS]`.

Prints one JSON line; docs/performance.md quotes it with the machine it came from.
"""

import asyncio
import json
import statistics
import sys

from worker.bench import measure


async def run(runs: int) -> dict[str, float]:
    """Medians over the runs."""
    found: list[dict[str, float]] = []
    for _ in range(runs):
        await measure(lambda line: found.append(json.loads(line)))
    return {"runs": runs} | {name: statistics.median(one[name] for one in found) for name in found[0]}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 5))))
