"""PostgreSQL for the rest of Sinetti: a pool, transactions, named queries and fast array literals.

Which queries there are is the business of the parts that own them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.resources import files
from types import MappingProxyType
from typing import LiteralString, Self, cast

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

POOL_WAIT_SECONDS = 5.0
"""How long a caller waits for a connection before it gets `PoolTimeout`: soon enough to answer 503 in
time."""

SESSION: Mapping[str, str] = MappingProxyType(
    {
        "timezone": "UTC",
        # No statement of a request takes this long; what does has met a lock or a plan gone wrong. Work that is
        # long by its nature says so in its own transaction, with SET LOCAL.
        "statement_timeout": "30s",
        # Twice what a transaction of ours may be idle. A client that lost its network must not hold locks.
        "idle_in_transaction_session_timeout": "60s",
        # Plans are kept, and many are made while the tables are still small: reading one of those from end to end
        # is cheap on the first day and takes seconds once ten million packs have been uploaded.
        "enable_seqscan": "off",
    }
)
"""Set on every connection of a pool, where its owner says nothing else."""

SEARCHING: Mapping[str, str] = MappingProxyType(
    {
        **SESSION,
        # For pages whose lists are searched and filtered in many ways: what suits one search is wrong for the next, so
        # each gets a plan of its own. One that was kept took 2.5 s for a search in 200 000 rows that takes 2 ms.
        "plan_cache_mode": "force_custom_plan",
        # A plan that is made anew knows how large the tables are, and may read a small one from end to end.
        "enable_seqscan": "on",
        "jit": "off",
    }
)

UNAVAILABLE = (psycopg.OperationalError, PoolTimeout, PoolClosed)
"""Errors that mean the database cannot be used just now: a fault that passes, not a bug."""

Transaction = AsyncConnection[TupleRow]
"""A connection between BEGIN and COMMIT."""


class Database:
    """One PostgreSQL database: a pool of connections, opened with `Database.open` and closed with `close`."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[TupleRow]]) -> None:
        self._pool = pool

    @classmethod
    async def open(
        cls, url: str, pool_max: int = 8, *, pool_min: int = 1, session: Mapping[str, str] = SESSION
    ) -> Self:
        """A database whose first connections are made; raises `PoolTimeout` when it cannot be reached."""
        pool: AsyncConnectionPool[AsyncConnection[TupleRow]] = AsyncConnectionPool(
            make_conninfo(url, fallback_application_name="sinetti", connect_timeout=5),
            min_size=min(pool_min, pool_max),
            max_size=pool_max,
            kwargs={"autocommit": True, "prepare_threshold": 1},
            configure=partial(_configure, session),
            timeout=POOL_WAIT_SECONDS,
            # Short, so that its ever longer pauses stay short too: after it gives up, the next request tries anew.
            reconnect_timeout=3.0,
            open=False,
        )
        try:
            await pool.open(wait=True, timeout=POOL_WAIT_SECONDS)
        except BaseException:
            await pool.close()
            raise
        return cls(pool)

    async def close(self) -> None:
        """Close every connection. Waits for nobody: who still holds one sees it end."""
        await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A connection inside BEGIN and COMMIT; an exception rolls back.

        A connection that died while it lay in the pool is noticed at BEGIN, when nothing has been done yet,
        and another is taken, so that a restart of PostgreSQL costs no request.
        """
        async with AsyncExitStack() as held:
            yield await self._begun(held)

    async def _begun(self, held: AsyncExitStack) -> Transaction:
        for attempts_left in range(self._pool.max_size, -1, -1):
            async with AsyncExitStack() as attempt:
                connection = await attempt.enter_async_context(self._pool.connection())
                try:
                    await attempt.enter_async_context(connection.transaction())
                except psycopg.OperationalError:
                    if not connection.broken or not attempts_left:
                        raise
                    continue
                held.push_async_exit(attempt.pop_all())
                return connection
        raise AssertionError("the last attempt returns or raises")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """A connection where each statement commits by itself; for reading and for LISTEN."""
        async with self._pool.connection() as connection:
            yield connection


async def _configure(session: Mapping[str, str], connection: AsyncConnection[TupleRow]) -> None:
    names, values = list(session), list(session.values())
    statement = (
        "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS given (name, value)"
    )
    await connection.execute(statement, (names, values))


_QUERY_NAME = re.compile(r"^-- (\w+) --[ \t]*$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*--.*\n?", re.MULTILINE)


def load_queries(package: str, file_name: str) -> Mapping[str, LiteralString]:
    """Queries of a `.sql` file beside the package's modules, by name. Each starts with a line `-- query_name
    --`.

    Their comments stay in the file: psycopg caches only statements of less than 4096 characters, and a per
    cent sign in a comment would be taken for a placeholder. The name goes along, to be seen in
    `pg_stat_activity`. The text is ours and not built from values, which is what `LiteralString` asks for.
    """
    text = files(package).joinpath(file_name).read_text(encoding="utf-8")
    head, *parts = _QUERY_NAME.split(text)
    if _COMMENT_LINE.sub("", head).strip():
        raise ValueError(f"{package}/{file_name}: something stands before the first query name")
    queries: dict[str, LiteralString] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        statement = _COMMENT_LINE.sub("", body).strip().removesuffix(";").rstrip()
        if name in queries or not statement:
            raise ValueError(f"{package}/{file_name}: query {name} is empty or there twice")
        queries[name] = f"/* {name} */ {statement}"
    return MappingProxyType(queries)


_BETWEEN = "\x01"
_NULL = "\x02"


def text_array(values: Iterable[str | None]) -> str:
    """PostgreSQL's literal of a one-dimensional text array, `None` as NULL; cast it with `::text[]`.

    Several times quicker than a list parameter: a handful of passes in C over one string, however many
    values. A NUL character is passed on and PostgreSQL refuses it.
    """
    items = values if isinstance(values, list | tuple) else list(values)
    if not items:
        return "{}"
    nulls = items.count(None)
    joined = _BETWEEN.join(
        cast("list[str]", items) if not nulls else [_NULL if v is None else v for v in items]
    )
    if joined.count(_BETWEEN) != len(items) - 1 or joined.count(_NULL) != nulls:
        return _text_array_one_by_one(items)
    if "\\" in joined:
        joined = joined.replace("\\", "\\\\")
    if '"' in joined:
        joined = joined.replace('"', '\\"')
    literal = '{"' + joined.replace(_BETWEEN, '","') + '"}'
    return literal.replace(f'"{_NULL}"', "NULL") if nulls else literal


def _text_array_one_by_one(items: Iterable[str | None]) -> str:
    """The same for values that hold the control characters that the quick way uses for itself."""
    quoted = ("NULL" if v is None else '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in items)
    return "{" + ",".join(quoted) + "}"
