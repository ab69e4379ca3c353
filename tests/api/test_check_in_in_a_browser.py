"""The check-in page in a real browser: by keyboard alone, without scripts, on a phone's screen."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from api.app import server_config
from tests.api.test_check_in_page import a_link
from tests.api.world import World
from tests.store.rows import CLINIC

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
PHONE = ViewportSize(width=360, height=640)

# Debian packages cannot be installed into a virtual environment: `.ci/run` installs chromium, `make test` leaves these
# tests out without it and says so. Nothing is skipped: who asks for them without a browser sees them fail.
pytestmark = [pytest.mark.slow, pytest.mark.browser]


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


async def _broken_rules(page: Page) -> list[str]:
    """Rules of WCAG 2.2 A and AA, and axe's best practices, that the page breaks."""
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


async def _answer(page: Page, value: str) -> None:
    await page.locator(f"input[name=choice][value='{value}']").check()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


@pytest.mark.parametrize("locale", ["en", "es"])
async def test_every_page_of_the_check_in_keeps_the_rules_of_accessibility(
    world: World, browser: Browser, locale: str
) -> None:
    """Each question, an error, the fixed words for what cannot wait, and the thanks break no rule of axe."""
    patient = await world.store.patients.get(CLINIC, "p1")
    await world.store.patients.update(patient.model_copy(update={"locale": locale}))
    ordinary, worried = await a_link(world), await a_link(world)
    broken: dict[str, list[str]] = {}
    async with served(world) as base:
        context = await browser.new_context(viewport=PHONE)
        page = await context.new_page()
        await page.goto(base + ordinary)
        async with page.expect_navigation():
            await page.locator("button[type=submit]").first.click()
        broken["error"] = await _broken_rules(page)
        focused = await page.evaluate("document.activeElement.id")
        for number, value in enumerate(["1", "0", "0", "0"]):
            broken[f"question {number}"] = await _broken_rules(page)
            await _answer(page, value)
        broken["thanks"] = await _broken_rules(page)
        await page.goto(base + worried)
        for value in ("3", "1"):
            await _answer(page, value)
        broken["urgent"] = await _broken_rules(page)
        await page.goto(f"{base}/c/unknown123456789")
        broken["unknown link"] = await _broken_rules(page)
        language = await page.evaluate("document.documentElement.lang")
        await context.close()
    assert {name: rules for name, rules in broken.items() if rules} == {}
    assert focused == "error"
    assert language == "en"


async def test_a_small_screen_at_double_size_needs_no_sideways_scrolling(world: World, browser: Browser) -> None:
    """Each question fits 320 pixels, which is what a phone shows at double size (WCAG 1.4.10)."""
    path = await a_link(world)
    wide = []
    async with served(world) as base:
        context = await browser.new_context(viewport=ViewportSize(width=320, height=568))
        page = await context.new_page()
        await page.goto(base + path)
        for value in ("1", "0", "0", "0"):
            wide.append(await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
            await _answer(page, value)
        await context.close()
    assert wide == [False] * 4
