"""Changes made with the command line leave the same entries in the audit as those made in the portal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from sinetti.cli.participants import in_database
from sinetti.identity.model import ClientEquipment, Location, Organisation
from sinetti.identity.people.model import Person
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Transaction
from sinetti.portal import audit
from sinetti.portal.access import Concern

Part = TypeVar("Part", Organisation, Location, ClientEquipment, Person)


def changed(
    work: Callable[[Transaction], Awaitable[Part]],
    command: str,
    action: str,
    *,
    tells: Callable[[Part], Mapping[str, object]] | None = None,
    reason: str | None = None,
) -> Part:
    """What the work gives, done and recorded in one transaction. `tells` says which new values the entry holds."""

    async def recorded(tx: Transaction) -> Part:
        part = await work(tx)
        await record_by_command(tx, command, action, part, new=tells(part) if tells else None, reason=reason)
        return part

    return in_database(recorded)


async def record_by_command(
    tx: Transaction,
    command: str,
    action: str,
    part: Organisation | Location | ClientEquipment | Person,
    *,
    new: Mapping[str, object] | None = None,
    reason: str | None = None,
) -> None:
    """Add the entry. Who sat at the keyboard is not known; the machine's own log tells it."""
    match part:
        case Organisation():
            kind, number, concern = "organisation", part.organisation_id, Concern()
        case Location():
            kind, number, concern = "location", part.location_id, Concern(location_id=part.location_id)
        case ClientEquipment():
            kind, number, concern = (
                "client_equipment",
                part.equipment_id,
                Concern(location_id=part.location_id),
            )
        case Person():
            kind, number, concern = "user", part.user_id, Concern(user_id=part.user_id)
    await audit.record(
        tx,
        audit.Actor(who=None, by="command_line", name=command),
        system_clock(),
        action=action,
        object_kind=kind,
        object_id=number,
        object_name=part.name,
        concern=Concern(
            organisation_id=part.organisation_id, location_id=concern.location_id, user_id=concern.user_id
        ),
        new=new,
        reason=reason,
    )
