"""Reports that are read from registers and from alerts."""

from __future__ import annotations

from typing import Final

from sinetti.portal.legitimacy import calendar
from sinetti.portal.pages.authority_reports.inquiry import REPORTS_SQL, Inquiry, Row

ACCESS_ACTIONS: Final = (
    "user_added", "user_changed", "user_invited", "user_locked", "user_unlocked", "invitation_accepted",
    "second_factor_removed", "sessions_ended", "organisation_added", "organisation_locked", "organisation_unlocked",
    "location_added", "location_locked", "location_unlocked", "location_closed", "equipment_added",
    "equipment_locked", "equipment_unlocked", "equipment_deleted", "legitimacy_recorded", "application_approved",
)  # fmt: skip
"""Entries of the audit by which somebody, or somebody's system, gets access or loses it."""

AGES: Final = ((2, "to_2"), (7, "to_7"), (14, "to_14"), (30, "to_30"))
"""Whole days up to which an open alert is of this age; older ones are `over_30`."""
_OF_ALERTS: Final = (
    "kind", "operation_code", "company", "organisation_kind", "location_kind", "alert_status", "closing_reason",
    "classification", "age_days", "alerts", "late_alerts", "first_at", "last_at",
)  # fmt: skip
"""What the statement `alerts` gives, in its order."""
_COUNTED: Final = frozenset({"alerts", "late_alerts", "first_at", "last_at", "age_days"})


async def falsifications(inquiry: Inquiry) -> list[Row]:
    """The register of suspicions and confirmed falsifications (art. 37(d))."""
    return await inquiry.rows("falsifications")


async def trail_access(inquiry: Inquiry) -> list[Row]:
    """Who read a pack's trail, on which ground (art. 38(2))."""
    return await inquiry.rows("trail_access")


async def people(inquiry: Inquiry) -> list[Row]:
    """Users and their roles, as things stand (art. 37(b))."""
    return await inquiry.rows("people")


async def access_changes(inquiry: Inquiry) -> list[Row]:
    """Who was let in and locked out (art. 37(b))."""
    return await inquiry.rows("access_changes", actions=list(ACCESS_ACTIONS))


async def legitimacy(inquiry: Inquiry) -> list[Row]:
    """Checks of legitimacy that were made and are due, as things stand (art. 37(b))."""
    days = calendar(inquiry.rules, inquiry.zone, inquiry.now)
    return await inquiry.rows("legitimacy", **days.values())


async def non_fmd(inquiry: Inquiry) -> list[Row]:
    """Batches exempted from the Regulation, with who did it and why."""
    return await inquiry.rows("non_fmd")


async def alerts(inquiry: Inquiry) -> list[Row]:
    """Alerts by all that tells them apart, with the age of open ones and those with a late answer (art. 39(a))."""
    sums: dict[tuple[object, ...], Row] = {}
    async for rows in inquiry.spans(REPORTS_SQL["alerts"], now=inquiry.now):
        for values in rows:
            row: Row = dict(zip(_OF_ALERTS, values, strict=True))
            row["age"] = age_of(row.pop("age_days"))
            row["market"] = inquiry.market
            _add(sums, row)
    return sorted(sums.values(), key=lambda row: [str(row[name] or "") for name in _told(row)])


def age_of(days: int | None) -> str | None:
    """The code of how old an open alert is; nothing for a closed one."""
    if days is None:
        return None
    return next((age for most, age in AGES if days <= most), "over_30")


def _told(row: Row) -> list[str]:
    return [name for name in row if name not in _COUNTED]


def _add(sums: dict[tuple[object, ...], Row], row: Row) -> None:
    """Add a row to those that tell the same."""
    key = tuple(row[name] for name in _told(row))
    kept = sums.setdefault(key, row)
    if kept is not row:
        kept["alerts"] += row["alerts"]
        kept["late_alerts"] += row["late_alerts"]
        kept["first_at"] = min(kept["first_at"], row["first_at"])
        kept["last_at"] = max(kept["last_at"], row["last_at"])
