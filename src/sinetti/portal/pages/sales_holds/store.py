"""Requests to hold a batch, within somebody's reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.rules.sales_holds.vocabulary import HoldState, HoldStep

_QUERIES = load_queries("sinetti.portal.pages.sales_holds", "sales_holds.sql")

STATES = (HoldState.LIFTED.value, "any")
"""Beside those that are in force."""
ORDERS: Orders = {
    "asked_at": ("asked_at", "asked_at DESC"),
    "product": ("product_name, product_code, batch", "product_name DESC, product_code DESC, batch DESC"),
    "answered": ("answered", "answered DESC"),
    "packs": ("packs", "packs DESC"),
}


class ListedHold(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    hold_id: int
    batch: str
    product_code: str
    product_name: str
    state: HoldState
    asked_at: datetime
    company_name: str
    asked: int
    answered: int
    holding: int
    packs: int


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """One request."""

    hold_id: int
    organisation_id: int
    company_name: str
    batch: str
    product_code: str
    product_name: str
    state: HoldState
    state_at: datetime
    reason: str
    asked_at: datetime
    lift_reason: str | None
    alert_id: str | None


class HoldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one location answers."""

    location_id: int
    location_name: str
    organisation_name: str
    state: HoldState
    state_at: datetime
    packs: int | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What the company gets of the answers."""

    asked: int
    answered: int
    holding: int
    packs: int
    none_in_stock: int
    released: int


class StepTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the history."""

    recorded_at: datetime
    step: HoldStep
    packs: int | None
    reason: str | None
    user_name: str
    location_name: str | None


async def list_holds(tx: Transaction, query: ListQuery, reach: Reach, language: str) -> ListPage[ListedHold]:
    """A page of the requests."""
    values = {**reach_values(reach), **list_values(query, language)}
    return await list_page(
        tx,
        _QUERIES["list_sales_holds"],
        ListedHold,
        query,
        orders=ORDERS,
        key="hold_id",
        values={**values, "state": query.filters["state"] or HoldState.ASKED.value},
    )


async def find_hold(tx: Transaction, hold_id: int) -> Hold:
    """The request that the route's concern has found."""
    cursor = await tx.cursor(row_factory=rows_as(Hold)).execute(
        _QUERIES["find_sales_hold"], {"hold_id": hold_id}
    )
    found: Hold | None = await cursor.fetchone()
    assert found is not None, "the concern of the route has found it"
    return found


async def answers_of(tx: Transaction, hold_id: int) -> list[HoldAnswer]:
    """The answers, those that are missing first."""
    cursor = await tx.cursor(row_factory=rows_as(HoldAnswer)).execute(
        _QUERIES["answers_of_hold"], {"hold_id": hold_id}
    )
    return list(await cursor.fetchall())


async def steps_of(tx: Transaction, hold_id: int) -> list[StepTaken]:
    """The history."""
    cursor = await tx.cursor(row_factory=rows_as(StepTaken)).execute(
        _QUERIES["steps_of_hold"], {"hold_id": hold_id}
    )
    return list(await cursor.fetchall())


async def hold_in_force(
    tx: Transaction, organisation_id: int | None, product_code: str, batch: str
) -> int | None:
    """The company's request that is in force for a batch."""
    values = {"organisation_id": organisation_id, "product_code": product_code, "batch": batch}
    row = await (await tx.execute(_QUERIES["hold_in_force"], values)).fetchone()
    return None if row is None else row[0]


def figures(answers: Sequence[HoldAnswer]) -> Figures:
    """The answers counted, without a name. Pure."""

    def count(state: HoldState) -> int:
        return sum(one.state is state for one in answers)

    return Figures(
        asked=len(answers),
        answered=len(answers) - count(HoldState.ASKED),
        holding=count(HoldState.HELD),
        packs=sum(one.packs or 0 for one in answers if one.state is HoldState.HELD),
        none_in_stock=count(HoldState.NONE_IN_STOCK),
        released=count(HoldState.RELEASED),
    )
