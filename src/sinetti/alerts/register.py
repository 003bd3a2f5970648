"""The register of packs set aside: a pack goes in, what is known of it there, and how it may leave."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from psycopg.rows import class_row

from sinetti.alerts import files
from sinetti.alerts.cases import is_own_event, own_file
from sinetti.alerts.decide import decide_set_aside_end
from sinetti.alerts.files import Change
from sinetti.alerts.model import COMMENT_CHARACTERS_MAX, AlertFile
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Party, Refusal, SetAsideEnd

_SQL = load_queries("sinetti.alerts.store", "cases.sql")
_END_USERS: Final = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION})


async def alerts_of_pack_at(
    tx: Transaction, product_id: int, serial_number: str, location_id: int
) -> list[AlertFile]:
    """The alerts that a location has raised with a pack: all of them count when the pack is to leave."""
    key = serial_key(serial_number)
    found = await files.files_of_pack(tx, product_id, None if key is None else key.hex(), serial_number)
    return [alert for alert in found if alert.location_id == location_id]


async def is_set_aside(tx: Transaction, product_id: int, serial_number: str, location_id: int) -> bool:
    """Whether a location's register has this pack as kept apart now."""
    values = {"product_id": product_id, "serial_number": serial_number, "location_id": location_id}
    return await (await tx.execute(_SQL["is_set_aside"], values)).fetchone() is not None


class KeptPack(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the register."""

    product_id: int
    set_aside_id: int
    event_number: int | None
    alert_id: str | None
    location_id: int
    location_name: str
    product_code: str
    product_name: str | None
    serial_number: str
    batch: str | None
    expiry: str | None
    place: str | None
    set_aside_at: datetime
    ended_at: datetime | None
    ended_as: str | None


async def page_of_register(
    tx: Transaction, location_ids: list[int] | None, state: str, after: int, at_most: int
) -> list[KeptPack]:
    """Packs of some locations, or of all, with a lower number than one: those `apart`, `gone`, or `any`."""
    values = {"location_ids": location_ids, "state": state, "after": after, "at_most": at_most}
    cursor = await tx.cursor(row_factory=class_row(KeptPack)).execute(_SQL["page_of_register"], values)
    return list(await cursor.fetchall())


class WaysOut(msgspec.Struct, frozen=True, kw_only=True):
    """How a pack may leave the register as things stand."""

    now: tuple[SetAsideEnd, ...]
    when_agreed: tuple[SetAsideEnd, ...]
    """Only where it is agreed with the MAH, for as long as the cause is not known."""
    later: tuple[SetAsideEnd, ...]
    """Not before the cause is known."""

    @property
    def may_be_supplied(self) -> bool:
        """Whether it may go back into the stock for sale."""
        return SetAsideEnd.BACK_TO_STOCK in self.now

    @property
    def may_be_returned(self) -> bool:
        """Whether it may go back to the wholesaler without an agreement."""
        return SetAsideEnd.RETURNED_TO_WHOLESALER in self.now


def ways_out(rules: AlertRules, alerts: list[AlertFile]) -> WaysOut:
    """Judges each way by the table. Pure."""
    now = [end for end in SetAsideEnd if not decide_set_aside_end(rules, end, alerts, agreed_with_mah=False)]
    agreed = [
        end for end in SetAsideEnd if not decide_set_aside_end(rules, end, alerts, agreed_with_mah=True)
    ]
    return WaysOut(
        now=tuple(now),
        when_agreed=tuple(end for end in agreed if end not in now),
        later=tuple(end for end in SetAsideEnd if end not in agreed),
    )


async def set_pack_aside(
    tx: Transaction, change: Change, alert_id: str, *, place: str | None = None
) -> int | Refusal:
    """Enter the alert's pack into its location's register; the number that it has there, for its label."""
    file = await own_file(tx, change.doer, alert_id)
    if change.doer.party not in _END_USERS or file.location_id is None:
        return Refusal.NOT_FOR_THIS_PARTY
    cursor = await tx.execute(
        _SQL["set_aside"],
        {
            "product_id": file.key.product_id,
            "event_number": file.key.event_number,
            "location_id": file.location_id,
            "organisation_id": file.organisation_id,
            "product_code": file.product_code,
            "serial_number": file.serial_number,
            "batch": file.batch,
            "expiry": file.expiry,
            "place": (place or "").strip()[:COMMENT_CHARACTERS_MAX] or None,
            "now": change.now,
            "user_id": change.doer.user_id,
            "equipment_id": change.doer.equipment_id,
            "user_name": change.doer.user_name,
        },
    )
    row = await cursor.fetchone()
    if row is None:
        return Refusal.ALREADY_SO
    await files.add_history(tx, change, file, "set_aside", after="set_aside", comment=place)
    return int(row[0])


async def end_set_aside(
    tx: Transaction,
    change: Change,
    product_id: int,
    set_aside_id: int,
    end: SetAsideEnd,
    *,
    comment: str | None = None,
    agreed_with_mah: bool = False,
) -> Refusal | None:
    """Take a pack out of the register, if what is known of its alerts lets it leave like this."""
    of_pack = {"product_id": product_id, "set_aside_id": set_aside_id}
    row = await (await tx.execute(_SQL["lock_set_aside"], of_pack)).fetchone()
    doer = change.doer
    if row is None or not is_own_event({"location_id": row[1], "organisation_id": row[2]}, doer):
        raise Problem("unknown-pack-set-aside", 404, number=set_aside_id)
    if doer.party not in _END_USERS:
        return Refusal.NOT_FOR_THIS_PARTY
    if not row[5]:
        return Refusal.NOT_SET_ASIDE
    own = await alerts_of_pack_at(tx, product_id, row[4], row[1])
    refusal = decide_set_aside_end(change.rules.alerts, end, own, agreed_with_mah=agreed_with_mah)
    if refusal:
        return refusal
    said = (comment or "").strip()[:COMMENT_CHARACTERS_MAX] or None
    values = {
        "now": change.now,
        "end": end,
        "comment": said,
        "agreed": agreed_with_mah,
        "user_id": doer.user_id,
        "equipment_id": doer.equipment_id,
        "user_name": doer.user_name,
    }
    await tx.execute(_SQL["end_set_aside"], of_pack | values)
    for alert in own:
        if alert.key.event_number == row[3]:
            await files.add_history(
                tx, change, alert, "set_aside", before="set_aside", after=end, comment=said
            )
    return None
