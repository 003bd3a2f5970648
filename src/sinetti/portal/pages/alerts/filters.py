"""The filters of the list of alerts: what the address may say, the search that it means, and what the form offers.

Some filters come by links alone, such as from the boards: one location, one client equipment, one batch. The page names
them above the list, each with a way to leave it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from sinetti.alerts.cases import doer_of
from sinetti.alerts.model import Doer
from sinetti.alerts.root_cause.words import cause_name
from sinetti.alerts.searching import ID_MAX, OPEN, Assigned, Overdue, Search, may_filter
from sinetti.alerts.teams import markets_of
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListQuery, forgiving, read_list_query, some_day, some_text
from sinetti.portal.pages.alerts import store
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Classification, Party
from sinetti.rules.vocabulary import Cause

_QUERIES = load_queries("sinetti.portal.pages.alerts", "filters.sql")
ANY: Final = "any"
"""Alerts of every status; without a status it is the open ones."""
_NAME_CHARACTERS_MAX: Final = 200
"""What was sent is kept to this length."""
_SOFTWARE_MAX: Final = 300
_PLACES_MAX: Final = 2_000
_SEE_ALL: Final = frozenset({Party.OPERATOR, Party.AUTHORITY})

_BOUND_TO_MARKETS: Final = frozenset({Party.MAH, Party.OBP, Party.OPERATOR})

_OF_SEARCH: Final = {
    "cause": "cause",
    "overdue": "overdue",
    "assigned": "assigned",
    "place": "location_ids",
    "location": "location_ids",
    "organisation": "organisation_id",
    "equipment": "equipment_id",
    "software": "software",
    "company": "company_id",
}
"""The filter of the search that each of the address means, where not every party has it."""
LINKED: Final = ("code", "product", "batch", "location", "organisation", "equipment", "classification")
"""Filters that come by links alone."""

Choices = Sequence[tuple[str, str]]


def read_query(visit: Visit, path: str) -> ListQuery:
    """What the address asks for. What the reader may not filter by, or what is said wrongly, counts as not said."""
    allowed: dict[str, Sequence[str] | Callable[[str], str]] = {
        "status": [*(status.value for status in AlertStatus), ANY],
        "kind": [kind.value for kind in AlertKind],
        "cause": [cause.value for cause in Cause],
        "classification": [one.value for one in Classification],
        "overdue": [overdue.value for overdue in Overdue],
        "assigned": [assigned.value for assigned in Assigned],
        "markets": [ANY],
        "place": some_text,
        "location": _some_number,
        "organisation": _some_number,
        "equipment": _some_number,
        "company": _some_number,
        "software": _some_name,
        "code": _some_name,
        "product": _some_name,
        "batch": _some_name,
        "from": some_day,
        "until": some_day,
    }
    rules, party = visit.rules.alerts, doer_of(visit.person).party
    return read_list_query(
        path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={name: given if _may(rules, party, name) else () for name, given in allowed.items()},
        descending=True,
    )


async def is_others_market(visit: Visit, query: ListQuery) -> bool:
    """Whether the reader's teams take care of other markets than this one, as long as all alerts are not asked for.

    For companies and the operator, whose teams are bound to markets. It shares the work out and hides nothing.
    """
    doer = doer_of(visit.person)
    if query.filters["markets"] or doer.party not in _BOUND_TO_MARKETS:
        return False
    markets = await markets_of(visit.tx, doer.organisation_id, visit.person.user_id)
    return markets is not None and visit.portal.settings.market not in markets


async def search_of(visit: Visit, query: ListQuery) -> Search:
    """The search that the filters mean, for the list and for whatever is done with all that it finds."""
    given = {name: value or None for name, value in query.filters.items()}
    status, zone = given.get("status"), visit.portal.settings.zone
    kind, cause, classification = given.get("kind"), given.get("cause"), given.get("classification")
    overdue, assigned = given.get("overdue"), given.get("assigned")

    def begin_of(day: str | None, days_later: int = 0) -> datetime | None:
        if day is None:
            return None
        began = date.fromisoformat(day)
        # The last day of the calendar has no day after it, and nothing was raised then.
        later = began + timedelta(days=days_later) if began < date.max else began
        return datetime.combine(later, time(), tzinfo=zone)

    return Search(
        statuses=None if status == ANY else frozenset({AlertStatus(status)}) if status else OPEN,
        kind=AlertKind(kind) if kind else None,
        cause=Cause(cause) if cause else None,
        classification=Classification(classification) if classification else None,
        overdue=Overdue(overdue) if overdue else None,
        assigned=Assigned(assigned) if assigned else None,
        exactly=query.search or None,
        operation_code=given.get("code"),
        product_code=given.get("product"),
        batch=given.get("batch"),
        location_ids=await _locations(visit.tx, given.get("location"), given.get("place")),
        organisation_id=_number(given.get("organisation")),
        equipment_id=_number(given.get("equipment")),
        software=given.get("software"),
        company_id=_number(given.get("company")),
        recorded_from=begin_of(given.get("from")),
        recorded_before=begin_of(given.get("until"), days_later=1),
    )


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What the form offers the reader beside status and kind. What is empty is not offered."""

    causes: Choices = ()
    overdue: Choices = ()
    assigned: Choices = ()
    software: Choices = ()
    companies: Choices = ()
    has_places: bool = False


