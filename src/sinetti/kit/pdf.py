"""Tables as PDF: tagged for screen readers (PDF/UA-1), fonts embedded, the same bytes for the same content."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec
import typst
from starlette.responses import Response

PDF_ROWS_MAX = 2_000
"""Some three hundred pages, made in one or two seconds. Whoever wants more rows reads them with a program."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What the PDF says, all of it in words."""

    title: str
    language: str
    made_at: datetime
    lines: Sequence[str]
    """Above the table."""
    footer: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


async def pdf_file(name: str, table: Table) -> Response:
    """The table as a file to download."""
    content = await asyncio.to_thread(make_pdf, table)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def make_pdf(table: Table) -> bytes:
    """The PDF's bytes. Fonts of the machine are left alone, so that it looks the same wherever it is made."""
    made = table.made_at
    report = {**msgspec.to_builtins(table), "made": [made.year, made.month, made.day]}
    content = typst.compile(
        _template(),
        format="pdf",
        sys_inputs={"report": msgspec.json.encode(report).decode()},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=int(made.timestamp()),
    )
    assert isinstance(content, bytes), "one file"
    return content


@cache
def _template() -> bytes:
    return files("sinetti.kit").joinpath("templates", "table.typ").read_bytes()
