"""Lists the rows of the tables that still need an operator's word: all that no document states (`make tables`)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import groupby

import msgspec

from sinetti.rules.table import Files, packaged_files
from sinetti.rules.vocabulary import Status

_NOT_SAID = frozenset(
    {"source", "status", "http_status", "message_field", "alert", "colour", "used", "counts_repeat", "unit"}
)


class OpenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is observed or assumed, not documented."""

    table: str
    row: int
    """Line in the table."""
    status: Status
    says: str
    """The row's cells in short."""
    source: str
    """What the row rests on, and what of it is assumed."""


class OpenPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to confirm or correct, with all the rows that rest on it."""

    status: Status
    source: str
    rows: tuple[OpenRow, ...]


def open_points(files: Files | None = None) -> list[OpenPoint]:
    """What an operator has to be asked: open rows that rest on the same, together, the assumed ones first."""

    def point(row: OpenRow) -> tuple[bool, str]:
        return row.status is not Status.ASSUMED, row.source

    return [
        OpenPoint(status=Status.OBSERVED if observed else Status.ASSUMED, source=source, rows=tuple(rows))
        for (observed, source), rows in groupby(sorted(open_rows(files), key=point), key=point)
    ]


def open_rows(files: Files | None = None) -> list[OpenRow]:
    """Rows that no document states, the assumed ones first, in the order of tables and rows."""
    rows = [
        row for name, cells in tables(files or packaged_files()).items() for row in _open_rows_of(name, cells)
    ]
    return sorted(rows, key=lambda row: row.status is not Status.ASSUMED)


def tables(files: Files) -> Mapping[str, list[dict[str, str]]]:
    """Cells of every table by column, in the order of the file: for people to read, not to judge by."""
    return {
        path.removeprefix("tables/"): list(csv.DictReader(content.decode().splitlines()))
        for path, content in files.items()
        if path.startswith("tables/")
    }


def _open_rows_of(table: str, rows: list[dict[str, str]]) -> Iterator[OpenRow]:
    for number, cells in enumerate(rows, start=2):
        status = cells.get("status", Status.DOCUMENTED)
        if status != Status.DOCUMENTED:
            yield OpenRow(
                table=table,
                row=number,
                status=Status(status),
                says=" · ".join(cell for column, cell in cells.items() if cell and column not in _NOT_SAID),
                source=cells["source"],
            )
