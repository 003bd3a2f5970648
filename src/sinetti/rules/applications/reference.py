"""Renders the tables about applications for people."""

from __future__ import annotations

from collections.abc import Mapping

from sinetti.rules.markdown import page, table_of


def application_page(cells: Mapping[str, list[dict[str, str]]]) -> str:
    """What is a matter of contract, and what becomes of applications."""
    transitions = [
        {**row, "from_state": row["from_state"] or "–"} for row in cells["application_transitions.csv"]
    ]
    return page(
        "Locations, applications and the change of IT system",
        "What a main user changes at once and what goes through an application, what becomes of an application, "
        "and whom each step of a change of IT system waits for.",
        (
            "Fields of a location",
            table_of(
                cells["location_fields.csv"], ("location_field", "changed_by", "needed", "status", "source")
            ),
        ),
        (
            "Applications",
            table_of(
                transitions,
                (
                    "from_state",
                    "step",
                    "kinds",
                    "side",
                    "needs_reason",
                    "to_state",
                    "tells",
                    "status",
                    "source",
                ),
            ),
        ),
        (
            "Change of IT system",
            table_of(cells["it_system_change_steps.csv"], ("change_step", "waits_for", "status", "source")),
        ),
    )
