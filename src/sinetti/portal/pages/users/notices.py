"""What is done to somebody is recorded, and told to that person by mail, in that person's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from sinetti.identity.people import people
from sinetti.identity.people.model import Person
from sinetti.kit.db import Transaction
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.mailing import post
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, page_words
from sinetti.rules.vocabulary import Language


async def record(
    visit: Visit,
    person: Person,
    action: str,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    reason: str | None = None,
) -> None:
    """Write it into the audit."""
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="user",
        object_id=person.user_id,
        object_name=person.name,
        concern=Concern(user_id=person.user_id, organisation_id=person.organisation_id),
        old=old,
        new=new,
        reason=reason,
    )


async def invite(visit: Visit, person: Person) -> None:
    """Send the link that sets a password. Nobody but its reader ever sees it."""
    token = await people.invite(visit.tx, person.user_id, visit.now)
    key, values = _invitation(person, visit.portal.settings, visit.now)
    await tell(visit, person, key, path=visit.url("invitation", opaque_token=token), **values)


async def tell(visit: Visit, person: Person, key: str, *, path: str | None = None, **values: str) -> None:
    """Send a mail with these words of the page. Every one of them may say who did it, and to whom."""
    await visit.mail(
        to=person.email,
        language=person.language,
        key=key,
        path=path,
        actor=visit.person.name,
        name=person.name,
        **values,
    )


def role_words(person: Person) -> str:
    """The role in the language of who has it."""
    words: str = common_words(Language(person.language))["role"][person.role.value]
    return words


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever runs the machine, on its command line: nobody is signed in there."""

    sealer: Sealer
    settings: Settings

    async def invite(self, tx: Transaction, person: Person, token: str, now: datetime) -> None:
        """Send the link that sets a password."""
        key, values = _invitation(person, self.settings, now)
        await self.tell(tx, person, key, now, path=f"/invitation/{token}", **values)

    async def tell(
        self,
        tx: Transaction,
        person: Person,
        key: str,
        now: datetime,
        *,
        path: str | None = None,
        **values: str,
    ) -> None:
        """Send a mail with these words of the page."""
        language = Language(person.language)
        await post(
            tx,
            self.sealer,
            self.settings,
            page="users",
            key=key,
            to=person.email,
            language=language,
            path=path,
            now=now,
            values={"name": person.name, "actor": page_words("users", language)["command_line"], **values},
        )


def _invitation(person: Person, settings: Settings, now: datetime) -> tuple[str, dict[str, str]]:
    """Which mail it is, and what it says."""
    until = now + timedelta(days=people.INVITATION_DAYS)
    return "invited_again" if person.has_password else "invited", {
        "role": role_words(person),
        "organisation": person.organisation_name or "Sinetti",
        "until": formats(Language(person.language), settings.zone)["moment"](until),
    }
