"""Content of reports in the database: written in compressed pieces as it comes, read piece by piece."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import IO, Final, Literal
from uuid import UUID

from sinetti.kit.db import Database, Transaction
from sinetti.reports.model import Table
from sinetti.reports.store import requests as store
from sinetti.reports.windows import shown_moment

Form = Literal["csv", "xlsx", "alerts", "pdf", "json", "page"]
Cell = str | int | bool | datetime | None
Keep = Callable[[int, bytes], Awaitable[None]]
"""Stores a compressed piece under its number."""

PIECE_BYTES: Final = 512 * 1024
"""Before compression: what a server has in memory at a time for each client that fetches."""
BANNER_LINES: Final = 3
"""Lines before the names of the columns: tools leave out as many."""

_COMPRESSION: Final = 4
"""As small as 6 would make it, but for a few per cent, in half the time."""
# Tools split some reports into lines before they look for quotes.
_LINE_BREAK: Final = re.compile("[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


def by_themselves(database: Database, request_id: UUID, form: Form, attempt: int) -> Keep:
    """Store each piece in a transaction of its own, beside the one that reads. Another attempt's are not touched."""

    async def keep(number: int, compressed: bytes) -> None:
        async with database.transaction() as tx:
            await store.add_piece(tx, request_id, form, attempt, number, compressed)

    return keep


def within(tx: Transaction, request_id: UUID, form: Form, attempt: int) -> Keep:
    """Store the pieces in the caller's transaction."""

    async def keep(number: int, compressed: bytes) -> None:
        await store.add_piece(tx, request_id, form, attempt, number, compressed)

    return keep


class PieceWriter:
    """Takes bytes and stores them as pieces."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._number = 0

    async def write(self, content: bytes) -> None:
        """Take some bytes; they are stored once a piece is full."""
        self._waiting.append(content)
        self._waiting_bytes += len(content)
        if self._waiting_bytes >= PIECE_BYTES:
            await self.end_piece()

    async def end_piece(self) -> None:
        """Store what waits as a piece, however small."""
        if not self._waiting:
            return
        content, self._waiting, self._waiting_bytes = b"".join(self._waiting), [], 0
        compressed = await asyncio.to_thread(zlib.compress, content, _COMPRESSION)
        await self._keep(self._number, compressed)
        self._number += 1

    async def write_file(self, file: IO[bytes]) -> None:
        """Take all of a file, from its beginning, and store the last piece."""
        file.seek(0)
        while some := await asyncio.to_thread(file.read, PIECE_BYTES):
            await self.write(some)
        await self.end_piece()


async def read_pieces(
    database: Database, request_id: UUID, form: Form, attempt: int, first: int = 0
) -> AsyncIterator[bytes]:
    """The content from piece `first` on, each piece by a connection of its own: whoever fetches may be slow."""
    number = first
    while True:
        async with database.connection() as connection:
            compressed = await store.read_piece(connection, request_id, form, attempt, number)
        if compressed is None:
            return
        yield zlib.decompress(compressed)
        number += 1


async def pieces_of(tx: Transaction, request_id: UUID, form: Form, attempt: int) -> AsyncIterator[bytes]:
    """The content in the caller's transaction."""
    number = 0
    while compressed := await store.read_piece(tx, request_id, form, attempt, number):
        yield zlib.decompress(compressed)
        number += 1


class CsvReport:
    """Writes a report as the tools expect it: three lines of banner, then a table, or several with a name each."""

    def __init__(self, writer: PieceWriter) -> None:
        self._writer = writer
        self.row_count = 0

    async def begin(self, banner: Sequence[str]) -> None:
        """The banner. Its lines begin with words of ours, so that none begins as a formula does."""
        assert len(banner) == BANNER_LINES
        await self._lines([[line] for line in banner])

    async def begin_table(self, table: Table, *, named: bool) -> None:
        """Names of the columns; with the table's own name before them, after an empty line, where there are several."""
        if named:
            await self._writer.write(b"\r\n")
            await self._lines([[table.name]])
        await self._lines([[column.name for column in table.columns]])

    async def add(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Some rows of the table."""
        self.row_count += len(rows)
        await self._lines(rows)

    async def end(self) -> None:
        """Store what is left."""
        await self._writer.end_piece()

    async def _lines(self, rows: Iterable[Sequence[Cell]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[shown(cell) for cell in row] for row in rows])
        await self._writer.write(text.getvalue().encode())


def shown(cell: Cell) -> str:
    """A cell as text: nothing where nothing is known, no line breaks, and otherwise exactly what is stored."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _LINE_BREAK.sub(" ", cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return shown_moment(cell) if isinstance(cell, datetime) else str(cell)
