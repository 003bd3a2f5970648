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
from sinetti.identity.people.model import (
    KINDS_WITH_PEOPLE,
    MAIN_ROLES,
    OF_MAH_OBP,
    WITHOUT_ORGANISATION,
    ActingFor,
    PeopleRole,
    Person,
)
from sinetti.identity.people.passwords import hash_password
from sinetti.identity.people.sessions import EndReason, end_sessions
from sinetti.identity.secrets import digest
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.kit.sealing import Sealer
from sinetti.rules.vocabulary import OrganisationKind

INVITATION_DAYS = 7
FORGOTTEN_HOURS = 1
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


class Purpose(StrEnum):
    """What a link that sets a password was made for."""

    INVITATION = "invitation"
    FORGOTTEN = "forgotten"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A link that sets a password, found by its token."""

    state: InvitationState
    purpose: Purpose
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
    name, email = plain_name(name), email.strip()
    if not is_name(name) or not is_email(email):
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
    await _give_locations(tx, row[0], organisation_id, location_ids)
    return await person(tx, row[0])


async def change_person(
    tx: Transaction,
    user_id: int,
    *,
    name: str,
    role: PeopleRole,
    organisation: Organisation | None,
    location_ids: Sequence[int],
    language: str,
    acting_for: ActingFor,
) -> Person:
    """Change what can be changed of somebody; a role counts with the next request.

    The organisation is the person's own and stays. Problems: those of `add_person` but the address's, `last-main-user`.
    """
    name = plain_name(name)
    if not is_name(name):
        raise Problem("person-unusable", 422)
    if not _fits(role, organisation, location_ids):
        raise Problem("person-role-unfit", 422)
    before = await person(tx, user_id)
    if role is not before.role:
        await _keep_a_main_user(tx, before, acting_for)
    values = {"user_id": user_id, "name": name, "role": role.value, "language": language}
    await tx.execute(_QUERIES["change_person"], values)
    await tx.execute(_QUERIES["remove_locations_of_person"], {"user_id": user_id})
    await _give_locations(tx, user_id, before.organisation_id, location_ids)
    return await person(tx, user_id)


async def change_own(tx: Transaction, user_id: int, *, name: str, language: str) -> Person:
    """Change what everybody may of themselves. Problem: `person-unusable`."""
    name = plain_name(name)
    if not is_name(name):
        raise Problem("person-unusable", 422)
    role = (await person(tx, user_id)).role.value
    values = {"user_id": user_id, "name": name, "role": role, "language": language}
    await tx.execute(_QUERIES["change_person"], values)
    return await person(tx, user_id)


def plain_name(name: str) -> str:
    """The name without spaces that nobody sees."""
    return " ".join(name.split())


def is_name(name: str) -> bool:
    """Whether this can be a person's name."""
    return 0 < len(name) <= NAME_CHARACTERS_MAX and name.isprintable()


def is_email(email: str) -> bool:
    """Whether this can be a mail address."""
    return len(email) <= EMAIL_CHARACTERS_MAX and email.isprintable() and _EMAIL.fullmatch(email) is not None


async def _give_locations(
    tx: Transaction, user_id: int, organisation_id: int | None, location_ids: Sequence[int]
) -> None:
    for location_id in location_ids:
        values = {"user_id": user_id, "location_id": location_id, "organisation_id": organisation_id}
        cursor = await tx.execute(_QUERIES["add_location_of_person"], values)
        if cursor.rowcount != 1:
            raise Problem("person-role-unfit", 422)


async def _keep_a_main_user(tx: Transaction, leaving: Person, acting_for: ActingFor) -> None:
    """Refuse to leave an organisation, or the operator, without anybody who looks after its people.

    The operator may: it can invite another. Only who has accepted the invitation counts. Problem: `last-main-user`.
    """
    if acting_for is ActingFor.INSTALLATION:
        return
    values = {"organisation_id": leaving.organisation_id}
    colleagues = await (await tx.execute(_QUERIES["lock_colleagues"], values)).fetchall()
    role = next(PeopleRole(role) for user_id, role, _ in colleagues if user_id == leaving.user_id)
    if role not in MAIN_ROLES:
        return
    if acting_for is ActingFor.OPERATOR and role is not PeopleRole.OPERATOR_ADMINISTRATOR:
        return
    if not any(
        other == role.value and can_sign_in and user_id != leaving.user_id
        for user_id, other, can_sign_in in colleagues
    ):
        raise Problem("last-main-user", 409)


