"""The register of people: who may sign in, as what, with which password and second factor."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from psycopg.errors import UniqueViolation

from sinetti.identity.model import Organisation
from sinetti.identity.people import totp
from sinetti.identity.people.model import OF_MAH_OBP, WITHOUT_ORGANISATION, PeopleRole, Person
from sinetti.identity.people.passwords import hash_password
from sinetti.identity.secrets import digest
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.kit.sealing import Sealer
from sinetti.rules.vocabulary import OrganisationKind

INVITATION_DAYS = 7
EMAIL_CHARACTERS_MAX = 254
"""RFC 5321, 4.5.3.1.3."""
NAME_CHARACTERS_MAX = 200

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_QUERIES = load_queries("sinetti.identity.people.store", "people.sql")


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    USED = "used"
    LATE = "late"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that was found by its link."""

    state: InvitationState
    person: Person


async def add_person(
    tx: Transaction,
    *,
    name: str,
    email: str,
    role: PeopleRole,
    organisation: Organisation | None,
    location_ids: Sequence[int] = (),
    language: str,
    now: datetime,
) -> Person:
    """Add somebody, who cannot sign in before an invitation has been accepted.

    Problems: `person-unusable` for a name or address that cannot be one, `person-role-unfit` where role, organisation
    and locations do not go together, `person-email-taken`.
    """
    name, email = " ".join(name.split()), email.strip()
    if (
        not 0 < len(name) <= NAME_CHARACTERS_MAX
        or not name.isprintable()
        or len(email) > EMAIL_CHARACTERS_MAX
        or _EMAIL.fullmatch(email) is None
    ):
        raise Problem("person-unusable", 422)
    if not _fits(role, organisation, location_ids):
        raise Problem("person-role-unfit", 422)
    organisation_id = None if organisation is None else organisation.organisation_id
    try:
        async with tx.transaction():
            cursor = await tx.execute(
                _QUERIES["add_person"],
                {
                    "name": name,
                    "email": email,
                    "role": role.value,
                    "organisation_id": organisation_id,
                    "language": language,
                    "now": now,
                },
            )
    except UniqueViolation:
        raise Problem("person-email-taken", 409, email=email) from None
    row = await cursor.fetchone()
    assert row is not None, "INSERT … RETURNING gives a row"
    for location_id in location_ids:
        values = {"user_id": row[0], "location_id": location_id, "organisation_id": organisation_id}
        cursor = await tx.execute(_QUERIES["add_location_of_person"], values)
        if cursor.rowcount != 1:
            raise Problem("person-role-unfit", 422)
    return await person(tx, row[0])


def _fits(role: PeopleRole, organisation: Organisation | None, location_ids: Sequence[int]) -> bool:
    if (role in WITHOUT_ORGANISATION) != (organisation is None):
        return False
    if organisation is not None and (role in OF_MAH_OBP) != (organisation.kind is OrganisationKind.MAH_OBP):
        return False
    return (role is PeopleRole.LOCATION_USER) == bool(location_ids)


async def person(tx: Transaction, user_id: int) -> Person:
    """One person. Problem: `person-unknown`."""
    return _found(await _one(tx, "find_person", user_id=user_id))


async def person_of_email(tx: Transaction, email: str) -> Person:
    """The person with this address. Problem: `person-unknown`."""
    return _found(await _one(tx, "find_person_of_email", email=email))


async def people(tx: Transaction) -> list[Person]:
    """Everybody, in the order in which they were added."""
    cursor = await tx.cursor(row_factory=rows_as(Person)).execute(_QUERIES["list_people"])
    return await cursor.fetchall()


async def lock_person(tx: Transaction, user_id: int, *, reason: str, now: datetime) -> Person:
    """Keep somebody out, at once and in every session. Problems: `person-unknown`, `lock-reason-unusable`."""
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= NAME_CHARACTERS_MAX or not reason.isprintable():
        raise Problem("lock-reason-unusable", 422, length_max=NAME_CHARACTERS_MAX)
    await tx.execute(_QUERIES["lock_person"], {"user_id": user_id, "reason": reason, "now": now})
    return await person(tx, user_id)


async def unlock_person(tx: Transaction, user_id: int) -> Person:
    """Let somebody in again; the sessions from before stay ended. Problem: `person-unknown`."""
    await tx.execute(_QUERIES["unlock_person"], {"user_id": user_id})
    return await person(tx, user_id)


