"""The pool, its transactions and array literals, against a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import LiteralString

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg_pool import PoolTimeout

from sinetti.kit.db import UNAVAILABLE, Database, text_array
from sinetti.kit.postgres import start_embedded

TABLE = "CREATE TABLE supplied (number integer PRIMARY KEY)"


async def numbers(database: Database) -> list[int]:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT number FROM supplied ORDER BY number")
        return [number for (number,) in await cursor.fetchall()]


async def insert_one(database: Database, *, and_then: type[Exception] | None = None) -> None:
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO supplied VALUES (1)")
        if and_then is not None:
            raise and_then


async def test_a_transaction_commits_at_its_end(database):
    async with database.transaction() as tx:
        await tx.execute(TABLE)
        await tx.execute("INSERT INTO supplied VALUES (1)")
    assert await numbers(database) == [1]


async def test_an_exception_rolls_back_and_the_connection_serves_the_next(database):
    async with database.connection() as connection:
        await connection.execute(TABLE)
    for _ in range(20):
        with pytest.raises(LookupError):
            await insert_one(database, and_then=LookupError)
    assert await numbers(database) == []


async def test_a_failed_statement_rolls_back(database):
    async with database.connection() as connection:
        await connection.execute(TABLE)
    await insert_one(database)
    for _ in range(20):
        with pytest.raises(psycopg.errors.UniqueViolation):
            await insert_one(database)
    assert await numbers(database) == [1]


async def sessions(database: Database, condition: LiteralString) -> int:
    """Other sessions of this database of which that is true."""
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND " + condition
        )
        ((count,),) = await cursor.fetchall()
        return int(count)


async def test_a_cancelled_request_rolls_back_and_leaves_no_transaction_open(database):
    async with database.connection() as connection:
        await connection.execute(TABLE)

    async def slow() -> None:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO supplied VALUES (1)")
            await tx.execute("SELECT pg_sleep(60)")

    request = asyncio.create_task(slow())
    while not await sessions(database, "wait_event = 'PgSleep'"):  # noqa: ASYNC110 - PostgreSQL sends no event
        await asyncio.sleep(0.02)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert await numbers(database) == []
    assert await sessions(database, "state = 'idle in transaction'") == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [("TimeZone", "UTC"), ("statement_timeout", "30s"), ("idle_in_transaction_session_timeout", "1min"),
     ("application_name", "sinetti")],
)  # fmt: skip
async def test_a_session_is_set_up(database, setting, value):
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT current_setting(%s)", (setting,))
        assert await cursor.fetchone() == (value,)


async def test_the_urls_own_application_name_stays(database_url):
    url = f"{database_url}&application_name=uploads"
    async with await Database.open(url) as database, database.connection() as connection:
        cursor = await connection.execute("SELECT current_setting('application_name')")
        assert await cursor.fetchone() == ("uploads",)


async def test_a_statement_is_prepared_from_its_second_time(database):
    async with database.connection() as connection:
        for _ in range(3):
            await connection.execute("SELECT 1 + %s", (1,))
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%1 + $1'"
        )
        assert await cursor.fetchone() == (1,)


async def test_a_connection_that_died_in_the_pool_costs_no_request(database, server):
    await asyncio.gather(*(_one(database) for _ in range(20)))  # fills the pool
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname LIKE 'test%%' AND datname = %s",
            (await _name(database),),
        )
    assert await _one(database) == 1


async def _name(database: Database) -> object:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT current_database()")
        return (await cursor.fetchone() or [None])[0]


async def _one(database: Database) -> object:
    async with database.transaction() as tx:
        cursor = await tx.execute("SELECT 1")
        row = await cursor.fetchone()
        assert row
        return row[0]


async def test_a_database_that_cannot_be_reached_is_told_soon():
    with pytest.raises(PoolTimeout):
        await Database.open("postgresql://nobody@127.0.0.1:1/nothing")


async def test_a_pool_finds_its_way_back_after_the_server_was_away(home):
    postgres = start_embedded(home)
    try:
        async with await Database.open(postgres.url, pool_max=4) as database:
            assert await _one(database) == 1
            await asyncio.to_thread(postgres.stop)
            with pytest.raises(UNAVAILABLE):
                await _one(database)
            postgres = await asyncio.to_thread(start_embedded, home)
            for _ in range(40):
                try:
                    assert await _one(database) == 1
                    break
                except UNAVAILABLE:
                    await asyncio.sleep(0.1)
            assert await asyncio.gather(*(_one(database) for _ in range(8))) == [1] * 8
    finally:
        postgres.stop()


# ------------------------------------------------------------------------------------------------ array literals


@pytest.mark.parametrize(
    ("values", "literal"),
    [
        ([], "{}"),
        (["A"], '{"A"}'),
        (["A", None, ""], '{"A",NULL,""}'),
        (["NULL", None, "null"], '{"NULL",NULL,"null"}'),
        (['a"b', "a\\b", "{,}"], '{"a\\"b","a\\\\b","{,}"}'),
        ([None], "{NULL}"),
    ],
)
def test_array_literals(values, literal):
    assert text_array(values) == literal
    assert text_array(iter(values)) == literal


@pytest.fixture(scope="module")
def connection(server):
    """A connection to any database: arrays need no table."""
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as opened:
        yield opened


awkward = st.text(st.sampled_from('\\",{} \x01\x02N') | st.characters(exclude_characters="\0", codec="utf-8"))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.none() | awkward, max_size=8))
@example(["\x01", None])
@example(["\x02", None])
@example(["\x02"])
@example(['"\x02"', None, "\\"])
def test_postgresql_reads_back_every_value(connection, values):
    assert connection.execute("SELECT %s::text[]", (text_array(values),)).fetchone() == (values,)


def test_a_nul_character_is_refused_as_everywhere(connection):
    with pytest.raises(psycopg.DataError):
        connection.execute("SELECT %s::text[]", (text_array(["a\0b"]),))
