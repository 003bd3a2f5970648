"""Client equipment in the database. Of its secret only the digest ever comes here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sinetti.identity.model import ClientEquipment
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.vocabulary import ClientRole

_QUERIES = load_queries("sinetti.identity.store", "equipment.sql")
_AS_EQUIPMENT = rows_as(ClientEquipment)


async def add(
    tx: Transaction,
    *,
    location_id: int,
    name: str,
    client_id: str,
    secret_sha256: bytes,
    client_role: ClientRole | None,
    now: datetime,
) -> ClientEquipment | None:
    """Return the equipment just added; `None` where the client id is taken. The location must exist."""
    return await _one(
        tx,
        "add_equipment",
        {
            "location_id": location_id,
            "name": name,
            "client_id": client_id,
            "secret_sha256": secret_sha256,
            "client_role": _stored(client_role),
            "now": now,
        },
    )


async def find(tx: Transaction, equipment_id: int) -> ClientEquipment | None:
    """Return the equipment with this number, deleted or not."""
    return await _one(tx, "find_equipment", {"equipment_id": equipment_id})


async def find_by_client_id(tx: Transaction, client_id: str) -> ClientEquipment | None:
    """Return the living equipment with this client id."""
    return await _one(tx, "find_equipment_of_client", {"client_id": client_id})


async def page(tx: Transaction, *, location_id: int | None, after: int, limit: int) -> list[ClientEquipment]:
    """Return at most `limit` living equipment with numbers above `after`, of one location or of all."""
    cursor = await tx.cursor(row_factory=_AS_EQUIPMENT).execute(
        _QUERIES["list_equipment"], {"location_id": location_id, "after": after, "limit": limit}
    )
    return await cursor.fetchall()


async def lock(tx: Transaction, equipment_id: int, *, reason: str, now: datetime) -> ClientEquipment | None:
    """Lock equipment, and return it; `None` where none that lives has this number."""
    return await _one(tx, "lock_equipment", {"equipment_id": equipment_id, "reason": reason, "now": now})


async def unlock(tx: Transaction, equipment_id: int) -> ClientEquipment | None:
    """Unlock equipment, and return it; `None` where none that lives has this number."""
    return await _one(tx, "unlock_equipment", {"equipment_id": equipment_id})


async def set_role(tx: Transaction, equipment_id: int, role: ClientRole | None) -> ClientEquipment | None:
    """Set what the equipment may do, and return it; `None` where none that lives has this number."""
    return await _one(tx, "set_role", {"equipment_id": equipment_id, "client_role": _stored(role)})


async def rename(tx: Transaction, equipment_id: int, name: str) -> ClientEquipment | None:
    """Give the equipment another name, and return it; `None` where none that lives has this number."""
    return await _one(tx, "rename_equipment", {"equipment_id": equipment_id, "name": name})


async def delete(tx: Transaction, equipment_id: int, *, now: datetime) -> ClientEquipment | None:
    """Take secret and tokens from equipment for ever; `None` where none that lives has this number."""
    deleted = await _one(tx, "delete_equipment", {"equipment_id": equipment_id, "now": now})
    await tx.execute(_QUERIES["delete_tokens_of_equipment"], {"equipment_id": equipment_id})
    return deleted


def _stored(role: ClientRole | None) -> str | None:
    return None if role is None else role.value


async def _one(tx: Transaction, query: str, values: Mapping[str, object]) -> ClientEquipment | None:
    cursor = await tx.cursor(row_factory=_AS_EQUIPMENT).execute(_QUERIES[query], values)
    return await cursor.fetchone()
