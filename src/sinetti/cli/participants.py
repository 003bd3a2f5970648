"""What the commands about participants share: one transaction in the database, and how a result is shown."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sinetti.cli.errors import UserError
from sinetti.identity.model import ClientEquipment, Location, Organisation
from sinetti.identity.people.model import Person
from sinetti.identity.registry import PAGE_MAX
from sinetti.kit.db import Database, Transaction
from sinetti.kit.postgres import running_database
from sinetti.kit.settings import load_settings

T = TypeVar("T")
_UNLIMITED = 10_000

Participant = TypeVar("Participant", Organisation, Location, ClientEquipment, Person)


def in_database(work: Callable[[Transaction], Awaitable[T]]) -> T:
    """What the work gives, done in one transaction of the database of SINETTI_DATABASE_URL or SINETTI_HOME."""

    async def worked(url: str) -> T:
        async with await Database.open(url, pool_max=1) as database, database.transaction() as tx:
            return await work(tx)

    settings = load_settings()
    if settings.database_url is None and not (settings.home / "postgres").exists():
        raise UserError(f"there is no database in {settings.home} (SINETTI_HOME). Run: sinetti migrate")
    with running_database(settings) as url:
        return asyncio.run(worked(url))


def all_pages(
    page: Callable[..., Awaitable[list[Participant]]], number_of: Callable[[Participant], int]
) -> list[Participant]:
    """All that a list of pages has, each page asked for by the number that the one before ended with."""

    async def pages(tx: Transaction) -> list[Participant]:
        found: list[Participant] = []
        while True:
            more = await page(tx, after=number_of(found[-1]) if found else 0, limit=PAGE_MAX)
            found += more
            if len(more) < PAGE_MAX:
                return found

    return in_database(pages)


def tell(value: Participant, as_json: bool, sentence: str, **more: str) -> None:
    """Print one participant: a sentence for people, or an object with all its fields and `more` for programs."""
    print(msgspec.json.encode({**msgspec.to_builtins(value), **more}).decode() if as_json else sentence)


def show(values: Sequence[Participant], as_json: bool, columns: Sequence[str]) -> None:
    """Print a table with these fields as columns, or a JSON array of objects with all fields."""
    if as_json:
        print(msgspec.json.encode(values).decode())
        return
    table = Table(box=None, pad_edge=False)
    for column in (*columns, "locked"):
        table.add_column(column.replace("_", " "), overflow="fold")
    for value in values:
        cells: dict[str, Any] = msgspec.to_builtins(value)
        # Names are people's text, and not rich's markup.
        table.add_row(
            *(escape(shown(cells[column])) for column in columns), escape(cells["lock_reason"] or "")
        )
    # What is not read on a terminal is searched and copied: its lines stay whole.
    Console(width=None if sys.stdout.isatty() else _UNLIMITED).print(table)


def shown(value: object) -> str:
    """A value as a person reads it."""
    return "none" if value is None else str(value)
