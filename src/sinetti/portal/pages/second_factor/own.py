"""What the pages of the second factor have in common: the person, the password that is asked for, record and mail."""

from __future__ import annotations

from sinetti.identity.people import people, sign_in
from sinetti.identity.people.model import NEEDS_SECOND_FACTOR, Person
from sinetti.identity.people.sessions import find_session
from sinetti.identity.people.sign_in import Refused
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.vocabulary import Language


async def own_for_change(visit: Visit) -> Person:
    """The person, kept from what another tab might change meanwhile."""
    return await people.person_for_change(visit.tx, visit.person.user_id)


async def own(visit: Visit) -> Person:
    """The person."""
    return await people.person(visit.tx, visit.person.user_id)


def asks_password(visit: Visit) -> bool:
    """Whether the present password is asked for. Not at the first sign-in, where it was shown just now."""
    return not visit.person.must_set_second_factor


async def fault_of_password(visit: Visit) -> str | None:
    """What is wrong with the present password that was typed; `None` where it is right or not asked for."""
    if not asks_password(visit):
        return None
    shown = await sign_in.shows_password(
        visit.tx, visit.person.user_id, visit.form.get("password", ""), visit.now
    )
    if isinstance(shown, Refused):
        return fill(visit.words["wait"], seconds=shown.wait_seconds)
    wrong: str = visit.words["wrong_password"]
    return None if shown else wrong


def is_needed(person: Person, *, app: bool, passkeys: int) -> bool:
    """Whether the role demands more than would be left: an app or not, and so many passkeys."""
    return person.role in NEEDS_SECOND_FACTOR and not app and passkeys == 0


async def tell(visit: Visit, person: Person, action: str, *, name: str | None = None) -> None:
    """Write it into the audit, and to the person by mail: whoever did not do it should hear of it."""
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="user",
        object_id=person.user_id,
        object_name=person.name,
        concern=Concern(user_id=person.user_id, organisation_id=person.organisation_id),
        new={} if name is None else {"name": name},
    )
    moment = formats(Language(person.language), visit.portal.settings.zone)["moment"](visit.now)
    passkey = {} if name is None else {"passkey": name}
    await visit.mail(
        to=person.email, language=person.language, key=action, name=person.name, moment=moment, **passkey
    )


async def go_on_whole(visit: Visit) -> str:
    """The session's new token, now that there is a second factor."""
    who = visit.person
    token = await sign_in.let_in(visit.tx, user_id=who.user_id, session_id=who.session_id, now=visit.now)
    visit.who = await find_session(visit.tx, token, visit.now)
    return token
