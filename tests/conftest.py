"""What tests of several folders share: both databases, the rules for reading replies, and the order of a run."""

from pathlib import Path

import pytest

from domain.replies import ReplyReader, load_reader, load_rules
from domain.replies.load import SHIPPED
from domain.replies.rulebook import RuleBook
from tests.databases import database as database
from tests.databases import database_url as database_url
from tests.databases import migrated_sqlite as migrated_sqlite
from tests.databases import postgres_server as postgres_server
from tests.databases import postgres_url as postgres_url
from tests.databases import sqlite_url as sqlite_url
from tests.databases import store as store

LONGEST = ("journeys", "scenarios", "e2e", "chaos", "replies")
"""Folders that come first, so that no core waits at the end for a file that began last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest in front; the order within a folder stays."""
    here = Path(__file__).parent
    places = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.relative_to(here).parts[0], len(LONGEST)))


@pytest.fixture(scope="session")
def reply_rules() -> RuleBook:
    """The shipped rules, read once: loading them takes seconds."""
    return load_rules(SHIPPED)


@pytest.fixture(scope="session")
def reader() -> ReplyReader:
    """Reads replies by the shipped rules."""
    return load_reader()
