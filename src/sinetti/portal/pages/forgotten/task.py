"""Sends the link to whoever has the address, if anybody has: in the background, so that nobody can tell by the time."""

from __future__ import annotations

import base64
from datetime import timedelta

import msgspec

from sinetti.identity.people import people
from sinetti.identity.people.model import Person
from sinetti.kit import jobs
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.problems import Problem
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.mailing import post
from sinetti.rules.vocabulary import Language

SEND_PASSWORD_LINK = "send_password_link"  # noqa: S105 - the name of a task
_PURPOSE = "forgotten password"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked, and from where."""

    email: str
    source_address: str | None


async def ask(tx: Transaction, sealer: Sealer, asked: Asked) -> None:
    """Have it done after the commit. Sealed: what strangers type may be anything."""
    sealed = sealer.seal(msgspec.json.encode(asked).decode(), _PURPOSE)
    await jobs.defer(tx, SEND_PASSWORD_LINK, sealed=base64.b64encode(sealed).decode())


def send_password_link_task(
    database: Database, settings: Settings, sealer: Sealer, clock: Clock
) -> jobs.Task:
    """The task. An address that nobody has, and somebody locked, get nothing."""

    async def send_password_link(sealed: str) -> None:
        opened = sealer.open(base64.b64decode(sealed), _PURPOSE)
        if opened is None:
            return
        asked = msgspec.json.decode(opened, type=Asked)
        async with database.transaction() as tx:
            try:
                person = await people.person_of_email(tx, asked.email)
            except Problem:
                return
            if person.locked_at is None:
                await _send(tx, settings, sealer, clock, person, asked)

    return jobs.Task(name=SEND_PASSWORD_LINK, run=send_password_link)


async def _send(
    tx: Transaction, settings: Settings, sealer: Sealer, clock: Clock, person: Person, asked: Asked
) -> None:
    now, language = clock(), Language(person.language)
    values: dict[str, object] = {"name": person.name}
    path = None
    if person.has_password:
        path = f"/invitation/{await people.forgotten_link(tx, person.user_id, now)}"
        until = now + timedelta(hours=people.FORGOTTEN_HOURS)
        values["until"] = formats(language, settings.zone)["moment"](until)
    await post(
        tx,
        sealer,
        settings,
        page="forgotten",
        key="link" if person.has_password else "not_yet",
        to=person.email,
        language=language,
        path=path,
        now=now,
        values=values,
    )
    await audit.record(
        tx,
        audit.Actor(who=None, by="system", name="Sinetti", source_address=asked.source_address),
        now,
        action="password_link_asked",
        object_kind="user",
        object_id=person.user_id,
        object_name=person.name,
        concern=Concern(user_id=person.user_id, organisation_id=person.organisation_id),
    )
