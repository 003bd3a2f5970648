"""Lists as files: CSV for programs, and workbooks for spreadsheets."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import IO
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response, StreamingResponse

from sinetti.kit.workbook import Workbook

EXPORTED_ROWS_MAX = 50_000
"""As many rows as a spreadsheet shows without getting slow. What may be longer comes in chunks, and in full."""

Chunks = AsyncIterable[Iterable[Sequence[object]]]
"""Rows, a few hundred at a time: so many that it pays to take them to a thread, so few that they fit in memory."""

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IN_MEMORY_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


async def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as CSV that a spreadsheet opens by a click: with a mark of order, and no cell that is a formula."""
    return await csv_of_chunks(name, heads, at_once(rows))


async def xlsx_file(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[object]], zone: ZoneInfo
) -> Response:
    """The rows as a workbook. A spreadsheet knows no zones, so times are those of the country."""
    return await xlsx_of_chunks(name, heads, at_once(rows), zone)


async def csv_of_chunks(name: str, heads: Sequence[str], chunks: Chunks) -> Response:
    """The same for any number of rows. The file is whole before its first byte goes out: it is never cut short."""
    file = new_file()
    await write_csv(file, heads, chunks)
    return sent_file(file, f"{name}.csv", CSV)


async def xlsx_of_chunks(name: str, heads: Sequence[str], chunks: Chunks, zone: ZoneInfo) -> Response:
    """The same for any number of rows."""
    file = new_file()
    await write_xlsx(file, heads, chunks, zone)
    return sent_file(file, f"{name}.xlsx", XLSX)


async def write_csv(file: IO[bytes], heads: Sequence[str], chunks: Chunks) -> None:
    """Write the rows into a file as CSV, in threads."""
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    async for rows in chunks:
        await asyncio.to_thread(writer.writerows, ([_cell(value) for value in row] for row in rows))
    text.flush()
    text.detach()


async def write_xlsx(file: IO[bytes], heads: Sequence[str], chunks: Chunks, zone: ZoneInfo) -> None:
    """Write the rows into a file as a workbook, in threads."""
    workbook = Workbook(file, heads, zone)
    async for rows in chunks:
        await asyncio.to_thread(workbook.write, rows)
    await asyncio.to_thread(workbook.close)


async def at_once(rows: Iterable[Sequence[object]]) -> AsyncIterator[Iterable[Sequence[object]]]:
    """Rows that are all there as one chunk."""
    yield rows


def new_file() -> IO[bytes]:
    """A file that goes away with its last user: in memory while it is small, then on disk without a name."""
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)


def sent_file(file: IO[bytes], name: str, media_type: str) -> Response:
    """A file as a download, which closes it."""
    file.seek(0, io.SEEK_END)
    length = file.tell()
    file.seek(0)

    async def pieces() -> AsyncIterator[bytes]:
        with file:
            while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                yield piece

    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(length)}
    return StreamingResponse(pieces(), headers=headers, media_type=media_type)


def _cell(value: object) -> str:
    """A value for a spreadsheet, which must not take it for a formula (CWE-1236)."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
