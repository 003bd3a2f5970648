"""A workbook (XLSX) of one table, written row by row by XlsxWriter, and going on in another sheet when one is full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Final
from zoneinfo import ZoneInfo

import xlsxwriter

SHEET_ROWS_MAX: Final = 1_000_000
"""A sheet of a workbook holds 1 048 576; what is more goes on in the next sheet."""
CELL_CHARACTERS_MAX: Final = 32_767
"""By the file format; a longer text is cut."""

_COLUMN_WIDTH: Final = 22
_FIRST_DAY: Final = date(1900, 3, 1)
"""Spreadsheets count a 29 February 1900 that never was; days before it are written as text."""
_OPTIONS: Final = {
    "constant_memory": True,
    # Text stays text: no formulas, links or numbers made of what somebody typed into a name.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Workbook:
    """Takes rows as they come; whole when it is closed. Times are those of the zone: spreadsheets know none."""

    def __init__(self, file: IO[bytes], heads: Sequence[str], zone: ZoneInfo) -> None:
        self._book = xlsxwriter.Workbook(file, _OPTIONS)
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
        """Add these rows; each has no more cells than there are heads."""
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
                return
            case datetime() if (
                local := value.astimezone(self._zone).replace(tzinfo=None)
            ).date() >= _FIRST_DAY:
                self._sheet.write_datetime(self._count, column, local, self._moment)
            case date() if not isinstance(value, datetime) and value >= _FIRST_DAY:
                self._sheet.write_datetime(self._count, column, value, self._day)
            case int() | float() if not isinstance(value, bool):
                self._sheet.write_number(self._count, column, value)
            case _:
                text = value.isoformat() if isinstance(value, date) else str(value)
                self._sheet.write_string(self._count, column, text[:CELL_CHARACTERS_MAX])

    def _end_sheet(self) -> None:
        self._sheet.autofilter(0, 0, self._count, len(self._heads) - 1)

    def close(self) -> None:
        """Write the workbook's end."""
        self._end_sheet()
        self._book.close()
