"""Makes a report in all its forms: as the page shows it, and as PDF, CSV, XLSX and JSON. In a request or a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any, Final

import msgspec

from sinetti.kit.exports import EXPORTED_ROWS_MAX, at_once, new_file, write_csv, write_xlsx
from sinetti.kit.pdf import PDF_ROWS_MAX, Table, pdf_of
from sinetti.nmvs.packs import Country
from sinetti.portal.pages.authority_reports.catalogue import REPORTS
from sinetti.portal.pages.authority_reports.inquiry import Inquiry, Row
from sinetti.portal.pages.authority_reports.wording import Asked, Wording
from sinetti.portal.words import audited_actions, fill
from sinetti.reports.content import Form
from sinetti.reports.model import Made
from sinetti.reports.personal import Maker, Making
from sinetti.rules.vocabulary import Language

KIND: Final = "authority_report"
"""Of what a person waits for."""
SHOWN_ROWS_MAX: Final = 500
READING_SHARE: Final = 0.8
"""Of the whole work, at a guess: the rest is writing files."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of a report shows."""

    rows: list[Row]
    """The first ones."""
    row_count: int
    is_cut: bool


def maker_of(country: Country, pages: Sequence[str]) -> Maker:
    """What makes the reports of a country; for the worker."""

    async def maker(making: Making) -> Made:
        return await make(making, country, pages)

    return maker


async def make(making: Making, country: Country, pages: Sequence[str]) -> Made:
    """Compile the report and write it in each form. `pages` are those of the portal, whose texts name actions."""
    asked = msgspec.convert(making.asked.parameters, Asked)
    language = Language(making.asked.language)
    wording = Wording(country.rules, language, country.zone, audited_actions(tuple(pages), language))

    async def come(done: float, of: float) -> None:
        await making.come(done * READING_SHARE, of)

    inquiry = Inquiry(
        tx=making.tx,
        rules=country.rules,
        market=country.market,
        zone=country.zone,
        now=making.now,
        first=asked.first,
        last=asked.last,
        at_most=EXPORTED_ROWS_MAX + 1,
        rests=making.in_background,
        come=come,
    )
    rows = await REPORTS[asked.report].compile(inquiry)
    if asked.contains:
        rows = [row for row in rows if _contains(wording, asked, row)]
    is_cut = len(rows) > EXPORTED_ROWS_MAX
    content = _Content(making, country, asked, wording, rows[:EXPORTED_ROWS_MAX], is_cut=is_cut)
    forms = (content.page, content.csv, content.json, content.xlsx, content.pdf)
    for number, write in enumerate(forms):
        await making.come(READING_SHARE + (1 - READING_SHARE) * number / len(forms), 1)
        await write()
    return Made(row_count=min(len(rows), EXPORTED_ROWS_MAX), events_read=0, is_truncated=is_cut)


def _contains(wording: Wording, asked: Asked, row: Row) -> bool:
    wanted = asked.contains.casefold()
    return any(wanted in text.casefold() for text in wording.row(asked, row) if isinstance(text, str))


class _Content:
    """One report, in each form."""

    def __init__(
        self,
        making: Making,
        country: Country,
        asked: Asked,
        wording: Wording,
        rows: list[Row],
        *,
        is_cut: bool,
    ) -> None:
        self._making = making
        self._country = country
        self._asked = asked
        self._wording = wording
        self._rows = rows
        self._is_cut = is_cut
        self._columns = REPORTS[asked.report].columns

    @property
    def _last_line(self) -> list[list[str]]:
        """A file is read without its page, so it says itself that it is not whole."""
        return [[self._wording.words["cut"]]] if self._is_cut else []

    def _kept(self, row: Row) -> Row:
        return {column: row[column] for column in self._columns}

    async def page(self) -> None:
        """The first rows, with codes: whoever looks may do so in another language."""
        shown = [_plain(self._kept(row)) for row in self._rows[:SHOWN_ROWS_MAX]]
        page = Page(rows=shown, row_count=len(self._rows), is_cut=self._is_cut)
        await self._write("page", msgspec.msgpack.encode(page))

    async def csv(self) -> None:
        """For programs: codes as they are kept."""
        kept = [[row[column] for column in self._columns] for row in self._rows]
        with new_file() as file:
            await write_csv(file, self._columns, at_once(kept + self._last_line))
            await self._making.writer("csv").write_file(file)

    async def json(self) -> None:
        """For programs: the same, in the order of the columns."""
        asked, now = self._asked, self._making.now
        whole = {
            "report": asked.report,
            "firstDay": asked.first,
            "lastDay": asked.last,
            "contains": asked.contains or None,
            "purpose": f"Art. 39({asked.purpose})",
            "madeAt": now,
            "rulesVersion": self._country.rules.version,
            "isComplete": not self._is_cut,
            "rows": [self._kept(row) for row in self._rows],
        }
        await self._write("json", await asyncio.to_thread(msgspec.json.encode, whole))

    async def xlsx(self) -> None:
        """For people who reckon: in words."""
        worded = [self._wording.row(self._asked, row) for row in self._rows]
        heads = self._wording.heads(self._asked)
        with new_file() as file:
            await write_xlsx(file, heads, at_once(worded + self._last_line), self._wording.zone)
            await self._making.writer("xlsx").write_file(file)

    async def pdf(self) -> None:
        """For people, to print and to file: in words."""
        wording, words = self._wording, self._wording.words
        number = wording.formats["number"]
        lines = [
            *wording.lines(self._asked, self._making.now),
            fill(words["rows"], count=number(len(self._rows))),
        ]
        if self._is_cut:
            lines.append(words["cut"])
        if len(self._rows) > PDF_ROWS_MAX:
            lines.append(fill(words["first_in_pdf"], most=number(PDF_ROWS_MAX)))
        table = Table(
            title=words["report"][self._asked.report],
            language=self._making.asked.language,
            made_at=self._making.now,
            lines=lines,
            footer=f"Sinetti, {self._country.market}, {self._country.rules.version}",
            heads=wording.heads(self._asked),
            rows=[
                [wording.shown(value) for value in wording.row(self._asked, row)]
                for row in self._rows[:PDF_ROWS_MAX]
            ],
        )
        await self._write("pdf", await pdf_of(table))

    async def _write(self, form: Form, content: bytes) -> None:
        writer = self._making.writer(form)
        await writer.write(content)
        await writer.end_piece()


def _plain(row: Mapping[str, Any]) -> Row:
    """A row as bytes can carry it: days as text."""
    return {name: value.isoformat() if type(value) is date else value for name, value in row.items()}


def read_page(content: bytes) -> Page:
    """What `_Content.page` wrote. Times come back as they were, and days, too."""
    page = msgspec.msgpack.decode(content, type=Page)
    for row in page.rows:
        for name, value in row.items():
            if name.endswith("_on") and isinstance(value, str):
                row[name] = date.fromisoformat(value)
            elif hasattr(value, "astimezone"):
                row[name] = value.astimezone(UTC)
    return page
