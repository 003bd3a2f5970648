"""PDF of tables: the same bytes wherever they are made; long ones leave no memory behind."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from sinetti.kit import pdf
from sinetti.kit.pdf import Table, make_pdf, pdf_of


def table(rows: int) -> Table:
    return Table(
        title="Luettelo",
        language="fi",
        made_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        lines=["Rivejä ja åäö."],
        footer="Sinetti",
        heads=["a", "b"],
        rows=[[str(number), "#let x = 1 $ * _ <b>"] for number in range(rows)],
    )


async def test_a_long_one_is_made_by_another_process_with_the_same_bytes(monkeypatch):
    made = make_pdf(table(150))

    def not_here(_table: Table) -> bytes:
        raise AssertionError("a long one is not made in this process")

    monkeypatch.setattr(pdf, "make_pdf", not_here)
    assert await pdf_of(table(150)) == made
    assert made.startswith(b"%PDF-")


async def test_what_the_other_process_cannot_make_is_told(monkeypatch):
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(RuntimeError, match="150 rows"):
        await pdf_of(table(150))


async def test_a_short_one_is_made_here():
    assert await pdf_of(table(3)) == make_pdf(table(3))
