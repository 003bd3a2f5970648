"""What waits for whoever has signed in: each line leads to where it is done. A part that has work for somebody adds a
function here, and its words to the texts `[waits]`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import msgspec

from sinetti.alerts.cases import doer_of
from sinetti.alerts.listing import count_alerts
from sinetti.alerts.searching import OPEN, Overdue, Search, may_filter
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import load_queries
from sinetti.portal import access
from sinetti.portal.legitimacy import Standing, calendar, count_waiting
from sinetti.portal.lists import COUNTED_ROWS_MAX
from sinetti.portal.pages.applications.store import count_waiting as applications_waiting
from sinetti.portal.pages.held_batches.store import count_batches
from sinetti.portal.store.reach import reach_values
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import AlertStatus, Classification, Party

NOT_USED_DAYS = 30
"""A pharmacy's system verifies packs each working day; one that is silent for a month is worth a question."""

_QUERIES = load_queries("sinetti.portal.pages.start", "start.sql")


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the start page."""

    key: str
    """Of the text that says what it is."""
    count: int
    path: str
    """Where it is done."""
    more: bool = False
    """There are more than were counted."""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the start page."""

    locations: int
    equipment: int
    without_role: int
    not_used: int
    locked: int
    locked_locations: int
    locked_organisations: int


async def count_country(visit: Visit) -> Counted:
    """What there is within reach of the person."""
    cursor = await visit.tx.cursor(row_factory=rows_as(Counted)).execute(
        _QUERIES["count_country"],
        {**reach_values(visit.reach), "quiet_since": visit.now - timedelta(days=NOT_USED_DAYS)},
    )
    counted: Counted | None = await cursor.fetchone()
    assert counted is not None, "counting gives one row"
    return counted


async def _alerts(visit: Visit, _counted: Counted) -> list[Waiting]:
    if not visit.may("see_alerts"):
        return []
    doer, path, found = doer_of(visit.person), visit.url("alerts"), []
    rules = visit.rules.alerts
    # Who owes no answer of its own, or leads the others', looks for late ones of any party.
    late = Overdue.ANY if doer.party in {Party.OPERATOR, Party.AUTHORITY} else Overdue.OWN
    for key, search, query in (
        (
            "suspicions",
            Search(statuses=OPEN, classification=Classification.SUSPICION),
            "classification=suspicion",
        ),
        ("late_answers", Search(statuses=OPEN, overdue=late), f"overdue={late.value}"),
        ("new_alerts", Search(statuses=frozenset({AlertStatus.NEW})), f"status={AlertStatus.NEW.value}"),
        ("open_alerts", Search(statuses=OPEN), ""),
    ):
        if search.classification and not may_filter(rules, doer.party, "classification"):
            continue
        count = await count_alerts(visit.tx, rules, doer, search, visit.now, at_most=COUNTED_ROWS_MAX + 1)
        shown = min(count, COUNTED_ROWS_MAX)
        found.append(
            Waiting(key=key, count=shown, path=f"{path}?{query}" if query else path, more=count > shown)
        )
    return found


async def _checks(visit: Visit, _counted: Counted) -> list[Waiting]:
    if not visit.may("record_legitimacy"):
        return []
    counted = await count_waiting(visit.tx, calendar(visit.rules, visit.portal.settings.zone, visit.now))
    path = visit.url("legitimacy")
    return [
        Waiting(key=standing.value, count=count, path=f"{path}?standing={standing.value}")
        for standing, count in (
            (Standing.OVERDUE, counted.overdue),
            (Standing.COMING, counted.coming),
            (Standing.NEVER, counted.never),
        )
    ]


async def _applications(visit: Visit, _counted: Counted) -> list[Waiting]:
    if not visit.may("see_applications"):
        return []
    seen = access.reach(visit.portal.permissions["see_applications"], visit.person)
    applied, returned = await applications_waiting(visit.tx, seen)
    path = visit.url("applications")
    # What the operator returned is its applicant's to do.
    own = visit.person.organisation_id is not None
    return [
        Waiting(key="applied", count=0 if own else applied, path=f"{path}?state=applied"),
        Waiting(key="returned", count=returned if own else 0, path=f"{path}?state=returned"),
    ]


async def _sales_holds(visit: Visit, _counted: Counted) -> list[Waiting]:
    if not visit.may("answer_sales_hold"):
        return []
    seen = access.reach(visit.portal.permissions["answer_sales_hold"], visit.person)
    waiting, held = await count_batches(visit.tx, seen)
    path = visit.url("held_batches")
    return [
        Waiting(key="holds_to_answer", count=waiting, path=f"{path}?state=waiting"),
        Waiting(key="batches_held", count=held, path=path),
    ]


async def _equipment(visit: Visit, counted: Counted) -> list[Waiting]:
    # Whoever looks after one organisation finds its equipment by its locations.
    everywhere = visit.may("see_all_equipment")
    path = visit.url("all_equipment") if everywhere else visit.url("locations")
    found = [
        ("without_role", counted.without_role, "role=none"),
        ("not_used", counted.not_used, f"used={NOT_USED_DAYS}"),
        ("locked", counted.locked, "state=locked"),
    ]
    return [
        Waiting(key=key, count=count, path=f"{path}?{query}" if everywhere else path)
        for key, count, query in found
        if everywhere or visit.may("see_locations")
    ]


async def _locks(visit: Visit, counted: Counted) -> list[Waiting]:
    locked = [
        Waiting(
            key="locked_locations",
            count=counted.locked_locations,
            path=f"{visit.url('locations')}?state=locked",
        )
    ]
    if visit.reach.everything:
        path = f"{visit.url('organisations')}?state=locked"
        locked.append(Waiting(key="locked_organisations", count=counted.locked_organisations, path=path))
    return locked if visit.may("see_locations") else []


PARTS: Sequence[Callable[[Visit, Counted], Awaitable[list[Waiting]]]] = (
    _alerts,
    _sales_holds,
    _applications,
    _checks,
    _equipment,
    _locks,
)
"""In the order of the page: what is most pressing first."""


async def what_waits(visit: Visit, counted: Counted) -> list[Waiting]:
    """All that waits, without what there is none of."""
    return [waiting for part in PARTS for waiting in await part(visit, counted) if waiting.count]
