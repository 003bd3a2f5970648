"""Workbooks of one table: what a spreadsheet finds in each cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from sinetti.kit import workbook
from sinetti.kit.workbook import Workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ZONE = ZoneInfo("Europe/Helsinki")
AT = datetime(2026, 3, 2, 22, 30, 15, tzinfo=UTC)


def written(*rows: Sequence[object], heads: int = 5) -> dict[str, bytes]:
    file = io.BytesIO()
    book = Workbook(file, [f"head {number}" for number in range(heads)], ZONE)
    book.write(rows)
    book.close()
    with zipfile.ZipFile(io.BytesIO(file.getvalue())) as package:
        return {name: package.read(name) for name in package.namelist()}


def cells(sheet: bytes) -> dict[str, str]:
    """What stands in every cell that has something: a text as it is, a number with `#` before it."""
    found: dict[str, str] = {}
    for cell in ET.fromstring(sheet).iter(f"{MAIN}c"):
        text, value = cell.find(f"{MAIN}is/{MAIN}t"), cell.find(f"{MAIN}v")
        if text is not None and text.text is not None:
            found[str(cell.get("r"))] = text.text
        elif value is not None:
            found[str(cell.get("r"))] = f"#{value.text}"
    return found


def test_text_stays_text_whatever_it_looks_like_and_numbers_are_numbers():
    found = cells(written(["=1+1", "http://example.fi", "007", 5, -2.5])["xl/worksheets/sheet1.xml"])
    assert [found[f"{column}2"] for column in "ABCDE"] == ["=1+1", "http://example.fi", "007", "#5", "#-2.5"]
    assert found["A1"] == "head 0"


def test_times_are_those_of_the_country():
    found = cells(written([AT, date(2026, 3, 2), None, True])["xl/worksheets/sheet1.xml"])
    moment = float(found["A2"][1:])
    assert moment % 1 == pytest.approx((30 * 60 + 15) / 86_400), "half past midnight in Helsinki"
    assert int(moment) == int(found["B2"][1:]) + 1
    assert "C2" not in found
    assert found["D2"] == "True"


def test_what_is_older_than_spreadsheets_or_longer_than_a_cell_is_text():
    rows: list[object] = [date(1900, 2, 28), datetime(1899, 1, 1, tzinfo=UTC), "x" * 40_000]
    found = cells(written(rows)["xl/worksheets/sheet1.xml"])
    assert found["A2"] == "1900-02-28"
    assert found["B2"].startswith("1899-01-01")
    assert found["C2"] == "x" * 32_767


def test_a_full_sheet_goes_on_in_the_next_one(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS_MAX", 2)
    parts = written(*[[str(number)] for number in range(5)], heads=1)
    counts = [len(cells(parts[f"xl/worksheets/sheet{number}.xml"])) for number in (1, 2, 3)]
    assert counts == [3, 3, 2], "two rows and the heads"
