"""Passkeys: a name and the password first, then the browser makes one; and their renaming and removal."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity.people import passkeys, people
from sinetti.identity.people.passkeys import Passkey
from sinetti.kit.problems import Problem
from sinetti.portal.pages.second_factor.own import (
    asks_password,
    fault_of_password,
    go_on_whole,
    is_needed,
    own,
    own_for_change,
    tell,
)
from sinetti.portal.passkey_site import answer_of, site_of_visit
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill


async def ask_name(visit: Visit) -> Response:
    """The first form."""
    return _name_form(visit, {})


async def ask_browser(visit: Visit) -> Response:
    """The page whose button lets the browser make a passkey. Whoever gets here has shown the password."""
    name, site = passkeys.plain_name(visit.form.get("name", "")), site_of_visit(visit)
    if site is None:
        return _name_form(visit, {})
    if name is None:
        return _name_form(visit, {"name": _fault_of_name(visit)})
    person = await own(visit)
    if len(await passkeys.passkeys_of(visit.tx, person.user_id)) >= passkeys.PASSKEYS_MAX:
        return _name_form(visit, {"name": fill(visit.words["too_many_passkeys"], most=passkeys.PASSKEYS_MAX)})
    if fault := await fault_of_password(visit):
        return _name_form(visit, {"password": fault})
    question = await passkeys.ask_to_add(
        visit.tx,
        visit.portal.sealer,
        site,
        person,
        session_id=visit.person.session_id,
        name=name,
        now=visit.now,
    )
    return visit.render("make_passkey.html", question=question, name=name)


async def add(visit: Visit) -> Response:
    """Take the passkey that the browser made. With the first second factor come recovery codes."""
    person, site = await own_for_change(visit), site_of_visit(visit)
    name = None
    if site is not None:
        name = await passkeys.add(
            visit.tx,
            visit.portal.sealer,
            site,
            answer_of(visit),
            user_id=person.user_id,
            session_id=visit.person.session_id,
            now=visit.now,
        )
    if name is None:
        return _name_form(visit, {"": visit.words["passkey_not_added"]})
    await tell(visit, person, "passkey_added", name=name)
    if person.has_second_factor and await people.has_recovery_codes(visit.tx, person.user_id):
        return visit.redirect(visit.url("second_factor"), done="passkey_added")
    codes = await people.renew_recovery_codes(visit.tx, person.user_id)
    token = await go_on_whole(visit)
    response = visit.render("codes.html", codes=codes)
    visit.portal.cookies.set_session(response, token)
    return response


async def show(visit: Visit) -> Response:
    """One passkey."""
    return _page(visit, await _own_passkey(visit), {})


async def rename(visit: Visit) -> Response:
    """Call it otherwise."""
    passkey = await _own_passkey(visit)
    name = passkeys.plain_name(visit.form.get("name", ""))
    if name is None:
        return _page(visit, passkey, {"name": _fault_of_name(visit)})
    await passkeys.rename(visit.tx, visit.person.user_id, passkey.passkey_id, name)
    return visit.redirect(visit.url("second_factor"), done="passkey_renamed")


async def remove(visit: Visit) -> Response:
    """Take it out of use, where the role lets one or something else is left."""
    person = await own_for_change(visit)
    passkey = await _own_passkey(visit)
    left = len(await passkeys.passkeys_of(visit.tx, person.user_id)) - 1
    if is_needed(person, app=person.has_totp, passkeys=left):
        return _page(visit, passkey, {"password": visit.words["is_needed"]})
    if fault := await fault_of_password(visit):
        return _page(visit, passkey, {"password": fault})
    await passkeys.remove(visit.tx, person.user_id, passkey.passkey_id)
    await tell(visit, person, "passkey_removed", name=passkey.name)
    return visit.redirect(visit.url("second_factor"), done="passkey_removed")


async def _own_passkey(visit: Visit) -> Passkey:
    """The passkey of the path, if it is the person's own."""
    wanted = visit.request.path_params["opaque_passkey"]
    for passkey in await passkeys.passkeys_of(visit.tx, visit.person.user_id):
        if passkey.passkey_id == wanted:
            return passkey
    raise Problem("page-missing", 404)


def _fault_of_name(visit: Visit) -> str:
    return fill(visit.words["wrong_name"], most=passkeys.NAME_CHARACTERS_MAX)


def _name_form(visit: Visit, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "new_passkey.html",
        status=422 if errors else 200,
        errors=errors,
        name=visit.form.get("name", ""),
        asks_password=asks_password(visit),
        has_site=site_of_visit(visit) is not None,
    )


def _page(visit: Visit, passkey: Passkey, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "passkey.html",
        status=422 if errors else 200,
        errors=errors,
        passkey=passkey,
        name=visit.form.get("name", passkey.name),
    )
