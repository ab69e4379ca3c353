"""Activities over a real store, with providers that do what a test says."""

from tests.databases import database as database
from tests.databases import database_url as database_url
from tests.databases import migrated_sqlite as migrated_sqlite
from tests.databases import postgres_server as postgres_server
from tests.databases import postgres_url as postgres_url
from tests.databases import sqlite_url as sqlite_url
from tests.databases import store as store
