"""Which alerts somebody looks for: one search for the portal's list, REST, exports and whatever changes many at once.

A filter by what the party does not see is refused: what is left after it would tell what the field hides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, LiteralString

import msgspec

from sinetti.alerts.decide import side_of
from sinetti.alerts.model import Doer
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Classification, Party, Sight
from sinetti.rules.vocabulary import Cause


class Overdue(StrEnum):
    """Whose answer is late."""

    OWN = "own"
    """That of the doer's side; the authority, which owes none, finds nothing."""
    ANY = "any"


class Assigned(StrEnum):
    """To whom of the doer's organisation."""

    OWN = "own"
    """To the doer, or to a team that the doer is in."""
    NOBODY = "nobody"


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts are wanted, and in which order. What is `None` is not asked."""

    statuses: frozenset[AlertStatus] | None = None
    """`None` for all."""
    kind: AlertKind | None = None
    classification: Classification | None = None
    cause: Cause | None = None
    """Of the likeliest explanation."""
    exactly: str | None = None
    """An alert id, a product code, a batch or a serial number, as sent."""
    operation_code: str | None = None
    product_code: str | None = None
    batch: str | None = None
    location_ids: tuple[int, ...] | None = None
    """Any of these locations."""
    organisation_id: int | None = None
    """The end user's organisation."""
    equipment_id: int | None = None
    software: str | None = None
    """How the client equipment's software named itself, to the letter."""
    company_id: int | None = None
    """The MAH's or OBP's organisation, whose product it is."""
    overdue: Overdue | None = None
    assigned: Assigned | None = None
    recorded_from: datetime | None = None
    recorded_before: datetime | None = None
    sort: str = "-recordedAt"


class FilterHiddenError(ValueError):
    """The party does not see what a filter asks for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


ID_MAX: Final = 2**31 - 1
"""The largest number of a location, organisation or client equipment that the database takes."""
OPEN: Final = frozenset(AlertStatus) - {AlertStatus.CLOSED}

# Each is its own statement, so that PostgreSQL plans with the index that fits: one statement for every reader would be
# planned for none of them.
_OF_PARTY: Final[Mapping[Party, LiteralString]] = {
    Party.END_USER_LOCATION: " AND file.location_id = ANY (%(own_location_ids)s)",
    Party.END_USER_ORGANISATION: " AND file.organisation_id = %(own_organisation_id)s",
    Party.MAH: " AND file.obp_organisation_id = %(own_organisation_id)s",
    Party.OBP: " AND file.obp_organisation_id = %(own_organisation_id)s",
    Party.OPERATOR: "",
    Party.AUTHORITY: "",
}
_OPEN: Final[LiteralString] = " AND file.status <> 'closed'"
_FILTERS: Final[Mapping[str, LiteralString]] = {
    "statuses": " AND file.status = ANY (%(statuses)s)",
    "kind": " AND file.kind = %(kind)s",
    "classification": " AND file.classification = %(classification)s",
    "cause": " AND file.cause = %(cause)s",
    "operation_code": " AND file.operation_code = %(operation_code)s",
    "product_code": " AND file.product_code = %(product_code)s",
    "batch": " AND file.batch = %(batch)s",
    "location_ids": " AND file.location_id = ANY (%(location_ids)s)",
    "organisation_id": " AND file.organisation_id = %(organisation_id)s",
    "equipment_id": " AND file.equipment_id = %(equipment_id)s",
    "software": " AND file.user_agent = %(software)s",
    "company_id": " AND file.obp_organisation_id = %(company_id)s",
    "recorded_from": " AND file.recorded_at >= %(recorded_from)s",
    "recorded_before": " AND file.recorded_at < %(recorded_before)s",
    # Each of the columns has an index, and they are asked together (BitmapOr).
    "exactly": (
        " AND (file.alert_id = upper(%(exactly)s)"
        " OR file.product_code IN (lpad(%(exactly)s, 14, '0'), %(exactly)s)"
        " OR file.batch = %(exactly)s OR file.serial_number = %(exactly)s)"
    ),
}
_OVERDUE: Final[Mapping[Overdue, LiteralString]] = {
    overdue: (
        " AND EXISTS (SELECT FROM alert_deadline AS late"
        " WHERE (late.product_id, late.event_number) = (file.product_id, file.event_number)"
        " AND late.met_at IS NULL AND late.due_at < %(now)s" + side + ")"
    )
    for overdue, side in ((Overdue.OWN, " AND late.side = %(own_side)s"), (Overdue.ANY, ""))
}
_ASSIGNED: Final[Mapping[Assigned, LiteralString]] = {
    Assigned.OWN: (
        " AND EXISTS (SELECT FROM alert_assignment AS given"
        " WHERE (given.product_id, given.event_number) = (file.product_id, file.event_number)"
        " AND given.organisation_id = coalesce(%(own_organisation_id)s, 0)"
        " AND (given.user_id = %(own_user_id)s OR given.team_id IN"
        " (SELECT team_id FROM alert_team_member WHERE user_id = %(own_user_id)s)))"
    ),
    Assigned.NOBODY: (
        " AND NOT EXISTS (SELECT FROM alert_assignment AS given"
        " WHERE (given.product_id, given.event_number) = (file.product_id, file.event_number)"
        " AND given.organisation_id = coalesce(%(own_organisation_id)s, 0))"
    ),
}
_FIELDS: Final[Mapping[str, str]] = {
    "kind": "kind",
    "classification": "classification",
    "cause": "cause",
    "operation_code": "operation_code",
    "product_code": "product_code",
    "batch": "sent_batch",
    "location_ids": "location",
    "organisation_id": "organisation",
    "equipment_id": "equipment",
    "software": "software",
    "overdue": "deadlines",
}
"""The field that each filter asks about; who does not see it cannot filter by it."""
_WHO_SEES_COMPANIES: Final = frozenset({Party.OPERATOR, Party.AUTHORITY})
"""End users do not learn whose product it is, and a company has only its own."""


def may_filter(rules: AlertRules, party: Party, name: str) -> bool:
    """Whether a party sees what this filter of `Search` asks about."""
    if name == "assigned":
        return party is not Party.AUTHORITY
    if name == "company_id":
        return party in _WHO_SEES_COMPANIES
    return name not in _FIELDS or rules.sights[_FIELDS[name]][party] is Sight.YES


def conditions(
    rules: AlertRules, doer: Doer, search: Search, now: datetime
) -> tuple[LiteralString, dict[str, Any]]:
    """What finds the doer's alerts, to be put to `… FROM alert_file AS file WHERE true`, and its values.

    Raises `FilterHiddenError` for a filter by what the doer does not see.
    """
    found: LiteralString = _OF_PARTY[doer.party]
    values: dict[str, Any] = {
        "own_location_ids": list(doer.location_ids),
        "own_organisation_id": doer.organisation_id,
        "own_side": side_of(doer.party),
        "own_user_id": doer.user_id,
        "now": now,
    }
    for name in (*_FILTERS, "overdue", "assigned"):
        asked = getattr(search, name)
        if asked is None:
            continue
        if not may_filter(rules, doer.party, name):
            raise FilterHiddenError(name)
        if name == "overdue":
            found += _OVERDUE[asked]
        elif name == "assigned":
            found += _ASSIGNED[asked]
        elif name == "statuses" and asked == OPEN:
            found += _OPEN
        else:
            found += _FILTERS[name]
            values[name] = list(asked) if isinstance(asked, frozenset | tuple) else asked
    return found, values