async def invite(tx: Transaction, user_id: int, now: datetime) -> str:
    """Token of a link with which the person sets a password, once, within a week. Earlier links end."""
    token = secrets.token_urlsafe(32)
    values = {
        "user_id": user_id,
        "token_sha256": digest(token),
        "now": now,
        "expires_at": now + timedelta(days=INVITATION_DAYS),
    }
    await tx.execute(_QUERIES["end_invitations"], values)
    await tx.execute(_QUERIES["add_invitation"], values)
    return token


async def find_invitation(tx: Transaction, token: str, now: datetime) -> Invitation | None:
    """The invitation of a link, locked until the transaction ends; `None` where there never was one."""
    cursor = await tx.execute(_QUERIES["find_invitation"], {"token_sha256": digest(token)})
    row = await cursor.fetchone()
    if row is None:
        return None
    user_id, expires_at, used_at = row
    state = InvitationState.OPEN if expires_at > now else InvitationState.LATE
    return Invitation(
        state=InvitationState.USED if used_at is not None else state, person=await person(tx, user_id)
    )


async def accept_invitation(tx: Transaction, token: str, password: str, now: datetime) -> None:
    """Set the password that an open invitation is for. Every session from before ends."""
    values = {"token_sha256": digest(token), "now": now, "password_hash": await hash_password(password)}
    await tx.execute(_QUERIES["accept_invitation"], values)


async def set_password(tx: Transaction, user_id: int, password: str, now: datetime) -> None:
    """Set a password, and end every session from before."""
    values = {"user_id": user_id, "now": now, "password_hash": await hash_password(password)}
    await tx.execute(_QUERIES["set_password"], values)


async def set_totp(
    tx: Transaction, sealer: Sealer, user_id: int, secret: str, *, last_step: int, now: datetime
) -> list[str]:
    """Set up the second factor; returns the recovery codes, which nothing else can tell."""
    values = {
        "user_id": user_id,
        "sealed_secret": sealer.seal(secret, totp_purpose(user_id)),
        "now": now,
        "last_step": last_step,
    }
    await tx.execute(_QUERIES["set_totp"], values)
    return await renew_recovery_codes(tx, user_id)


async def renew_recovery_codes(tx: Transaction, user_id: int) -> list[str]:
    """Recovery codes in place of those from before; nothing else can tell them."""
    codes = totp.new_recovery_codes()
    await tx.execute(_QUERIES["remove_recovery_codes"], {"user_id": user_id})
    for code in codes:
        await tx.execute(_QUERIES["add_recovery_code"], {"user_id": user_id, "code_sha256": digest(code)})
    return codes


async def remove_totp(tx: Transaction, user_id: int, now: datetime) -> None:
    """Take the second factor away, because the telephone and the recovery codes are lost, and end all sessions."""
    await tx.execute(_QUERIES["remove_recovery_codes"], {"user_id": user_id})
    await tx.execute(_QUERIES["remove_totp"], {"user_id": user_id, "now": now})


async def accepts_code(tx: Transaction, sealer: Sealer, user_id: int, typed: str, now: datetime) -> bool:
    """Whether this is a code of the person's app or a recovery code, not used before. It is used by asking."""
    cursor = await tx.execute(_QUERIES["find_totp"], {"user_id": user_id})
    row = await cursor.fetchone()
    if row is None:
        return False
    sealed_secret, last_step = row
    secret = sealer.open(sealed_secret, totp_purpose(user_id))
    step = None if secret is None else totp.step_of_code(secret, typed, now)
    if step is not None:
        if step > last_step:
            await tx.execute(_QUERIES["use_step"], {"user_id": user_id, "step": step})
        return bool(step > last_step)
    code = digest(totp.plain_recovery_code(typed))
    cursor = await tx.execute(
        _QUERIES["use_recovery_code"], {"user_id": user_id, "code_sha256": code, "now": now}
    )
    return cursor.rowcount == 1


def totp_purpose(user_id: int) -> str:
    """What the secret of an app is sealed for."""
    return f"totp {user_id}"


async def _one(tx: Transaction, query: str, **values: object) -> Person | None:
    cursor = await tx.cursor(row_factory=rows_as(Person)).execute(_QUERIES[query], values)
    return await cursor.fetchone()


def _found(found: Person | None) -> Person:
    if found is None:
        raise Problem("person-unknown", 404)
    return found
