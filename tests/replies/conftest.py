"""One reader for all tests of the replies: loading the rules takes longest."""

import pytest

from domain.replies import ReplyReader, load_reader


@pytest.fixture(scope="session")
def reader() -> ReplyReader:
    return load_reader()
