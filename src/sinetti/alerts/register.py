"""The register of packs set aside: what is known of a pack there, and how it may leave."""

from __future__ import annotations

import msgspec

from sinetti.alerts import files
from sinetti.alerts.decide import decide_set_aside_end
from sinetti.alerts.model import AlertFile
from sinetti.kit.db import Transaction
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import SetAsideEnd


async def alerts_of_pack_at(
    tx: Transaction, product_id: int, serial_number: str, location_id: int
) -> list[AlertFile]:
    """The alerts that a location has raised with a pack: all of them count when the pack is to leave."""
    key = serial_key(serial_number)
    found = await files.files_of_pack(tx, product_id, None if key is None else key.hex(), serial_number)
    return [alert for alert in found if alert.location_id == location_id]


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
