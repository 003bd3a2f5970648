"""Tables as PDF: tagged for screen readers (PDF/UA-1), fonts embedded, the same bytes for the same content."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec
import typst

PDF_ROWS_MAX = 2_000
"""Some three hundred pages, made in one or two seconds. Whoever wants more rows reads them with a program."""


ROWS_IN_PROCESS_MAX = 100
"""Rows up to which a PDF is made in the caller's process, within a blink."""


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


async def pdf_of(table: Table) -> bytes:
    """The PDF's bytes, made beside the caller. A long one is made by a process of its own: Typst keeps what it has made
    until it has made ten more, and 2 000 rows were 300 megabytes of that each.
    """
    if len(table.rows) <= ROWS_IN_PROCESS_MAX:
        return await asyncio.to_thread(make_pdf, table)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sinetti.kit.pdf", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        content, _ = await process.communicate(msgspec.json.encode(table))
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        raise RuntimeError(f"no PDF was made of {len(table.rows)} rows: exit code {process.returncode}")
    return content


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


if __name__ == "__main__":
    # What `pdf_of` starts: the table as JSON comes in, its PDF goes out.
    sys.stdout.buffer.write(make_pdf(msgspec.json.decode(sys.stdin.buffer.read(), type=Table)))
