"""Lists as files: CSV, and workbooks for spreadsheets."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import xlsxwriter
from starlette.responses import Response

EXPORTED_ROWS_MAX = 50_000
"""As many rows as a spreadsheet shows without getting slow."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMN_WIDTH = 22


async def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as CSV that a spreadsheet opens by a click: with a mark of order, and no cell that is a formula."""
    body = await asyncio.to_thread(_csv, heads, rows)
    return _file(body.encode(), f"{name}.csv", "text/csv; charset=utf-8")


async def xlsx_file(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[object]], zone: ZoneInfo
) -> Response:
    """The rows as a workbook. A spreadsheet knows no zones, so times are those of the country."""
    body = await asyncio.to_thread(_xlsx, heads, rows, zone)
    return _file(body, f"{name}.xlsx", _XLSX)


def _file(body: bytes, name: str, media_type: str) -> Response:
    return Response(
        body, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=media_type
    )


def _csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + file.getvalue()


def _cell(value: object) -> str:
    """A value for a spreadsheet, which must not take it for a formula (CWE-1236)."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _xlsx(heads: Sequence[str], rows: Iterable[Sequence[object]], zone: ZoneInfo) -> bytes:
    file = io.BytesIO()
    # Text stays text: no formulas, links or numbers made of what somebody typed into a name.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        head, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, heads, head)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(heads) - 1, _COLUMN_WIDTH)
        count = 0
        for count, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                match value:
                    case None:
                        pass
                    case datetime():
                        local = value.astimezone(zone).replace(tzinfo=None)
                        sheet.write_datetime(count, column, local, moment)
                    case date():
                        sheet.write_datetime(count, column, value, day)
                    case int() | float():
                        sheet.write_number(count, column, value)
                    case _:
                        sheet.write_string(count, column, str(value))
        sheet.autofilter(0, 0, count, len(heads) - 1)
    return file.getvalue()
