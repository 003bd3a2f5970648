"""Sales holds: a company asks the distributors to hold a batch, they answer, and the company lifts it.

Each use case is one procedure in the caller's transaction: lock, judge by the table, write with history. What is not
done comes back as a `HoldRefusal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from sinetti.alerts.files import Change
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.sales_holds.vocabulary import HoldRefusal, HoldSide, HoldState, HoldStep

REASON_CHARACTERS_MAX: Final = 1000
PACKS_MAX: Final = 100_000_000

_SQL = load_queries("sinetti.alerts.store", "sales_holds.sql")


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of a distributor who gets a mail."""

    email: str
    language: str


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """A distributor's location that was added after a request."""

    location_id: int
    organisation_id: int


async def ask(
    tx: Transaction, change: Change, *, product_id: int, batch: str, reason: str, event_number: int | None
) -> int | HoldRefusal:
    """Ask every distributor to hold a batch of the doer's own product; the number of the request."""
    row = change.rules.sales_holds.decide(
        None, HoldStep.ASK, HoldSide.COMPANY, request=None, reason=reason.strip()
    )
    if isinstance(row, HoldRefusal):
        return row
    if len(reason) > REASON_CHARACTERS_MAX:
        return HoldRefusal.REASON_TOO_LONG
    values = {
        "organisation_id": change.doer.organisation_id,
        "product_id": product_id,
        "batch": batch,
        "event_number": event_number,
        "state": row.to_state,
        "reason": reason.strip(),
        "now": change.now,
    }
    made = await (await tx.execute(_SQL["add_hold"], values)).fetchone()
    if made is None:
        return HoldRefusal.ALREADY_ASKED
    hold_id: int = made[0]
    await tx.execute(_SQL["ask_distributors"], {"hold_id": hold_id, "now": change.now})
    await _add_history(tx, change, hold_id, HoldStep.ASK, None, row.to_state, reason=reason.strip())
    return hold_id


async def lift(tx: Transaction, change: Change, hold_id: int, reason: str) -> HoldRefusal | None:
    """End a request of the doer's company; `None` when that is done."""
    if len(reason) > REASON_CHARACTERS_MAX:
        return HoldRefusal.REASON_TOO_LONG
    organisation_id, state = await _lock(tx, hold_id)
    if organisation_id != change.doer.organisation_id:
        return HoldRefusal.NOT_YOURS
    row = change.rules.sales_holds.decide(
        state, HoldStep.LIFT, HoldSide.COMPANY, request=state, reason=reason.strip()
    )
    if isinstance(row, HoldRefusal):
        return row
    values = {"hold_id": hold_id, "state": row.to_state, "now": change.now, "reason": reason.strip()}
    await tx.execute(_SQL["lift_hold"], values)
    await _add_history(tx, change, hold_id, HoldStep.LIFT, state, row.to_state, reason=reason.strip())
    return None


async def answer(
    tx: Transaction, change: Change, hold_id: int, location_id: int, step: HoldStep, packs: int | None
) -> HoldRefusal | None:
    """What a location of a distributor says of its stock; `None` when that is written down."""
    _, request = await _lock(tx, hold_id)
    values = {"hold_id": hold_id, "location_id": location_id}
    found = await (await tx.execute(_SQL["lock_answer"], values)).fetchone()
    if found is None:
        return HoldRefusal.NOT_YOURS
    state = HoldState(found[0])
    row = change.rules.sales_holds.decide(state, step, HoldSide.DISTRIBUTOR, request=request, packs=packs)
    if isinstance(row, HoldRefusal):
        return row
    # What is released is what was held.
    counted = {HoldState.HELD: packs, HoldState.RELEASED: found[1]}.get(row.to_state)
    await tx.execute(
        _SQL["set_answer"], {**values, "state": row.to_state, "now": change.now, "packs": counted}
    )
    await _add_history(tx, change, hold_id, step, state, row.to_state, location_id=location_id, packs=counted)
    return None


async def ask_newcomers(tx: Transaction, change: Change) -> dict[int, list[Newcomer]]:
    """Ask the distributors' locations that were added while a request is in force; by request, who they are."""
    rows = await (await tx.execute(_SQL["holds_with_newcomers"])).fetchall()
    asked: dict[int, list[Newcomer]] = {}
    for (hold_id,) in rows:
        cursor = await tx.execute(_SQL["ask_distributors"], {"hold_id": hold_id, "now": change.now})
        asked[hold_id] = [
            Newcomer(location_id=row[0], organisation_id=row[1]) for row in await cursor.fetchall()
        ]
        for one in asked[hold_id]:
            await _add_history(
                tx, change, hold_id, HoldStep.ASK, None, HoldState.ASKED, location_id=one.location_id
            )
    return asked


async def addressees(
    tx: Transaction, hold_id: int, location_ids: Sequence[int] | None = None
) -> list[Addressee]:
    """Who hears of a request or of its end, each once; of some locations, where they are said."""
    values = {"hold_id": hold_id, "location_ids": None if location_ids is None else list(location_ids)}
    rows = await (await tx.execute(_SQL["people_of_distributors"], values)).fetchall()
    return [Addressee(email=row[0], language=row[1]) for row in rows]


async def _lock(tx: Transaction, hold_id: int) -> tuple[int, HoldState]:
    row = await (await tx.execute(_SQL["lock_hold"], {"hold_id": hold_id})).fetchone()
    assert row is not None, "the concern of the route has found it"
    return row[0], HoldState(row[1])


async def _add_history(
    tx: Transaction,
    change: Change,
    hold_id: int,
    step: HoldStep,
    before: HoldState | None,
    after: HoldState,
    *,
    location_id: int | None = None,
    packs: int | None = None,
    reason: str | None = None,
) -> None:
    await tx.execute(
        _SQL["add_history"],
        {
            "hold_id": hold_id,
            "now": change.now,
            "step": step,
            "location_id": location_id,
            "before": before,
            "state": after,
            "packs": packs,
            "reason": reason,
            "user_id": change.doer.user_id,
            "equipment_id": change.doer.equipment_id,
            "user_name": change.doer.user_name,
            "transaction_id": change.doer.transaction_id,
        },
    )
