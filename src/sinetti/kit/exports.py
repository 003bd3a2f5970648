"""Lists as files: CSV for programs, and workbooks for spreadsheets."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from typing import IO
from zoneinfo import ZoneInfo

import msgspec
import xlsxwriter
from starlette.responses import Response, StreamingResponse

EXPORTED_ROWS_MAX = 50_000
"""As many rows as a spreadsheet shows without getting slow. What may be longer comes in chunks, and in full."""

Chunks = AsyncIterable[Iterable[Sequence[object]]]
"""Rows, a few hundred at a time: so many that it pays to take them to a thread, so few that they fit in memory."""

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMN_WIDTH = 22
SHEET_ROWS_MAX = 1_000_000
"""A sheet of a workbook holds 1 048 576; what is more goes on in the next sheet."""
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
    workbook = _Workbook(file, heads, zone)
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


class _Workbook:
    """A workbook that is written row by row, and begins another sheet when one is full."""

    def __init__(self, file: IO[bytes], heads: Sequence[str], zone: ZoneInfo) -> None:
        # Text stays text: no formulas, links or numbers made of what somebody typed into a name.
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(file, options)
        self._heads = heads
        self._zone = zone
        self._head = self._book.add_format({"bold": True})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._count = 0
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._heads) - 1, _COLUMN_WIDTH)
        self._sheet.write_row(0, 0, self._heads, self._head)

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Add these rows."""
        for row in rows:
            if self._count == SHEET_ROWS_MAX:
                self._end_sheet()
                self._begin_sheet()
            self._count += 1
            for column, value in enumerate(row):
                self._write_cell(column, value)

    def _write_cell(self, column: int, value: object) -> None:
        match value:
            case None:
                pass
            case datetime():
                local = value.astimezone(self._zone).replace(tzinfo=None)
                self._sheet.write_datetime(self._count, column, local, self._moment)
            case date():
                self._sheet.write_datetime(self._count, column, value, self._day)
            case int() | float():
                self._sheet.write_number(self._count, column, value)
            case _:
                self._sheet.write_string(self._count, column, str(value))

    def _end_sheet(self) -> None:
        self._sheet.autofilter(0, 0, self._count, len(self._heads) - 1)

    def close(self) -> None:
        """Write the workbook's end."""
        self._end_sheet()
        self._book.close()
