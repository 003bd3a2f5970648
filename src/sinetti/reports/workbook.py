"""A report as a workbook, for people: made from its CSV, a sheet for each table.

Everything is written as text, number or moment; nothing that begins like a formula becomes one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from sinetti.reports.content import BANNER_LINES
from sinetti.reports.model import Column, ReportType, Table, ValueKind

ROWS_MAX: Final = 1_048_576
"""Rows of a sheet, by the file format; what does not fit goes on in another sheet."""
CELL_CHARACTERS_MAX: Final = 32_767

_MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_NUMBER_DIGITS_MAX: Final = 15
"""More than that a spreadsheet would round."""


def write_workbook(report_type: ReportType, source: Path, target: Path) -> None:
    """Turn the CSV file into a workbook. Takes minutes for a million rows, and no more memory than for one."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(target.parent),
    }
    with (
        source.open(encoding="utf-8", newline="") as text,
        xlsxwriter.Workbook(str(target), options) as book,
    ):
        formats = {
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "bold": book.add_format({"bold": True}),
        }
        lines = csv.reader(text)
        banner = [next(lines) for _ in range(BANNER_LINES)]
        first = next(lines)
        for table in report_type.tables:
            if len(report_type.tables) > 1:
                # An empty line, which ends the table before as well, then the name, then the columns.
                assert (first or next(lines)) == [table.name]
                first = next(lines)
            _write_table(book, table, banner, first, _rows_of_table(lines), formats)
            first = []


def _write_table(
    book: xlsxwriter.Workbook,
    table: Table,
    banner: list[list[str]],
    header: list[str],
    rows: Iterator[list[str]],
    formats: Mapping[str, Format],
) -> None:
    sheets = 1
    sheet = _begin_sheet(book, table.name, sheets, banner, header, formats)
    row_number = len(banner) + 1
    for line in rows:
        if row_number >= ROWS_MAX:
            sheets += 1
            sheet = _begin_sheet(book, table.name, sheets, banner, header, formats)
            row_number = len(banner) + 1
        for number, (column, cell) in enumerate(zip(table.columns, line, strict=True)):
            _write(sheet, row_number, number, column, cell, formats)
        row_number += 1


def _rows_of_table(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows up to the empty line that ends a table, or the end of the file."""
    for line in lines:
        if not line:
            return
        yield line


def _begin_sheet(
    book: xlsxwriter.Workbook,
    name: str,
    number: int,
    banner: list[list[str]],
    header: list[str],
    formats: Mapping[str, Format],
) -> Worksheet:
    sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
    for row, line in enumerate(banner):
        sheet.write_string(row, 0, line[0])
    for column, title in enumerate(header):
        sheet.write_string(len(banner), column, title, formats["bold"])
    return sheet


def _write(
    sheet: Worksheet, row: int, number: int, column: Column, cell: str, formats: Mapping[str, Format]
) -> None:
    if not cell:
        return
    if column.kind is ValueKind.MOMENT:
        # Spreadsheets know no zones; the names of the columns and the banner say that it is UTC.
        sheet.write_datetime(row, number, datetime.strptime(cell, _MOMENT), formats["moment"])  # noqa: DTZ007
    elif column.kind is ValueKind.NUMBER and len(cell) <= _NUMBER_DIGITS_MAX:
        sheet.write_number(row, number, int(cell))
    else:
        sheet.write_string(row, number, cell[:CELL_CHARACTERS_MAX])