def _fits(role: PeopleRole, organisation: Organisation | None, location_ids: Sequence[int]) -> bool:
    if (role in WITHOUT_ORGANISATION) != (organisation is None):
        return False
    if organisation is not None and organisation.kind not in KINDS_WITH_PEOPLE:
        return False
    if organisation is not None and (role in OF_MAH_OBP) != (organisation.kind is OrganisationKind.MAH_OBP):
        return False
    return (role is PeopleRole.LOCATION_USER) == bool(location_ids)


async def person(tx: Transaction, user_id: int) -> Person:
    """One person. Problem: `person-unknown`."""
    return _found(await _one(tx, "find_person", user_id=user_id))


async def person_for_change(tx: Transaction, user_id: int) -> Person:
    """One person, kept from other changes until the transaction ends. Problem: `person-unknown`."""
    await tx.execute(_QUERIES["lock_row"], {"user_id": user_id})
    return await person(tx, user_id)


async def person_of_email(tx: Transaction, email: str) -> Person:
    """The person with this address. Problem: `person-unknown`."""
    return _found(await _one(tx, "find_person_of_email", email=email))


async def people(tx: Transaction) -> list[Person]:
    """Everybody, in the order in which they were added."""
    cursor = await tx.cursor(row_factory=rows_as(Person)).execute(_QUERIES["list_people"])
    return await cursor.fetchall()


async def lock_person(
    tx: Transaction,
    user_id: int,
    *,
    reason: str,
    now: datetime,
    acting_for: ActingFor = ActingFor.INSTALLATION,
) -> Person:
    """Keep somebody out, at once and in every session. Who is locked already stays so, with the first reason.

    Problems: `person-unknown`, `lock-reason-unusable`, `last-main-user`.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= NAME_CHARACTERS_MAX or not reason.isprintable():
        raise Problem("lock-reason-unusable", 422, length_max=NAME_CHARACTERS_MAX)
    await _keep_a_main_user(tx, await person(tx, user_id), acting_for)
    by_operator = acting_for is not ActingFor.ORGANISATION
    values = {"user_id": user_id, "reason": reason, "now": now, "by_operator": by_operator}
    await tx.execute(_QUERIES["lock_person"], values)
    await end_sessions(tx, user_id, because=EndReason.LOCKED, now=now)
    return await person(tx, user_id)


async def unlock_person(
    tx: Transaction, user_id: int, *, acting_for: ActingFor = ActingFor.INSTALLATION
) -> Person:
    """Let somebody in again; the sessions from before stay ended.

    Problems: `person-unknown`, `lock-of-operator` where the organisation would undo what the operator did.
    """
    locked = await person(tx, user_id)
    if locked.locked_at and locked.locked_by_operator and acting_for is ActingFor.ORGANISATION:
        raise Problem("lock-of-operator", 409)
    await tx.execute(_QUERIES["unlock_person"], {"user_id": user_id})
    return await person(tx, user_id)


async def invite(tx: Transaction, user_id: int, now: datetime) -> str:
    """Token of a link with which the person sets a password, once, within a week. Earlier links end."""
    await tx.execute(_QUERIES["end_invitations"], {"user_id": user_id, "now": now})
    return await _link(tx, user_id, Purpose.INVITATION, now, timedelta(days=INVITATION_DAYS))


async def forgotten_link(tx: Transaction, user_id: int, now: datetime) -> str:
    """Token of a link that sets a password, once, within an hour. Anybody can ask for it, so it ends nothing yet."""
    return await _link(tx, user_id, Purpose.FORGOTTEN, now, timedelta(hours=FORGOTTEN_HOURS))


async def _link(tx: Transaction, user_id: int, purpose: Purpose, now: datetime, lasts: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    values = {
        "user_id": user_id,
        "purpose": purpose.value,
        "token_sha256": digest(token),
        "now": now,
        "expires_at": now + lasts,
    }
    await tx.execute(_QUERIES["add_invitation"], values)
    return token


async def invited_until(tx: Transaction, user_id: int, now: datetime) -> datetime | None:
    """Until when an invitation that was sent can be used; `None` where there is none."""
    row = await (
        await tx.execute(_QUERIES["open_invitation_until"], {"user_id": user_id, "now": now})
    ).fetchone()
    return None if row is None else row[0]


async def find_invitation(tx: Transaction, token: str, now: datetime) -> Invitation | None:
    """The invitation of a link, locked until the transaction ends; `None` where there never was one."""
    cursor = await tx.execute(_QUERIES["find_invitation"], {"token_sha256": digest(token)})
    row = await cursor.fetchone()
    if row is None:
        return None
    user_id, purpose, expires_at, used_at = row
    state = InvitationState.OPEN if expires_at > now else InvitationState.LATE
    return Invitation(
        state=InvitationState.USED if used_at is not None else state,
        purpose=Purpose(purpose),
        person=await person(tx, user_id),
    )


async def accept_invitation(tx: Transaction, user_id: int, token: str, password: str, now: datetime) -> None:
    """Set the password that an open link is for. The person's other links and all sessions from before end."""
    await tx.execute(_QUERIES["use_invitation"], {"token_sha256": digest(token), "now": now})
    await set_password(tx, user_id, password, now)


