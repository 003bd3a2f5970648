"""One's own name, language, password and sessions. Whatever changes how one signs in asks for the present password."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity.people import people, sign_in
from sinetti.identity.people.model import Person
from sinetti.identity.people.sessions import (
    EndReason,
    end_session,
    end_sessions,
    list_sessions,
    renew_session,
)
from sinetti.identity.people.sign_in import Refused
from sinetti.kit.problems import Problem
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.browsers import browser_in_words
from sinetti.portal.formats import formats
from sinetti.portal.passwords import password_fault, password_hint
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.vocabulary import Language


async def show(visit: Visit) -> Response:
    """All that one sees of oneself."""
    return await _page(visit, {})


async def change(visit: Visit) -> Response:
    """Change name and language."""
    before = await _self(visit)
    errors = {}
    if not people.is_name(people.plain_name(visit.form.get("name", ""))):
        errors["name"] = fill(visit.words["fault"]["name"], most=people.NAME_CHARACTERS_MAX)
    if visit.form.get("language") not in set(Language):
        errors["language"] = visit.words["fault"]["language"]
    if errors:
        return await _page(visit, errors)
    after = await people.change_own(
        visit.tx, before.user_id, name=visit.form["name"], language=visit.form["language"]
    )
    changed = [name for name in ("name", "language") if getattr(before, name) != getattr(after, name)]
    if changed:
        await _record(
            visit,
            after,
            "profile_changed",
            old={name: getattr(before, name) for name in changed},
            new={name: getattr(after, name) for name in changed},
        )
    response = visit.redirect(visit.url("profile"), done="changed")
    visit.portal.cookies.set_language(response, after.language)
    return response


async def ask_password(visit: Visit) -> Response:
    """The form for a new password."""
    return _password_form(visit, {})


async def change_password(visit: Visit) -> Response:
    """Set it, for whoever knows the present one; all other sessions end."""
    person = await _self(visit)
    new = visit.form.get("new", "")
    if fault := password_fault(visit, person, new):
        return _password_form(visit, {"new": fault})
    shown = await sign_in.shows_password(visit.tx, person.user_id, visit.form.get("present", ""), visit.now)
    if isinstance(shown, Refused):
        return _password_form(visit, {"present": fill(visit.words["wait"], seconds=shown.wait_seconds)})
    if not shown:
        return _password_form(visit, {"present": visit.words["fault"]["present"]})
    session_id = visit.person.session_id
    await people.set_password(visit.tx, person.user_id, new, visit.now, keep_session=session_id)
    await _record(visit, person, "password_changed")
    moment = formats(Language(person.language), visit.portal.settings.zone)["moment"](visit.now)
    await visit.mail(
        to=person.email,
        language=person.language,
        key="password_changed",
        name=person.name,
        moment=moment,
    )
    response = visit.redirect(visit.url("profile"), done="password_changed")
    visit.portal.cookies.set_session(response, await renew_session(visit.tx, session_id))
    return response


async def end_one(visit: Visit) -> Response:
    """End another session, which is then refused with its next request."""
    person = await _self(visit)
    ended = await end_session(
        visit.tx,
        user_id=person.user_id,
        session_id=visit.request.path_params["opaque_session"],
        because=EndReason.ENDED_ELSEWHERE,
        now=visit.now,
    )
    if not ended:
        raise Problem("page-missing", 404)
    await _record(visit, person, "sessions_ended", new={"sessions": 1})
    return visit.redirect(visit.url("profile"), done="session_ended")


async def end_others(visit: Visit) -> Response:
    """End all sessions but this one."""
    person = await _self(visit)
    ended = await end_sessions(
        visit.tx,
        person.user_id,
        because=EndReason.ENDED_ELSEWHERE,
        now=visit.now,
        except_id=visit.person.session_id,
    )
    if ended:
        await _record(visit, person, "sessions_ended", new={"sessions": ended})
    return visit.redirect(visit.url("profile"), done="sessions_ended")


async def _self(visit: Visit) -> Person:
    return await people.person(visit.tx, visit.person.user_id)


async def _page(visit: Visit, errors: Mapping[str, str]) -> Response:
    person = await _self(visit)
    listed = await list_sessions(visit.tx, person.user_id, visit.now)
    return visit.render(
        "profile.html",
        status=422 if errors else 200,
        errors=errors,
        person=person,
        name=visit.form.get("name", person.name),
        chosen_language=visit.form.get("language", person.language),
        language_choices=[(language.value, common_words(language)["language"]) for language in Language],
        sessions=[(session, browser_in_words(session.user_agent)) for session in listed],
        here_id=visit.person.session_id,
    )


def _password_form(visit: Visit, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "password.html", status=422 if errors else 200, errors=errors, hint=password_hint(visit)
    )


async def _record(
    visit: Visit,
    person: Person,
    action: str,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
) -> None:
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
    )


PAGE = Page(
    name="profile",
    routes=(
        Route(name="profile", path="/profile", action="see_profile", handler=show),
        Route(name="change_profile", path="/profile", action="change_profile", handler=change, method="POST"),
        Route(name="ask_password", path="/profile/password", action="change_password", handler=ask_password),
        Route(
            name="change_password",
            path="/profile/password",
            action="change_password",
            handler=change_password,
            method="POST",
        ),
        Route(
            name="end_own_session",
            path="/profile/sessions/{opaque_session}/end",
            action="end_own_session",
            handler=end_one,
            method="POST",
        ),
        Route(
            name="end_other_sessions",
            path="/profile/other-sessions/end",
            action="end_own_session",
            handler=end_others,
            method="POST",
        ),
    ),
)
