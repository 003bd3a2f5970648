"""Requests to hold a batch as they are read: by the company, by a distributor's location, by operator and authority.

Who may see what of it is `sales_hold_fields.csv`; whoever shows something asks it. What a location reads is read by
statements that do not read the company at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.sales_holds.vocabulary import HoldState, HoldStep

Row = TypeVar("Row")

NEWEST = 2**31 - 1
"""To be listed after: all of them are."""

_SQL = load_queries("sinetti.alerts.store", "sales_holds_seen.sql")


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

    hold_id: int
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


class HeldBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A request as one location is asked, without whoever asks."""

    hold_id: int
    location_id: int
    organisation_id: int
    location_name: str
    product_code: str
    product_name: str
    batch: str
    request_state: HoldState
    asked_at: datetime
    reason: str
    lift_reason: str | None
    state: HoldState
    state_at: datetime
    packs: int | None


async def find_hold(tx: Transaction, hold_id: int) -> Hold | None:
    """One request."""
    return next(iter(await holds(tx, [hold_id])), None)


async def holds(tx: Transaction, hold_ids: Sequence[int]) -> list[Hold]:
    """These requests, the latest first."""
    return await _read(tx, "holds", Hold, {"hold_ids": list(hold_ids)})


async def page_of_holds(
    tx: Transaction, organisation_id: int | None, state: str, after: int, at_most: int
) -> list[Hold]:
    """Requests of a company, or of all, that are older than one: those `asked`, `lifted` or `any`."""
    values = {"organisation_id": organisation_id, "state": state, "after": after, "at_most": at_most}
    rows = await (await tx.execute(_SQL["page_of_holds"], values)).fetchall()
    return await holds(tx, [row[0] for row in rows])


async def answers_of(tx: Transaction, hold_ids: Sequence[int]) -> list[HoldAnswer]:
    """The answers to requests, those that are missing first of each."""
    return await _read(tx, "answers_of_holds", HoldAnswer, {"hold_ids": list(hold_ids)})


async def steps_of(tx: Transaction, hold_id: int) -> list[StepTaken]:
    """The history."""
    return await _read(tx, "steps_of_hold", StepTaken, {"hold_id": hold_id})


async def hold_in_force(
    tx: Transaction, organisation_id: int | None, product_code: str, batch: str
) -> int | None:
    """The company's request that is in force for a batch."""
    values = {"organisation_id": organisation_id, "product_code": product_code, "batch": batch}
    row = await (await tx.execute(_SQL["hold_in_force"], values)).fetchone()
    return None if row is None else row[0]


async def find_batch(tx: Transaction, hold_id: int, location_id: int) -> HeldBatch | None:
    """One request as a location is asked."""
    return next(iter(await _held(tx, [hold_id], location_id)), None)


async def page_of_batches(
    tx: Transaction, location_id: int, state: str, after: int, at_most: int
) -> list[HeldBatch]:
    """What a location is asked to hold, older than one: what is `waiting` for it, `under_way` or `any`."""
    values = {"location_id": location_id, "state": state, "after": after, "at_most": at_most}
    rows = await (await tx.execute(_SQL["page_of_held_batches"], values)).fetchall()
    return await _held(tx, [row[0] for row in rows], location_id)


async def _held(tx: Transaction, hold_ids: Sequence[int], location_id: int) -> list[HeldBatch]:
    values = {"hold_ids": list(hold_ids), "location_id": location_id}
    return await _read(tx, "held_batches", HeldBatch, values)


async def _read(tx: Transaction, query: str, row: type[Row], values: Mapping[str, Any]) -> list[Row]:
    cursor = await tx.cursor(row_factory=rows_as(row)).execute(_SQL[query], values)
    return list(await cursor.fetchall())


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
