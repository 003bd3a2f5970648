"""Hands a client secret to the IT supplier: by a link that opens once, with a code that is told another way.

The secret is sealed with a key made of the link's token and the code; the database has neither (docs/adr/0011).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from sinetti.identity.secrets import Credentials, digest
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.sealing import Sealer

DAYS = (1, 3, 7)
"""How long a link may be good; the sender chooses."""
WRONG_CODES_MAX = 5
_CODE_CHARACTERS = "23456789abcdefghjkmnpqrstvwxyz"
_CODE_LENGTH = 8

_QUERIES = load_queries("sinetti.identity.store", "handovers.sql")


class HandoverState(StrEnum):
    """What became of a link."""

    OPEN = "open"
    OPENED = "opened"
    LATE = "late"
    ENDED = "ended"
    """Withdrawn, or its code was guessed at too often."""


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """A link, as its sender sees it."""

    handover_id: int
    equipment_id: int
    equipment_name: str
    organisation_id: int
    organisation_name: str
    location_id: int
    location_name: str
    made_by_name: str
    made_at: datetime
    expires_at: datetime
    wrong_codes: int
    opened_at: datetime | None
    opened_by_name: str | None
    opened_from: str | None
    ended_at: datetime | None

    def state(self, now: datetime) -> HandoverState:
        """What the link is good for at this moment."""
        if self.opened_at is not None:
            return HandoverState.OPENED
        if self.ended_at is not None:
            return HandoverState.ENDED
        return HandoverState.OPEN if self.expires_at > now else HandoverState.LATE


class Sent(msgspec.Struct, frozen=True):
    """What the sender hands on: the link's token one way, the code another. Shown once."""

    token: str
    code: str

    def __repr__(self) -> str:
        """Show neither."""
        return "Sent()"


async def is_secret_of(tx: Transaction, equipment_id: int, client_secret: str) -> bool:
    """Whether this is the secret of living client equipment."""
    values = {"equipment_id": equipment_id, "secret_sha256": digest(client_secret)}
    cursor = await tx.execute(_QUERIES["is_secret_of"], values)
    return await cursor.fetchone() is not None


async def send(
    tx: Transaction,
    credentials: Credentials,
    *,
    equipment_id: int,
    made_by_name: str,
    days: int,
    now: datetime,
) -> Sent:
    """Make a link for the secret."""
    token = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(_CODE_CHARACTERS) for _ in range(_CODE_LENGTH))
    values = {
        "equipment_id": equipment_id,
        "token_sha256": digest(token),
        "sealed_secret": _sealer(token, code).seal(msgspec.json.encode(credentials).decode(), _PURPOSE),
        "made_by_name": made_by_name,
        "now": now,
        "expires_at": now + timedelta(days=days),
    }
    await tx.execute(_QUERIES["add_handover"], values)
    return Sent(token, f"{code[:4]}-{code[4:]}")


async def of_equipment(tx: Transaction, equipment_id: int) -> list[Handover]:
    """The links of client equipment, newest first."""
    cursor = await tx.cursor(row_factory=rows_as(Handover)).execute(
        _QUERIES["list_handovers"], {"equipment_id": equipment_id}
    )
    return await cursor.fetchall()


async def find(tx: Transaction, token: str) -> Handover | None:
    """The link with this token, locked until the transaction ends."""
    cursor = await tx.cursor(row_factory=rows_as(Handover)).execute(
        _QUERIES["find_handover"], {"token_sha256": digest(token)}
    )
    return await cursor.fetchone()


async def open_handover(
    tx: Transaction,
    handover: Handover,
    *,
    token: str,
    code: str,
    opened_by_name: str,
    opened_from: str | None,
    now: datetime,
) -> Credentials | None:
    """The credentials, this once; `None` for a wrong code, of which the link bears five. The link must be open."""
    cursor = await tx.execute(_QUERIES["sealed_secret"], {"handover_id": handover.handover_id})
    row = await cursor.fetchone()
    typed = "".join(character for character in code.lower() if character.isalnum())
    opened = None if row is None or row[0] is None else _sealer(token, typed).open(row[0], _PURPOSE)
    values = {"handover_id": handover.handover_id, "now": now, "wrong_codes_max": WRONG_CODES_MAX}
    if opened is None:
        await tx.execute(_QUERIES["count_wrong_code"], values)
        return None
    await tx.execute(
        _QUERIES["note_opened"], {**values, "opened_by_name": opened_by_name, "opened_from": opened_from}
    )
    return msgspec.json.decode(opened, type=Credentials)


async def withdraw(tx: Transaction, equipment_id: int, now: datetime) -> int:
    """End every open link of client equipment; how many there were."""
    cursor = await tx.execute(_QUERIES["withdraw"], {"equipment_id": equipment_id, "now": now})
    return cursor.rowcount


_PURPOSE = "client secret handed over"


def _sealer(token: str, code: str) -> Sealer:
    """Slow on purpose: whoever has the link and a copy of the database should not run through all codes."""
    key = hashlib.scrypt(
        code.encode(), salt=token.encode(), n=2**15, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32
    )
    return Sealer(key)
