"""Reports that count operations: the record is gone through span by span, and never as a whole (docs/adr/0027)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from sinetti.portal.pages.authority_reports.inquiry import RECORD_SQL, Inquiry, Row
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import BatchState, Operation, OrganisationKind, PackState, ParameterName

TOO_LATE: Final = "A4"
"""What the EU Hub calls a reactivation more than ten days after (art. 13(1)(b))."""
ELSEWHERE: Final = "A5"
"""What it calls one at another location than the one that decommissioned (art. 13(1)(a))."""

CHANGES: Final = {
    PackState.SUPPLIED: "supplied",
    PackState.EXPORTED: "exported",
    PackState.DESTROYED: "destroyed",
    PackState.LOCKED: "locked",
    PackState.STOLEN: "stolen",
    PackState.SAMPLE: "sample",
    PackState.FREE_SAMPLE: "free_sample",
    PackState.ACTIVE: "reactivated",
}
"""The column that counts packs that got each state."""
_RESTRICTED: Final = {BatchState.RECALLED: "recalled", BatchState.WITHDRAWN: "withdrawn"}


def _rate(alerts: int, operations: int) -> float | None:
    """Alerts to a thousand operations; nothing where there were none."""
    return round(1000 * alerts / operations, 2) if operations else None


async def locations(inquiry: Inquiry) -> list[Row]:
    """Whether each location is connected and uses the system (art. 36(j))."""
    operations: Counter[int] = Counter()
    supplied: Counter[int] = Counter()
    latest: dict[int, datetime] = {}
    async for rows in inquiry.spans(RECORD_SQL["by_location"]):
        for location_id, count, packs, last_at in rows:
            operations[location_id] += count
            supplied[location_id] += packs
            latest[location_id] = max(last_at, latest.get(location_id, last_at))
    found = await inquiry.rows("locations", kind=None)
    for row in found:
        at = row.pop("location_id")
        row["operations"], row["supplied"] = operations[at], supplied[at]
        row["last_operation_at"] = latest.get(at)
        row["is_silent"] = not operations[at]
        row["alerts_per_thousand"] = _rate(row["alerts"], operations[at])
    return found


async def companies(inquiry: Inquiry) -> list[Row]:
    """What each company uploaded, recalled and withdrew, and the alerts on its products (art. 33, 36(j) and 40)."""
    operations: Counter[int] = Counter()
    async for rows in inquiry.spans(RECORD_SQL["by_company"]):
        for organisation_id, count in rows:
            operations[organisation_id] += count
    found = await inquiry.rows("companies")
    for row in found:
        at = row.pop("organisation_id")
        row["operations"] = operations[at]
        row["alerts_per_thousand"] = _rate(row["alerts"], operations[at])
        for code in ("a2", "a3"):
            row[f"{code}_per_thousand"] = _rate(row[code], operations[at])
    return found


async def wholesalers(inquiry: Inquiry) -> list[Row]:
    """What each location of a wholesaler verified, and what it decommissioned as what (art. 20 to 23)."""
    found = await inquiry.rows("locations", kind=OrganisationKind.WHOLESALER.value)
    by_location: dict[int, Row] = {}
    for row in found:
        by_location[row.pop("location_id")] = row
        row.update(dict.fromkeys(("verified", *CHANGES.values(), "not_done"), 0))
    async for rows in inquiry.spans(RECORD_SQL["by_change"], location_ids=list(by_location)):
        for location_id, operation, state, count in rows:
            if operation == Operation.VERIFY:
                column = "verified"
            else:
                column = "not_done" if state is None else CHANGES.get(PackState(state), "not_done")
            by_location[location_id][column] += count
    return found


async def undo(inquiry: Inquiry) -> list[Row]:
    """Reactivations at each location: done, too late, of what another location had decommissioned (art. 13)."""
    sums: defaultdict[int, Counter[str]] = defaultdict(Counter)
    columns = {TOO_LATE: "too_late", ELSEWHERE: "elsewhere"}
    async for rows in inquiry.spans(RECORD_SQL["undone"]):
        for location_id, is_done, hub_code, count in rows:
            sums[location_id]["undone" if is_done else columns.get(hub_code, "otherwise")] += count
    found = []
    for row in await inquiry.rows("locations", kind=None):
        counted = sums.get(row["location_id"])
        if counted is not None:
            found.append(
                row | {name: counted[name] for name in ("undone", "too_late", "elsewhere", "otherwise")}
            )
    return found


# ---------------------------------------------------------------- recalled, withdrawn, stolen


class _Attempts:
    """What was asked about packs that nobody should have asked about."""

    def __init__(self) -> None:
        self.marked = 0
        self.counted: Counter[str] = Counter()
        self.locations: set[int] = set()
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    def add(self, operation: str, count: int, locations: list[int], last_at: datetime) -> None:
        """Add what one statement counted."""
        self.counted["verified" if operation == Operation.VERIFY else "other_attempts"] += count
        self.locations.update(locations)
        self.last_at = max(last_at, self.last_at or last_at)

    def row(self) -> Row:
        """As a report has it."""
        return {
            "packs": self.marked or None,
            "verified": self.counted["verified"],
            "other_attempts": self.counted["other_attempts"],
            "locations": len(self.locations),
            "last_at": self.last_at,
        }


async def taken_back(inquiry: Inquiry) -> list[Row]:
    """Recalled batches, withdrawn products and packs marked as stolen, with what was asked about them afterwards
    (art. 40). Of recalls and withdrawals, those of these days and those that were asked about in them.
    """
    codes = _codes(inquiry.rules)
    attempts: defaultdict[tuple[str, int, str], _Attempts] = defaultdict(_Attempts)
    async for rows in inquiry.spans(RECORD_SQL["after_taken_back"], codes=list(codes)):
        for (
            product_id,
            batch,
            code,
            operation,
            was_stolen,
            is_marked,
            count,
            places,
            first_at,
            last_at,
        ) in rows:
            if is_marked:
                stolen = attempts["stolen", product_id, batch]
                stolen.marked += count
                stolen.first_at = min(first_at, stolen.first_at or first_at)
                continue
            what = codes.get(code) or ("stolen" if was_stolen else None)
            if what is not None:
                at = "" if what == "withdrawn" else batch
                attempts[what, product_id, at].add(operation, count, places, last_at)
    found: list[Row] = []
    for row in await inquiry.rows("taken_back"):
        counted = attempts.pop((row["what"], row.pop("product_id"), row["batch"]), None)
        if counted is not None or row["since"] >= inquiry.since:
            found.append(row | (counted or _Attempts()).row())
    return found + await _stolen(inquiry, attempts)


async def _stolen(inquiry: Inquiry, attempts: dict[tuple[str, int, str], _Attempts]) -> list[Row]:
    """Stolen packs by batch, and what was said of a batch as recalled that is not any more."""
    numbers = sorted({product_id for _, product_id, _ in attempts})
    products = {row.pop("product_id"): row for row in await inquiry.rows("products", product_ids=numbers)}
    return [
        {"what": what, "batch": batch, "since": counted.first_at, "reason": None}
        | products.get(product_id, {"company": None, "product": None, "product_code": None})
        | counted.row()
        for (what, product_id, batch), counted in sorted(attempts.items())
    ]


def _codes(rules: Rules) -> dict[str, str]:
    """Operation codes that say that a batch is recalled or a product withdrawn."""
    return {
        code.code: _RESTRICTED[restriction.batch_state]
        for restriction in rules.restrictions
        for code in restriction.codes.values()
    }


# ---------------------------------------------------------------- supplied packs


def whole_months(first: date, last: date, today: date) -> tuple[date, date] | None:
    """The months that lie within the days and are over, as their first and last day; `None` where there is none.

    Whole months alone: of days, whoever asks twice with one day more would learn the small numbers of that day.
    """
    begins = first if first.day == 1 else _next_month(first)
    ends = min(last + timedelta(days=1), today).replace(day=1)
    return (begins, ends - timedelta(days=1)) if begins < ends else None


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


async def supplied(inquiry: Inquiry) -> list[Row]:
    """Packs supplied of each product, by month and region; small numbers are not told (art. 39(b) and (c))."""
    parameters = inquiry.rules.parameters
    sums: defaultdict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0])
    digits = parameters[ParameterName.REPORT_REGION_DIGITS].value
    async for rows in inquiry.spans(RECORD_SQL["supplied"], zone=inquiry.zone.key, digits=digits):
        for month, product_id, region, packs, taken_back_packs in rows:
            counted = sums[month, product_id, region]
            counted[0] += packs
            counted[1] += taken_back_packs
    numbers = sorted({product_id for _, product_id, _ in sums})
    products = {row.pop("product_id"): row for row in await inquiry.rows("products", product_ids=numbers)}
    below = parameters[ParameterName.REPORT_SUPPRESSED_BELOW_PACKS].value
    found = [
        {"month": month, "region": region, **products[product_id], **suppressed(counted, below)}
        for (month, product_id, region), counted in sums.items()
        if product_id in products
    ]
    return sorted(found, key=lambda row: (row["month"], row["product_code"], row["region"]))


def suppressed(counted: list[int], below: int) -> dict[str, Any]:
    """The two numbers of a row as they may be told: one that is smaller than `below`, and not nought, is not."""
    told = [number if number >= below or number == 0 else None for number in counted]
    return {"supplied": told[0], "undone": told[1], "is_suppressed": None in told}
