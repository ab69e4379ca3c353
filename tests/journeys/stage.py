"""Sets the scene for stories: one server, one store, and for each story a clinic, providers and a worker of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.assembly import assemble_activities
from protocols.render import Templates
from relay.reply_intake import ReplyIntake
from runtime.embedded import EmbeddedTemporal
from runtime.state import StateDir
from runtime.temporal import register_search_attributes
from store import Database, Store, migrate
from tests.journeys.clinic import a_case
from tests.journeys.hands import Hands, InAnotherProcess, InThisProcess
from tests.journeys.happenings import Story
from tests.journeys.journey_clock import JourneyClock
from tests.journeys.life import Life, Listening
from tests.journeys.providers import Provider
from tests.journeys.spoken import SpokenReader
from tests.journeys.watch import Watch
from tests.journeys.worker_process import LINKS, Order
from workflows.search_attributes import REGISTERED

NAMESPACE = "journeys"
SIDE_BY_SIDE = 6
"""More in flight than cores: each waits for the server most of its time."""
LONG = 150
"""Events after which a journey starts afresh here; the server's own default of some thousands is never reached."""


class ShortHistories(EmbeddedTemporal):
    """A server that suggests continue-as-new early, so that most journeys live through it."""

    def _arguments(self) -> list[str]:
        return [*super()._arguments(), "--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={LONG}"]


@dataclass(frozen=True)
class Stage:
    """What all stories share. Payloads are readable, since what stands in them is looked at."""

    client: Client
    store: Store
    url: str
    wording: Templates
    """Shared, since each first use of a template is dear."""

    async def life(self, story: Story, *, paper: Path | None = None) -> Life:
        """The story, ready to be lived by a worker in this process; with `paper` in another, which notes its POSTs."""
        provider = Provider()
        case = await a_case(self.store, story)
        queue = f"journeys-{case.start.journey_id}"
        activities = assemble_activities(self.store, self.wording, provider, provider, LINKS)
        hands: Hands = InThisProcess(self.client, activities, queue, cached=story.cached)
        posts = lambda: provider.posts  # noqa: E731
        if paper:
            hands = InAnotherProcess(self._order(queue, story, paper).model_dump_json())
            posts = lambda: [*provider.posts, *paper.read_text(encoding="utf-8").split()]  # noqa: E731
        journeys = Listening(self.client, queue)
        life = Life(
            store=self.store,
            case=case,
            hands=hands,
            journeys=journeys,
            intake=ReplyIntake(self.store, journeys, SpokenReader(), activities.post_office, skew=lambda: life.skew),
            watch=Watch(self.client, self.store, journeys, case, posts),
            clock=JourneyClock(self.client, journeys.handle(case.start.journey_id), case.start.skew),
            set_mood=lambda mood: setattr(provider, "mood", mood),
        )
        return life

    def _order(self, queue: str, story: Story, paper: Path) -> Order:
        address = self.client.service_client.config.target_host
        return Order(address=address, namespace=NAMESPACE, url=self.url, queue=queue, cached=story.cached, paper=paper)

    async def live(self, story: Story, *, paper: Path | None = None) -> None:
        """Live the story to its end; AssertionError says what did not hold, and how to live the same story again."""
        life = await self.life(story, paper=paper)
        try:
            await life.live()
        except Exception as error:
            raise AssertionError(
                f"{error or type(error).__name__}\n  after {life.happened} happenings of\n  {story}"
            ) from error

    async def live_all(self, stories: Iterable[Story]) -> Mapping[int, BaseException | None]:
        """Several at a time; seed -> what went wrong, or None."""
        free = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(story: Story) -> tuple[int, BaseException | None]:
            async with free:
                try:
                    await self.live(story)
                except AssertionError as error:
                    return story.seed, error
                return story.seed, None

        return dict(await asyncio.gather(*map(one, stories)))


@asynccontextmanager
async def a_stage(folder: Path) -> AsyncIterator[Stage]:
    """A server with virtual time and a migrated SQLite store in this folder."""
    url = f"sqlite+aiosqlite:///{folder}/journeys.db"
    await migrate(url)
    database = Database(url)
    async with ShortHistories(StateDir(folder), namespace=NAMESPACE, virtual_time=True) as server:
        client = await Client.connect(server.address, namespace=NAMESPACE, data_converter=pydantic_data_converter)
        await register_search_attributes(client, REGISTERED)
        yield Stage(client, Store(database), url, Templates())
    await database.close()