async def offered(visit: Visit, query: ListQuery) -> Offered:
    """The choices of each filter that the reader has."""
    words, filters, language = visit.words, query.filters, visit.language
    rules, party = visit.rules.alerts, doer_of(visit.person).party
    sees_all = party in _SEE_ALL
    software: Choices = ()
    companies: Choices = ()
    if sees_all:
        names = [row[0] for row in await _rows(visit.tx, "software_of_alerts", {"at_most": _SOFTWARE_MAX})]
        if filters["software"] and filters["software"] not in names:
            names.append(filters["software"])
        software = [("", words["any_software"]), *((name, name) for name in names)]
        rows = await _rows(visit.tx, "companies", {"language": language.value})
        companies = [("", words["any_company"]), *((str(row[0]), row[1]) for row in rows)]
    return Offered(
        causes=[
            ("", words["any_cause"]),
            *sorted(((cause.value, cause_name(cause, language)) for cause in Cause), key=lambda one: one[1]),
        ]
        if _may(rules, party, "cause")
        else (),
        overdue=[
            ("", words["any_answer"]),
            *((Overdue.OWN.value, words["own_answer"]) for _ in range(party is not Party.AUTHORITY)),
            (Overdue.ANY.value, words["some_answer"]),
        ]
        if _may(rules, party, "overdue")
        else (),
        assigned=[
            ("", words["assigned"]["any"]),
            (Assigned.OWN.value, words["assigned"]["own"]),
            (Assigned.NOBODY.value, words["assigned"]["none"]),
        ]
        if _may(rules, party, "assigned")
        else (),
        software=software,
        companies=companies,
        has_places=_may(rules, party, "place") and (sees_all or party is Party.END_USER_ORGANISATION),
    )


async def named(visit: Visit, query: ListQuery) -> list[tuple[str, str, str]]:
    """Filters that came by a link: what each asks about, its value in words, and where the list is without it."""
    words, filters, found = visit.words, query.filters, []
    for name in LINKED:
        value = filters.get(name)
        if not value:
            continue
        # Named here, as no other place of the page has these words.
        own = {"classification": words["classification"], "code": words["code"]}
        told, what = value, own[name] if name in own else words[name]
        if name in {"location", "organisation", "equipment"}:
            # The name of what is out of the reader's reach is not told: its list is empty, too.
            told = await _name(visit, doer_of(visit.person), name, int(value)) or value
        elif name == "classification":
            told = visit.rules.alerts.words[visit.language]("classification", Classification(value))
        without = query.href(filters={**filters, name: ""})
        found.append((what, told, without))
    return found


def _may(rules: AlertRules, party: Party, name: str) -> bool:
    return name not in _OF_SEARCH or may_filter(rules, party, _OF_SEARCH[name])


async def _locations(tx: Transaction, location: str | None, place: str | None) -> tuple[int, ...] | None:
    """The locations meant; where both are said, those that are both."""
    if place is None:
        return None if location is None else (int(location),)
    rows = await _rows(tx, "locations_named", {"forgiving": forgiving(place), "at_most": _PLACES_MAX})
    return tuple(row[0] for row in rows if location is None or row[0] == int(location))


async def _name(visit: Visit, doer: Doer, kind: str, number: int) -> str | None:
    values = {
        "number": number,
        "sees_all": doer.party in _SEE_ALL,
        "organisation_id": doer.organisation_id,
        "location_ids": list(doer.location_ids),
        "all_of_organisation": doer.party is Party.END_USER_ORGANISATION,
    }
    rows = await _rows(visit.tx, f"name_of_{kind}", values)
    return rows[0][0] if rows else None


async def _rows(tx: Transaction, query: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
    return list(await (await tx.execute(_QUERIES[query], values)).fetchall())


def _some_number(given: str) -> str:
    is_number = given.isascii() and given.isdigit() and len(given) <= len(str(ID_MAX))
    return given if is_number and 0 < int(given) <= ID_MAX else ""


def _some_name(given: str) -> str:
    """For what was sent and is asked to the letter."""
    return given.replace("\x00", "")[:_NAME_CHARACTERS_MAX]


def _number(given: str | None) -> int | None:
    return None if given is None else int(given)
