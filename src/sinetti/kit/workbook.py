"""A workbook (XLSX, ECMA-376) of one table, written row by row as fast as its text is made.

Lists have millions of cells: XlsxWriter, which makes the workbooks of reports with several tables, takes 5 µs for each,
and this a sixth of that. Nothing but what a table needs: heads that stay in sight, a filter, text, numbers, moments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

SHEET_ROWS_MAX: Final = 1_000_000
"""A sheet of a workbook holds 1 048 576; what is more goes on in the next sheet."""
CELL_CHARACTERS_MAX: Final = 32_767
"""By the file format; a longer text is cut."""

_COLUMN_WIDTH: Final = 22
_COMPRESSION: Final = 4
_REMEMBERED_TEXTS: Final = 20_000
"""Most cells of a list say what others have said: names, codes in words."""
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BEFORE_FIRST_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones
_FIRST_DAY: Final = date(1900, 3, 1)
"""Spreadsheets count a 29 February 1900 that never was; days before it are written as text."""
# What XML cannot hold, and what would be read as a sign for it.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_PLAIN, _HEAD, _MOMENT, _DAY = "", ' s="1"', ' s="2"', ' s="3"'
"""Attributes of a cell: numbers of the formats `cellXfs` below."""
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Workbook:
    """A workbook that is written row by row, and begins another sheet when one is full. All text stays text: there are
    no formulas, links or numbers made of what somebody typed into a name.
    """

    def __init__(self, file: IO[bytes], heads: Sequence[str], zone: ZoneInfo) -> None:
        self._package = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION)
        self._heads = heads
        self._zone = zone
        self._letters = [_letters(number) for number in range(len(heads))]
        self._texts: dict[str, str] = {}
        self._sheets = 0
        self._filtered: list[str] = []
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._rows = 0
        path = f"xl/worksheets/sheet{self._sheets}.xml"
        self._sheet = self._package.open(path, "w", force_zip64=True)
        chosen = ' tabSelected="1"' if self._sheets == 1 else ""
        self._put(
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{chosen} workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<cols><col min="1" max="{len(self._heads)}" width="{_COLUMN_WIDTH}" customWidth="1"/></cols><sheetData>'
        )
        self._write_row(self._heads, _HEAD)

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Add these rows; each has no more cells than there are heads."""
        for row in rows:
            if self._rows > SHEET_ROWS_MAX:
                self._end_sheet()
                self._begin_sheet()
            self._write_row(row)

    def _write_row(self, row: Sequence[object], style: str = _PLAIN) -> None:
        self._rows += 1
        number = self._rows
        cells = [
            self._cell(f"{letters}{number}", value, style)
            for letters, value in zip(self._letters, row, strict=False)
            if value is not None
        ]
        self._put(f'<row r="{number}">{"".join(cells)}</row>')

    def _cell(self, place: str, value: object, style: str) -> str:
        number: float
        if isinstance(value, str):
            written = self._texts.get(value) or self._text(value)
            return f'<c r="{place}"{style} t="inlineStr">{written}</c>'
        if isinstance(value, datetime):
            local, style = value.astimezone(self._zone).replace(tzinfo=None), _MOMENT
            if local.date() < _FIRST_DAY:
                return self._cell(place, local.isoformat(" "), _PLAIN)
            number = (local - _BEFORE_FIRST_DAY).total_seconds() / 86_400
        elif isinstance(value, date):
            if value < _FIRST_DAY:
                return self._cell(place, value.isoformat(), _PLAIN)
            number, style = (value - _BEFORE_FIRST_DAY.date()).days, _DAY
        elif isinstance(value, int | float) and not isinstance(value, bool):
            number = value
        else:
            return self._cell(place, str(value), style)
        return f'<c r="{place}"{style}><v>{number!r}</v></c>'

    def _text(self, text: str) -> str:
        """The XML of a text, remembered for the next cell that says the same."""
        plain = escape(_UNWRITABLE.sub(_as_sign, text[:CELL_CHARACTERS_MAX]))
        kept = ' xml:space="preserve"' if plain != plain.strip() or "\n" in plain else ""
        written = f"<is><t{kept}>{plain}</t></is>"
        if len(self._texts) < _REMEMBERED_TEXTS:
            self._texts[text] = written
        return written

    def _put(self, text: str) -> None:
        self._sheet.write(text.encode())

    def _end_sheet(self) -> None:
        last = self._letters[-1]
        self._put(
            f'</sheetData><autoFilter ref="A1:{last}{self._rows}"/>'
            '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/></worksheet>'
        )
        self._filtered.append(f"Sheet{self._sheets}!$A$1:${last}${self._rows}")
        self._sheet.close()

    def close(self) -> None:
        """Write the workbook's end."""
        self._end_sheet()
        numbers = range(1, self._sheets + 1)
        related = [_related(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
        related.append(_related(self._sheets + 1, "styles", "styles.xml"))
        contents = {
            "[Content_Types].xml": _types(numbers),
            "_rels/.rels": _relationships([_related(1, "officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": _workbook(self._filtered),
            "xl/_rels/workbook.xml.rels": _relationships(related),
            "xl/styles.xml": _STYLES,
        }
        for path, content in contents.items():
            self._package.writestr(path, _XML + content)
        self._package.close()


def _types(sheets: Iterable[int]) -> str:
    parts = {f"worksheets/sheet{number}": "worksheet" for number in sheets}
    parts |= {"workbook": "sheet.main", "styles": "styles"}
    named = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in parts.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _workbook(filtered: Sequence[str]) -> str:
    """The sheets, and which cells of each are filtered."""
    sheets, names = "", ""
    for number, cells in enumerate(filtered, 1):
        sheets += f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>'
        where = f'localSheetId="{number - 1}" hidden="1"'
        names += f'<definedName name="_xlnm._FilterDatabase" {where}>{cells}</definedName>'
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{names}</definedNames></workbook>"
    )


def _letters(number: int) -> str:
    """What a spreadsheet calls a column: A, B, … Z, AA."""
    found = ""
    while number >= 0:
        found = chr(ord("A") + number % 26) + found
        number = number // 26 - 1
    return found


def _as_sign(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _related(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _relationships(all_of_them: Sequence[str]) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(all_of_them)}</Relationships>'
