"""A person's reach as values for SQL."""

from __future__ import annotations

from sinetti.portal.access import Reach


def reach_values(reach: Reach) -> dict[str, object]:
    """The values that the WHERE clause of a list takes: everything, or of one organisation, or some locations."""
    return {
        "everything": reach.everything,
        "organisation_id": reach.organisation_id,
        "location_ids": list(reach.location_ids),
    }
