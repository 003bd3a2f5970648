"""Fixtures for all tests: a real PostgreSQL, a fresh database for each test, a clock that can be moved."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
import structlog
from psycopg import sql

from sinetti.kit.db import Database
from sinetti.kit.migrate import migrate
from sinetti.kit.postgres import EmbeddedPostgres, start_embedded, stop_embedded

TEMPLATE = "sinetti_template"

# This server may lose what it has at a power cut, and is quicker for it. Tests about durability start one of
# their own, with Sinetti's own settings.
QUICK_NOT_DURABLE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 128MB
max_connections = 200
min_wal_size = 80MB
max_wal_size = 1GB
autovacuum_naptime = 5min
log_min_duration_statement = -1
file_copy_method = clone
"""


RUN_FOLDER = "SINETTI_TEST_RUN_FOLDER"
SERVER_FOLDER = "SINETTI_TEST_SERVER_FOLDER"
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 3 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of this run, which pytest-xdist's workers find in their environment.

    Not among pytest's own, which every other run of the same user closes to PostgreSQL's user when it starts.
    """
    # Whatever a test does not set up itself logs as structlog does by default, but for the variables beside each
    # traceback: drawing them takes half a minute of processor time for one error.
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    if not hasattr(config, "workerinput"):
        prefix = f"sinetti-test-{os.getpid()}-"
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix=prefix)
        os.environ[SERVER_FOLDER] = (
            tempfile.mkdtemp(prefix=prefix, dir=MEMORY) if _fits_into_memory() else os.environ[RUN_FOLDER]
        )
        _delete_what_killed_runs_left()


def _fits_into_memory() -> bool:
    """Whether the shared server's data may stand in memory, where a new database takes 25 ms.

    On a disk with ext4 it takes half a second once some have been dropped: each of its 800 files is given a number
    that no file had within the last seconds, and those are sought one after the other. In memory there is room for
    everything that a run keeps at a time, or the disk is taken, as in most containers and on macOS.
    """
    return (
        MEMORY.is_dir()
        and os.access(MEMORY, os.W_OK)
        and min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) >= MEMORY_BYTES_MIN
    )


def _delete_what_killed_runs_left() -> None:
    """The folders of runs whose process is gone; memory is not left to them for longer than to the next run."""
    for folder in (*Path(tempfile.gettempdir()).glob("sinetti-test-*-*"), *MEMORY.glob("sinetti-test-*-*")):
        process = folder.name.split("-")[2]
        with suppress(FileNotFoundError):
            is_ours = folder.stat().st_uid == os.geteuid()
            if is_ours and process.isdecimal() and not psutil.pid_exists(int(process)):
                stop_embedded(folder / "shared", even_if_used=False)
                shutil.rmtree(folder, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete it, when the workers have ended."""
    if not hasattr(config, "workerinput"):
        stop_embedded(Path(os.environ[SERVER_FOLDER]) / "shared", even_if_used=False)
        for folder in {os.environ[SERVER_FOLDER], os.environ[RUN_FOLDER]}:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """The embedded PostgreSQL, one for all workers of a run; the last one stops it."""
    home = Path(os.environ[SERVER_FOLDER]) / "shared"
    home.mkdir(exist_ok=True)
    (home / "postgres-local.conf").write_text(QUICK_NOT_DURABLE, encoding="ascii")
    running = start_embedded(home)
    _make_template(running)
    yield running
    running.stop()


def _make_template(server: EmbeddedPostgres) -> None:
    """A migrated database that each test's own is a copy of; made by the first worker that comes."""
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
            migrate(server.url_of(TEMPLATE))


@pytest.fixture
def database_url(server: EmbeddedPostgres) -> Iterator[str]:
    """URL of a database of this test's own: migrated, otherwise empty."""
    yield from fresh_database(server, TEMPLATE)


@pytest.fixture
def empty_database_url(server: EmbeddedPostgres) -> Iterator[str]:
    """URL of a database without any tables."""
    yield from fresh_database(server, "template0")


def fresh_database(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """For a fixture that yields from it: the URL of a new database, which is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield server.url_of(name)
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's own database, opened."""
    async with await Database.open(database_url, pool_max=8) as opened:
        yield opened


class MovableClock:
    """A clock that stands still until it is moved. Give it where a `Clock` is wanted."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        """Go on by this much, in the words of `timedelta`: `clock.move(hours=240, seconds=1)`."""
        self.now += timedelta(**by)
        return self.now

    def set(self, moment: str) -> datetime:
        """Go to a moment in ISO form, in UTC where no zone is named, even back: `clock.set("2026-03-31")`."""
        there = datetime.fromisoformat(moment)
        self.now = there.replace(tzinfo=UTC) if there.tzinfo is None else there.astimezone(UTC)
        return self.now


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at noon UTC on 2 March 2026, a Monday, until the test moves it."""
    return MovableClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder to be `SINETTI_HOME`, where PostgreSQL's user can reach it."""
    folder = Path(tempfile.mkdtemp(dir=os.environ[RUN_FOLDER]))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
