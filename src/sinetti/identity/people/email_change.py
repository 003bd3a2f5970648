"""Another mail address, which is one's name at the sign-in: it counts once a link sent to it has been followed.

The link carries what was asked for, sealed, so that nothing is kept of addresses that nobody confirms. It is good for
the person who asked, from the address of that time, and so for one change only.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import msgspec
from psycopg.errors import UniqueViolation

from sinetti.identity.people.model import Person
from sinetti.identity.people.people import is_email, person
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.kit.sealing import Sealer

LINK_HOURS = 24
_QUERIES = load_queries("sinetti.identity.people.store", "people.sql")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A change of address that somebody asked for."""

    before: str
    after: str
    until: datetime


def ask(sealer: Sealer, asking: Person, email: str, now: datetime) -> str:
    """Token of the link to send to the new address, which says nothing to whoever holds it.

    Whether somebody else has the address is found out by whoever can read its mail, and by nobody who guesses.
    Problem: `person-unusable` for what is no address.
    """
    email = email.strip()
    if not is_email(email):
        raise Problem("person-unusable", 422)
    wanted = Wanted(before=asking.email, after=email, until=now + timedelta(hours=LINK_HOURS))
    sealed = sealer.seal(msgspec.json.encode(wanted).decode(), _purpose(asking.user_id))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read(sealer: Sealer, reader: Person, token: str, now: datetime) -> Wanted | None:
    """What the link asks for; `None` for one of somebody else, one used before, one that is late, and none at all."""
    try:
        opened = sealer.open(
            base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), _purpose(reader.user_id)
        )
    except ValueError:
        return None
    wanted = None if opened is None else msgspec.json.decode(opened, type=Wanted)
    if wanted is None or wanted.until <= now or wanted.before != reader.email:
        return None
    return wanted


async def confirm(tx: Transaction, user_id: int, wanted: Wanted, now: datetime) -> Person:
    """Let the new address count. Links that were sent to the one before end. Problem: `person-email-taken`."""
    values = {"user_id": user_id, "before": wanted.before, "after": wanted.after}
    try:
        async with tx.transaction():
            await tx.execute(_QUERIES["change_email"], values)
    except UniqueViolation:
        raise Problem("person-email-taken", 409, email=wanted.after) from None
    await tx.execute(_QUERIES["end_invitations"], {"user_id": user_id, "now": now})
    return await person(tx, user_id)


def _purpose(user_id: int) -> str:
    return f"address of person {user_id}"
