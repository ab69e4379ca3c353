"""What the store's tests run in processes of their own: `python -m tests.store.processes JOB PLACE`."""

import asyncio
import itertools
import sys
from pathlib import Path

from store import Database, Spool, Store
from tests.store.rows import LEASE, NOW, a_delivery, a_text


async def spool_forever(folder: str) -> None:
    """Put deliveries into a spool and print each id once it is safe, until killed."""
    spool = Spool(Path(folder))
    for number in itertools.count():
        row = a_delivery(number)
        await spool.put(row)
        print(row.id, flush=True)  # noqa: T201


async def claim_all(url: str) -> None:
    """Claim every row of the journey and print the ids that were won."""
    database = Database(url)
    ledger = Store(database).ledger
    for row in await ledger.of_journey("j1"):
        if await ledger.claim(row.id, a_text(), now=NOW, lease=LEASE):
            print(row.id, flush=True)  # noqa: T201
    await database.close()


if __name__ == "__main__":
    asyncio.run({"spool": spool_forever, "claim": claim_all}[sys.argv[1]](sys.argv[2]))
