"""What is done to somebody is recorded, and told to that person by mail, in that person's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sinetti.identity.people import people
from sinetti.identity.people.model import Person
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words
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
    await tell(
        visit,
        person,
        "invited_again" if person.has_password else "invited",
        path=visit.url("invitation", opaque_token=token),
        role=role_words(person),
        organisation=person.organisation_name or "Sinetti",
        until=_moment(visit, person, visit.now + timedelta(days=people.INVITATION_DAYS)),
    )


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


def _moment(visit: Visit, person: Person, moment: datetime) -> str:
    return formats(Language(person.language), visit.portal.settings.zone)["moment"](moment)
