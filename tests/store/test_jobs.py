"""Background work against a real PostgreSQL: what is asked for in a transaction is done after its commit, once."""

from __future__ import annotations

import asyncio
import time

import pytest

from sinetti.kit import jobs
from sinetti.kit.jobs import Task, working


class Notebook:
    """What the tasks of a test did."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.changed = asyncio.Event()

    def write(self, line: object) -> None:
        self.done.append(line)
        self.changed.set()

    async def has(self, count: int) -> list[object]:
        async with asyncio.timeout(20):
            while len(self.done) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.done


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def noting(notebook: Notebook, **options: object) -> Task:
    async def note(word: str) -> None:
        notebook.write(word)

    return Task(name="note", run=note, **options)  # type: ignore[arg-type]


async def waiting(database, status: str = "todo") -> int:
    async with database.transaction() as tx:
        row = await (
            await tx.execute("SELECT count(*) FROM procrastinate_jobs WHERE status::text = %s", (status,))
        ).fetchone()
    return int(row[0])


async def until_forgotten(database) -> None:
    """What was done leaves no row; the worker deletes it once the task has returned."""
    deadline = time.monotonic() + 20
    while await waiting(database) or await waiting(database, "doing"):
        assert time.monotonic() < deadline, "what was done is still there"
        await asyncio.sleep(0.05)


async def until_failed(database) -> None:
    deadline = time.monotonic() + 10
    while not await waiting(database, "failed"):
        assert time.monotonic() < deadline, "the task never failed"
        await asyncio.sleep(0.05)


async def test_what_was_asked_for_is_done_after_the_commit(database, database_url, notebook):
    async with working(database_url, [noting(notebook)]):
        async with database.transaction() as tx:
            await jobs.defer(tx, "note", word="committed")
            await asyncio.sleep(0.3)
            assert notebook.done == [], "nobody sees it before the commit"
        assert await notebook.has(1) == ["committed"]
        await until_forgotten(database)


async def test_what_was_rolled_back_is_never_done(database, database_url, notebook):
    async def rolled_back() -> None:
        async with database.transaction() as tx:
            await jobs.defer(tx, "note", word="rolled back")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await rolled_back()
    async with database.transaction() as tx:
        await jobs.defer(tx, "note", word="committed")
    async with working(database_url, [noting(notebook)]):
        assert await notebook.has(1) == ["committed"]


async def test_two_workers_share_the_work_and_do_nothing_twice(database, database_url, notebook):
    async with database.transaction() as tx:
        for number in range(50):
            await jobs.defer(tx, "note", word=str(number))
    async with working(database_url, [noting(notebook)]), working(database_url, [noting(notebook)]):
        await notebook.has(50)
        await asyncio.sleep(0.2)
    assert sorted(notebook.done, key=int) == [str(number) for number in range(50)]


async def test_with_a_lock_one_comes_after_the_other(database, database_url, notebook):
    inside = 0

    async def alone(number: int) -> None:
        nonlocal inside
        inside += 1
        assert inside == 1
        await asyncio.sleep(0.02)
        inside -= 1
        notebook.write(number)

    async with database.transaction() as tx:
        for number in range(5):
            await jobs.defer(tx, "alone", lock="one batch", number=number)
    async with working(database_url, [Task(name="alone", run=alone)]):
        assert await notebook.has(5) == [0, 1, 2, 3, 4]


async def test_asked_for_once_it_waits_once_and_the_transaction_goes_on(database, database_url, notebook):
    async with database.transaction() as tx:
        await jobs.defer(tx, "note", once="batch 7", word="first")
        await jobs.defer(tx, "note", once="batch 7", word="second")
        await jobs.defer(tx, "note", once="batch 8", word="another")
    async with working(database_url, [noting(notebook)]):
        await notebook.has(2)
        await asyncio.sleep(0.2)
    assert sorted(map(str, notebook.done)) == ["another", "first"]


async def test_what_fails_is_tried_again_and_kept_when_it_never_works(database, database_url, notebook):
    async def fail() -> None:
        notebook.write("tried")
        raise RuntimeError("the mail server is away")

    task = Task(name="fail", run=fail, attempts_max=2, wait_base_seconds=0)
    async with database.transaction() as tx:
        await jobs.defer(tx, "fail")
    async with working(database_url, [task]):
        await notebook.has(2)
        await until_failed(database)
    assert notebook.done == ["tried", "tried"]


async def test_what_a_lost_worker_had_begun_is_handed_on(database, database_url, notebook, monkeypatch):
    monkeypatch.setattr(jobs, "STALLED_SECONDS", 0.0)
    async with database.transaction() as tx:
        await jobs.defer(tx, "note", word="begun by another")
        await tx.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
        )
        await tx.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
        await jobs.defer(tx, "hand_on_stalled_tasks", timestamp=0)
    async with working(database_url, [noting(notebook)]):
        assert await notebook.has(1) == ["begun by another"]
