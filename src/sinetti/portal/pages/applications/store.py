"""Applications in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Concern, Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.pages.applications.model import (
    Addressee,
    Application,
    Asks,
    ListedApplication,
    ReplaceableEquipment,
    TakenStep,
)
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.rules.applications.vocabulary import ApplicationKind, ApplicationState, ApplicationStep, Side

_QUERIES = load_queries("sinetti.portal.pages.applications", "applications.sql")
_NUMBER_MAX = 2**31 - 1

ORDERS: Orders = {
    "waiting": ("state_at", "state_at DESC"),
    "name": ("sinetti_sort_key(name, %(language)s)", "sinetti_sort_key(name, %(language)s) DESC"),
    "organisation": (
        "sinetti_sort_key(organisation_name, %(language)s)",
        "sinetti_sort_key(organisation_name, %(language)s) DESC",
    ),
    "kind": ("kind", "kind DESC"),
    "state": ("state", "state DESC"),
}
"""Each column that the list can be sorted by, up and down; the one that waits longest comes first."""
WAITING_DAYS = (3, 7, 30)


async def list_applications(
    tx: Transaction, query: ListQuery, reach: Reach, language: str, now: datetime
) -> ListPage[ListedApplication]:
    """A page of the applications within reach."""
    days = int(query.filters["waiting"] or 0)
    values = {
        **list_values(query, language),
        **reach_values(reach),
        "waiting_since": now - timedelta(days=days),
    }
    return await list_page(
        tx,
        _QUERIES["list_applications"],
        ListedApplication,
        query,
        orders=ORDERS,
        key="application_id",
        values=values,
    )


async def find_application(tx: Transaction, application_id: int) -> Application | None:
    """One application, held until the transaction ends."""
    cursor = await tx.cursor(row_factory=dict_row).execute(
        _QUERIES["find_application"], {"application_id": application_id}
    )
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row, Application)


async def of_application(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """Whose application it is, by `application_id`."""
    given = int(path["application_id"])
    found = await find_application(tx, given) if given <= _NUMBER_MAX else None
    if found is None:
        return None
    return Concern(organisation_id=found.organisation_id, location_id=found.location_id)


async def list_steps(tx: Transaction, application_id: int) -> list[TakenStep]:
    """The timeline of an application, oldest first."""
    cursor = await tx.cursor(row_factory=rows_as(TakenStep)).execute(
        _QUERIES["list_steps"], {"application_id": application_id}
    )
    return await cursor.fetchall()


async def open_application(tx: Transaction, location_id: int, kind: ApplicationKind) -> int | None:
    """Number of the open application of this kind for a location."""
    cursor = await tx.execute(_QUERIES["open_application"], {"location_id": location_id, "kind": kind.value})
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def add_application(
    tx: Transaction,
    *,
    kind: ApplicationKind,
    organisation_id: int,
    location_id: int | None,
    state: ApplicationState,
    asks: Asks,
    user_id: int,
    now: datetime,
) -> int:
    """Number of the application just added."""
    cursor = await tx.execute(
        _QUERIES["add_application"],
        {
            "kind": kind.value,
            "organisation_id": organisation_id,
            "location_id": location_id,
            "state": state.value,
            "asks": _json(asks),
            "user_id": user_id,
            "now": now,
        },
    )
    row = await cursor.fetchone()
    assert row is not None, "what is added has a number"
    return int(row[0])


async def set_state(
    tx: Transaction,
    application_id: int,
    state: ApplicationState,
    asks: Asks,
    now: datetime,
    *,
    location_id: int | None = None,
    applied_by: int | None = None,
) -> None:
    """Change how an application stands, and what it asks for."""
    await tx.execute(
        _QUERIES["set_state"],
        {
            "application_id": application_id,
            "state": state.value,
            "asks": _json(asks),
            "now": now,
            "location_id": location_id,
            "applied_by": applied_by,
        },
    )


async def add_step(
    tx: Transaction,
    application_id: int,
    step: ApplicationStep,
    side: Side,
    *,
    user_id: int,
    user_name: str,
    reason: str | None,
    asks: Asks,
    now: datetime,
) -> None:
    """Keep who did it, when, why, and what was asked for at that moment."""
    await tx.execute(
        _QUERIES["add_step"],
        {
            "application_id": application_id,
            "now": now,
            "step": step.value,
            "side": side.value,
            "user_id": user_id,
            "user_name": user_name,
            "reason": reason,
            "asks": _json(asks),
        },
    )


async def keep_equipment(tx: Transaction, application_id: int, asks: Asks) -> None:
    """Keep which client equipment a change of IT system replaces."""
    await tx.execute(_QUERIES["forget_equipment"], {"application_id": application_id})
    values = {"application_id": application_id, "equipment_ids": asks.equipment_ids}
    await tx.execute(_QUERIES["keep_equipment"], values)


async def list_equipment(tx: Transaction, location_id: int) -> list[ReplaceableEquipment]:
    """Living client equipment of a location, oldest first."""
    cursor = await tx.cursor(row_factory=rows_as(ReplaceableEquipment)).execute(
        _QUERIES["list_equipment"], {"location_id": location_id}
    )
    return await cursor.fetchall()


async def list_operators(tx: Transaction) -> list[Addressee]:
    """Who of the operator decides, and so gets mail about what arrives."""
    cursor = await tx.cursor(row_factory=rows_as(Addressee)).execute(_QUERIES["list_operators"])
    return await cursor.fetchall()


async def list_due_closings(tx: Transaction, today: date) -> list[dict[str, Any]]:
    """Approved applications to close a location whose last day is over."""
    cursor = await tx.cursor(row_factory=dict_row).execute(_QUERIES["list_due_closings"], {"today": today})
    return await cursor.fetchall()


async def change_is_done(tx: Transaction, application_id: int) -> bool:
    """Whether a change of IT system has come to its end: all that it replaces is locked or deleted."""
    cursor = await tx.execute(_QUERIES["change_is_done"], {"application_id": application_id})
    row = await cursor.fetchone()
    assert row is not None, "counting gives one row"
    return bool(row[0])


async def change_under_way(tx: Transaction, location_id: int) -> int | None:
    """Number of the approved application whose change of IT system goes on at this location."""
    cursor = await tx.execute(_QUERIES["change_under_way"], {"location_id": location_id})
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def has_applications(tx: Transaction) -> bool:
    """Whether anybody has applied for anything yet."""
    row = await (await tx.execute(_QUERIES["has_applications"])).fetchone()
    assert row is not None, "asking whether there is one gives one row"
    return bool(row[0])


async def count_waiting(tx: Transaction, reach: Reach) -> tuple[int, int]:
    """How many applications within reach wait for the operator, and how many for their applicants."""
    cursor = await tx.execute(_QUERIES["count_waiting"], reach_values(reach))
    row = await cursor.fetchone()
    assert row is not None, "counting gives one row"
    return int(row[0]), int(row[1])


def _json(asks: Asks) -> Jsonb:
    return Jsonb(msgspec.to_builtins(asks))
