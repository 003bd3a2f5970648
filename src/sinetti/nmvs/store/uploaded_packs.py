"""Packs as they come from outside into PostgreSQL: new ones of an upload, and states that others tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from struct import pack
from typing import Final

from sinetti.kit.db import Transaction, load_queries, text_array
from sinetti.nmvs.changes import Change
from sinetti.nmvs.store.changes import author
from sinetti.nmvs.store.packs import state_letter
from sinetti.nmvs.store.serial_key import KEY_BYTES
from sinetti.nmvs.store.serial_set import SerialSet
from sinetti.rules.vocabulary import PackState

_SQL = load_queries(__package__, "uploaded_packs.sql")

# The binary format of COPY: a signature, flags and no header extension; rows that begin with the number of
# their fields, each field after its length; -1 as the end. PostgreSQL manual, COPY, "Binary Format".
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END: Final = b"\xff\xff"


async def allow_minutes(tx: Transaction) -> None:
    """Let the statements of this transaction take as long as a large upload needs."""
    await tx.execute(_SQL["allow_minutes"])


async def copy_packs(tx: Transaction, product_id: int, batch_id: int, serials: SerialSet) -> None:
    """Store the packs, all active. Raises psycopg's `UniqueViolation` if the product has one of them."""
    before = pack(">hi", 3, KEY_BYTES)
    after = pack(">iiii", 4, product_id, 4, batch_id)
    between = after + before
    async with tx.cursor() as cursor, cursor.copy(_SQL["copy_packs"]) as copy:
        await copy.write(_COPY_HEAD)
        async for keys in serials.slices():
            await copy.write(before + between.join(keys) + after)
        await copy.write(_COPY_END)


async def stored_packs(tx: Transaction, product_id: int, keys: Sequence[bytes]) -> list[bytes]:
    """Those of the keys that the product has already, in order."""
    cursor = await tx.execute(
        _SQL["stored_packs"], {"product_id": product_id, "serial_keys": _uuid_array(keys)}
    )
    return [key for (key,) in await cursor.fetchall()]


async def lock_pack_states(
    tx: Transaction, product_id: int, keys: Sequence[bytes]
) -> dict[bytes, str | None]:
    """The stored letter of the state of each pack that is there, `None` while active. They stay locked."""
    cursor = await tx.execute(
        _SQL["lock_pack_states"], {"product_id": product_id, "serial_keys": _uuid_array(keys)}
    )
    return dict(await cursor.fetchall())


async def set_pack_states(
    tx: Transaction,
    change: Change,
    *,
    operation: str,
    product_id: int,
    scheme: str,
    product_code: str,
    serial_numbers: Mapping[bytes, str],
    new_state: PackState,
    reason: str | None,
    rules_version: str,
) -> None:
    """Give active packs, which are locked, a new state, and record it. `serial_numbers` are by their keys."""
    keys = _uuid_array(serial_numbers)
    await tx.execute(
        _SQL["set_pack_states"],
        {"product_id": product_id, "serial_keys": keys, "state": state_letter(new_state), "now": change.at},
    )
    await tx.execute(
        _SQL["record_pack_states"],
        {
            "operation": operation,
            "product_id": product_id,
            "scheme": scheme,
            "product_code": product_code,
            "serial_keys": keys,
            "serial_numbers": text_array(serial_numbers.values()),
            "old_state": PackState.ACTIVE.value,
            "new_state": new_state.value,
            "reason": reason,
            "rules_version": rules_version,
            "source_address": change.source_address,
            "user_agent": change.user_agent,
            **author(change),
        },
    )


def _uuid_array(keys: Iterable[bytes]) -> str:
    return "{" + ",".join([key.hex() for key in keys]) + "}"
