"""The reference in `docs/reference` is what the tables say now; `make docs` renders it anew."""

from __future__ import annotations

import re
from pathlib import Path

from tests.rules.tables import FILES

from sinetti.rules.load import load_rules
from sinetti.rules.reference import render_reference
from sinetti.rules.review import open_points, open_rows, tables
from sinetti.rules.vocabulary import Status

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def test_the_pages_are_up_to_date():
    pages = render_reference()
    assert {path.name for path in FOLDER.iterdir()} == set(pages)
    for name, page in pages.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == page, f"{name}: run `make docs`"


def test_every_link_between_the_pages_leads_to_one():
    pages = render_reference()
    for page in pages.values():
        for target in re.findall(r"\]\(([^)]+)\)", page):
            assert target in pages or target.startswith("../adr/")


def test_every_table_row_has_as_many_cells_as_its_heading():
    for name, page in render_reference().items():
        width = 0
        for line in page.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line))
            if not line.startswith("|"):
                width = 0
            elif not width:
                width = cells
            assert cells == width, f"{name}: {line}"


def test_the_pages_tell_every_code_and_every_row_of_the_transitions():
    pages = render_reference()
    for code in load_rules().codes:
        assert f"`{code}`" in pages["operation-codes.md"]
    assert pages["transitions.md"].count("| ") > len(tables(FILES)["transitions.csv"])


def test_rows_that_need_an_operators_word_are_all_that_no_document_states_assumed_ones_first():
    rows = open_rows()
    statuses = [row.status for row in rows]
    assert statuses == sorted(statuses, key=[Status.ASSUMED, Status.OBSERVED].index)
    undocumented = sum(
        cells.get("status", "documented") != "documented"
        for table in tables(FILES).values()
        for cells in table
    )
    assert len(rows) == undocumented > 100
    assert all(row.source and row.says for row in rows)
    lines = {name: content.decode().splitlines() for name, content in FILES.items()}
    for row in rows:
        assert lines[f"tables/{row.table}"][row.row - 1].endswith(f",{row.status}")


def test_the_points_to_ask_an_operator_hold_each_open_row_once():
    points = open_points()
    assert len({(point.status, point.source) for point in points}) == len(points)
    assert [point.status for point in points] == sorted(
        (point.status for point in points), key=[Status.ASSUMED, Status.OBSERVED].index
    )
    rows = [(row.table, row.row) for point in points for row in point.rows]
    assert sorted(rows) == sorted((row.table, row.row) for row in open_rows())
