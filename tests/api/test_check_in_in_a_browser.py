"""The check-in page in a real browser: by keyboard alone, without scripts, on a phone's screen."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from api.app import server_config
from tests.api.test_check_in_page import a_link
from tests.api.world import World

CHROMIUM = shutil.which("chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
PHONE = ViewportSize(width=360, height=640)

pytestmark = [
    pytest.mark.slow,
    # Debian packages cannot be installed into a virtual environment: `make test` says so, and `.ci/run` installs it.
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """The edge on a free loopback port."""
    server = uvicorn.Server(server_config(world.app, "127.0.0.1", 0))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event to wait for
        await asyncio.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        await browser.close()


async def _press_through(page: Page, values: list[str]) -> None:
    """Answer each question by keys: space chooses, Enter sends."""
    for value in values:
        choice = page.locator(f"input[name=choice][value='{value}']")
        await choice.focus()
        await page.keyboard.press("Space")
        assert await choice.is_checked()
        async with page.expect_navigation():
            await page.keyboard.press("Enter")


async def test_four_questions_by_keyboard_without_scripts(world: World, browser: Browser) -> None:
    """A patient answers all four questions by keyboard with scripts off, and the answers are one row of the inbox."""
    path = await a_link(world)
    async with served(world) as base:
        context = await browser.new_context(java_script_enabled=False, viewport=PHONE)
        page = await context.new_page()
        await page.goto(base + path)
        await _press_through(page, ["1", "0", "0", "0"])
        assert await page.locator("form").count() == 0
        await context.close()
    rows = await world.inbox()
    answers = [answer["question"] for answer in json.loads(rows[0].body)["answers"]]
    assert (len(rows), answers) == (1, ["state", "discomfort", "red_flags", "exposures"])


async def test_targets_are_large_and_nothing_overflows(world: World, browser: Browser) -> None:
    """On a phone's screen every choice is at least 44 pixels high and nothing has to be scrolled sideways."""
    path = await a_link(world)
    async with served(world) as base:
        context = await browser.new_context(viewport=PHONE)
        page = await context.new_page()
        await page.goto(base + path)
        heights = [
            await label.evaluate("one => one.getBoundingClientRect().height")
            for label in await page.locator("label.option").all()
        ]
        wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        await context.close()
    assert heights
    assert min(heights) >= 44
    assert not wide
