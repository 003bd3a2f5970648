"""Whose alerts the pages of this folder show."""

from __future__ import annotations

from typing import Final

import msgspec

from sinetti.alerts.company_sums import AT_ONCE, bring_up_to_date, is_counted
from sinetti.portal.visit import Visit

ALERTS_MAX: Final = 4_000
"""What a page counts itself, some tens of milliseconds' worth. The rest is the worker's, which counts all the time."""


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """The company of whoever looks."""

    organisation_id: int
    is_counted: bool
    """Whether its sums are those of this moment. If not, some of them are a little older, and the page says so."""


async def company_of(visit: Visit) -> Company:
    """The company of whoever looks. What has changed of its alerts is counted, as far as that is quickly done."""
    organisation_id = visit.reach.organisation_id
    assert organisation_id is not None, "the permission table reaches the own organisation"
    await bring_up_to_date(visit.tx, organisation_id, visit.now, at_most=AT_ONCE, alerts_max=ALERTS_MAX)
    return Company(
        organisation_id=organisation_id, is_counted=await is_counted(visit.tx, organisation_id, visit.now)
    )