async def set_password(
    tx: Transaction, user_id: int, password: str, now: datetime, *, keep_session: str | None = None
) -> None:
    """Set a password, and end every link and every session from before, but perhaps the one that set it."""
    values = {"user_id": user_id, "password_hash": await hash_password(password)}
    await tx.execute(_QUERIES["set_password"], values)
    await tx.execute(_QUERIES["end_invitations"], {"user_id": user_id, "now": now})
    await end_sessions(tx, user_id, because=EndReason.PASSWORD_CHANGED, now=now, except_id=keep_session)


async def set_totp(
    tx: Transaction, sealer: Sealer, user_id: int, secret: str, *, last_step: int, now: datetime
) -> list[str]:
    """Set up an app; returns recovery codes in place of those from before, which nothing else can tell."""
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


async def has_recovery_codes(tx: Transaction, user_id: int) -> bool:
    """Whether some are left."""
    row = await (await tx.execute(_QUERIES["count_recovery_codes"], {"user_id": user_id})).fetchone()
    return row is not None and row[0] > 0


async def turn_off_totp(tx: Transaction, user_id: int) -> None:
    """Ask for no code of an app any more."""
    await tx.execute(_QUERIES["remove_totp"], {"user_id": user_id})
    await remove_idle_recovery_codes(tx, user_id)


async def remove_idle_recovery_codes(tx: Transaction, user_id: int) -> None:
    """Recovery codes stand in for a second factor: without any they end."""
    if not (await person(tx, user_id)).has_second_factor:
        await tx.execute(_QUERIES["remove_recovery_codes"], {"user_id": user_id})


async def remove_second_factor(tx: Transaction, user_id: int, now: datetime) -> None:
    """Take app, passkeys and recovery codes away, because all of them are lost, and end all sessions.

    Where the role demands a second factor it is set up anew at the next sign-in.
    """
    for query in ("remove_recovery_codes", "remove_totp", "remove_passkeys"):
        await tx.execute(_QUERIES[query], {"user_id": user_id})
    await end_sessions(tx, user_id, because=EndReason.SECOND_FACTOR_CHANGED, now=now)


async def accepts_code(tx: Transaction, sealer: Sealer, user_id: int, typed: str, now: datetime) -> bool:
    """Whether this is a code of the person's app or a recovery code, not used before. It is used by asking."""
    cursor = await tx.execute(_QUERIES["find_totp"], {"user_id": user_id})
    row = await cursor.fetchone()
    if row is not None:
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
