"""A worker in a process of its own, to be killed: `python -m tests.journeys.worker_process ORDER` (JSON)."""

import asyncio
import sys
from pathlib import Path

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.assembly import assemble_activities
from protocols.render import Templates
from store import Database, Store
from tests.journeys.hands import InThisProcess
from tests.journeys.providers import OnPaper

LINKS = "https://visit.example"


class Order(BaseModel):
    """Where the server and the store are, what to work on, and where to note each POST."""

    address: str
    namespace: str
    url: str
    queue: str
    cached: bool
    paper: Path


async def work(order: Order) -> None:
    """Until killed; says when it is ready."""
    client = await Client.connect(order.address, namespace=order.namespace, data_converter=pydantic_data_converter)
    provider = OnPaper(paper=order.paper)
    activities = assemble_activities(Store(Database(order.url)), Templates(), provider, provider, LINKS)
    await InThisProcess(client, activities, order.queue, cached=order.cached).start()
    print("ready", flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(Order.model_validate_json(sys.argv[1])))
