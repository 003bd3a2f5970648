"""Renders the tables about sales holds for people."""

from __future__ import annotations

from collections.abc import Mapping

from sinetti.rules.markdown import page, table_of
from sinetti.rules.sales_holds.read import FIELDS, TRANSITIONS


def hold_page(cells: Mapping[str, list[dict[str, str]]]) -> str:
    """What becomes of a request to hold a batch, and who sees what of it."""
    transitions = [{name: value or "–" for name, value in row.items()} for row in cells[TRANSITIONS]]
    return page(
        "Sales holds",
        "What becomes of a company's request to hold a batch and of the answers to it, and who sees what of it.",
        (
            "Steps",
            table_of(
                transitions,
                ("from_state", "step", "side", "while_request", "needs", "to_state", "status", "source"),
            ),
        ),
        (
            "Who sees what",
            table_of(
                cells[FIELDS],
                ("field", "company", "distributor", "operator", "authority", "status", "source"),
            ),
        ),
    )
