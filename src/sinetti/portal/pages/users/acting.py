"""What is done to a user: locked and unlocked, invited anew, the second factor taken away, sessions ended."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity.people import people
from sinetti.identity.people.model import Person
from sinetti.identity.people.sessions import EndReason, end_sessions
from sinetti.kit.problems import Problem
from sinetti.portal.pages.users import notices
from sinetti.portal.pages.users.targets import acting_for, target
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill


async def ask_lock(visit: Visit) -> Response:
    """Ask for the reason, and say what a lock does."""
    return _ask(visit, await target(visit), {})


async def lock(visit: Visit) -> Response:
    """Keep the user out, at once."""
    person = await target(visit)
    reason = " ".join(visit.form.get("reason", "").split())
    if not 0 < len(reason) <= people.NAME_CHARACTERS_MAX or not reason.isprintable():
        words = visit.words["fault"]["reason"]
        return _ask(visit, person, {"reason": fill(words, most=people.NAME_CHARACTERS_MAX)})
    if person.locked_at is None:
        try:
            locked = await people.lock_person(
                visit.tx, person.user_id, reason=reason, now=visit.now, acting_for=acting_for(visit)
            )
        except Problem as problem:
            if problem.key != "last-main-user":
                raise
            return _ask(visit, person, {"reason": visit.words["fault"]["last_main_user"]})
        await notices.record(visit, locked, "user_locked", reason=locked.lock_reason)
        await notices.tell(visit, locked, "locked")
    return _back(visit, person, "locked")


async def unlock(visit: Visit) -> Response:
    """Let the user in again."""
    person = await target(visit)
    if person.locked_at is not None:
        await people.unlock_person(visit.tx, person.user_id, acting_for=acting_for(visit))
        await notices.record(visit, person, "user_unlocked", old={"lock_reason": person.lock_reason})
        await notices.tell(visit, person, "unlocked", path="/")
    return _back(visit, person, "unlocked")


async def invite(visit: Visit) -> Response:
    """Send a new link; the one before ends."""
    person = await target(visit)
    if person.locked_at is not None:
        return _back(visit, person, "is_locked")
    await notices.record(visit, person, "user_invited")
    await notices.invite(visit, person)
    return _back(visit, person, "invited")


async def ask_second_factor(visit: Visit) -> Response:
    """Say what it means, and that one must be sure who asks."""
    person = await target(visit)
    if person.user_id == visit.person.user_id:
        return visit.redirect(visit.url("second_factor"))
    return visit.render("second_factor.html", person=person)


async def remove_second_factor(visit: Visit) -> Response:
    """Take app, passkeys and recovery codes away. One's own is changed in the profile, which asks for the password."""
    person = await target(visit)
    if person.user_id == visit.person.user_id:
        return visit.redirect(visit.url("second_factor"))
    if person.has_second_factor:
        await people.remove_second_factor(visit.tx, person.user_id, visit.now)
        await notices.record(visit, person, "second_factor_removed")
        await notices.tell(visit, person, "second_factor_removed")
    return _back(visit, person, "second_factor_removed")


async def end_all_sessions(visit: Visit) -> Response:
    """Sign the user out everywhere."""
    person = await target(visit)
    own = visit.person.session_id if person.user_id == visit.person.user_id else None
    ended = await end_sessions(
        visit.tx, person.user_id, because=EndReason.ENDED_ELSEWHERE, now=visit.now, except_id=own
    )
    if ended:
        await notices.record(visit, person, "sessions_ended", new={"sessions": ended})
    return _back(visit, person, "sessions_ended")


def _ask(visit: Visit, person: Person, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "lock.html",
        status=422 if errors else 200,
        errors=errors,
        person=person,
        reason=visit.form.get("reason", ""),
    )


def _back(visit: Visit, person: Person, done: str) -> Response:
    return visit.redirect(visit.url("user", user_id=person.user_id), done=done)
