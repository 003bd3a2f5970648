"""Workbooks of one table: cell by cell what XlsxWriter writes, which spreadsheets are known to open."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from sinetti.kit import workbook
from sinetti.kit.workbook import Workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ZONE = ZoneInfo("Europe/Helsinki")
HEADS = ["alert", "raised", "day", "count", "name"]
AT = datetime(2026, 3, 2, 22, 30, 15, tzinfo=UTC)
ROWS: list[list[object]] = [
    ["FI-1", AT, date(2026, 3, 2), 5, 'Äänekoski <&> "Co"'],
    ["=1+1", None, None, -2.5, " spaces "],
    ["http://example.fi", AT, None, 0, "two\nlines"],
    ["007", None, date(2000, 2, 29), 12_345_678_901, "\x01control _x0041_ literal"],
    ["FI-1", None, None, None, ""],
]


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def written(rows: list[list[object]], heads: list[str] = HEADS) -> dict[str, bytes]:
    file = io.BytesIO()
    book = Workbook(file, heads, ZONE)
    book.write(rows)
    book.close()
    return parts_of(file.getvalue())


def cells(sheet: bytes) -> dict[str, tuple[str, str | None]]:
    """Place, and what stands there, of every cell that has something."""
    found: dict[str, tuple[str, str | None]] = {}
    for cell in ET.fromstring(sheet).iter(f"{MAIN}c"):
        text = cell.find(f"{MAIN}is/{MAIN}t")
        value = cell.find(f"{MAIN}v")
        content = text if text is not None else value
        if content is not None and content.text is not None:
            # A sixteenth digit, a billionth of a second, is XlsxWriter's rounding.
            is_text = cell.get("t") == "inlineStr"
            found[str(cell.get("r"))] = (
                "text" if is_text else "number",
                content.text if is_text else f"{float(content.text):.9f}",
            )
    return found


def by_xlsxwriter() -> dict[str, bytes]:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADS)
    for number, row in enumerate(ROWS, 1):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(number, column, value.astimezone(ZONE).replace(tzinfo=None))
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, str(value))
    book.close()
    return parts_of(file.getvalue())


def test_each_cell_is_as_xlsxwriter_writes_it():
    ours, theirs = written(ROWS), by_xlsxwriter()
    sheet = "xl/worksheets/sheet1.xml"
    assert cells(ours[sheet]) == cells(theirs[sheet])
    assert len(cells(ours[sheet])) > 15


def test_it_has_all_parts_that_a_workbook_needs_and_each_is_named():
    parts = written(ROWS)
    assert {
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
    } < set(parts)
    for content in parts.values():
        ET.fromstring(content)
    types = parts["[Content_Types].xml"].decode()
    for part in ("workbook", "styles", "worksheets/sheet1"):
        assert f'PartName="/xl/{part}.xml"' in types
    assert 'Target="worksheets/sheet1.xml"' in parts["xl/_rels/workbook.xml.rels"].decode()
    styles = ET.fromstring(parts["xl/styles.xml"])
    for group in ("numFmts", "fonts", "fills", "borders", "cellXfs", "cellStyleXfs", "cellStyles"):
        found = styles.find(f"{MAIN}{group}")
        assert found is not None
        assert int(found.get("count", "0")) == len(found), group


def test_times_have_the_formats_of_times_and_are_those_of_the_country():
    sheet = ET.fromstring(written(ROWS)["xl/worksheets/sheet1.xml"])
    by_place = {cell.get("r"): cell for cell in sheet.iter(f"{MAIN}c")}
    assert [by_place[place].get("s") for place in ("A1", "A2", "B2", "C2", "D2")] == [
        "1",
        None,
        "2",
        "3",
        None,
    ]
    value = by_place["B2"].find(f"{MAIN}v")
    assert value is not None
    assert float(value.text or "") % 1 == pytest.approx((30 * 60 + 15) / 86_400), (
        "half past midnight in Helsinki"
    )


def test_what_is_older_than_spreadsheets_or_longer_than_a_cell_is_text():
    sheet = written([[date(1900, 2, 28), datetime(1899, 1, 1, tzinfo=UTC), "x" * 40_000, True]], HEADS[:4])
    found = cells(sheet["xl/worksheets/sheet1.xml"])
    assert found["A2"] == ("text", "1900-02-28")
    assert found["B2"][0] == "text"
    assert found["C2"] == ("text", "x" * 32_767)
    assert found["D2"] == ("text", "True")


def test_a_full_sheet_goes_on_in_the_next_one(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS_MAX", 2)
    parts = written([[str(number)] for number in range(5)], ["n"])
    counts = [len(cells(parts[f"xl/worksheets/sheet{number}.xml"])) for number in (1, 2, 3)]
    assert counts == [3, 3, 2], "two rows and the heads"
    assert "Sheet3!$A$1:$A$2" in parts["xl/workbook.xml"].decode()


@pytest.mark.parametrize(("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_the_letters_that_spreadsheets_give_them(number, letters):
    assert workbook._letters(number) == letters
