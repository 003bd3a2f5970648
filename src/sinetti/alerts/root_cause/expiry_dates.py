"""R07 and R08: what happens to expiry dates: another order of day, month and year, and day 00."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.gs1.identifiers import is_expiry, last_day
from sinetti.rules.vocabulary import Cause

ORDER_RULE = "R07"
DAY_RULE = "R08"
_PARTS = ("YY", "MM", "DD")
_WHOLE_MONTH = "00"
_FIRST_DAY = "01"


def orders(stored: str) -> Iterator[tuple[str, str]]:
    """The date with its parts in each other order, such as (`DDMMYY`, `311228`)."""
    parts = dict(zip(_PARTS, (stored[:2], stored[2:4], stored[4:]), strict=True))
    for order in permutations(_PARTS):
        if order != _PARTS:
            yield "".join(order), "".join(parts[part] for part in order)


def explain_order(_: Sent, field: Field, stored: str, value: str) -> Explained | None:
    """The parts of the date in another order. DDMMYY first: it is what people type (NMVO-0048 v5.0 §6.5)."""
    if field is not Field.EXPIRY or not is_expiry(stored):
        return None
    likeliest = ("DDMMYY", "MMDDYY", "YYDDMM")
    found = {order for order, made in orders(stored) if made == value}
    # Day 00 of a whole month is printed as its last day or not at all, and gets typed so.
    if stored.endswith(_WHOLE_MONTH):
        whole = f"{last_day(stored):%y%m%d}"
        found |= {order for order, made in orders(whole) if made == value}
    if not found:
        return None
    order = next((one for one in likeliest if one in found), min(found))
    return Explained(
        rule=ORDER_RULE, cause=Cause.DATE_ORDER, how="date_order", values={"order": order}, tries=len(_PARTS)
    )


def explain_day(_: Sent, field: Field, stored: str, value: str) -> Explained | None:
    """Day 00 made the last or the first of the same month, or any day made 00 by what knows months only."""
    if field is not Field.EXPIRY or not is_expiry(stored) or not is_expiry(value) or stored[:4] != value[:4]:
        return None
    if stored == value or _WHOLE_MONTH not in {stored[4:], value[4:]}:
        return None
    if value.endswith(_WHOLE_MONTH):
        return Explained(rule=DAY_RULE, cause=Cause.DAY_ZERO, how="day_left_out")
    if value[4:] not in {_FIRST_DAY, f"{last_day(stored):%d}"}:
        return None
    return Explained(rule=DAY_RULE, cause=Cause.DAY_ZERO, how="day_made_up")
