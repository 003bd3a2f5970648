"""The second factor: an authenticator app is set up, and recovery codes are shown once."""

from __future__ import annotations

import base64
import binascii

import segno
from starlette.responses import Response

from sinetti.identity.people import people, sign_in, totp
from sinetti.identity.people.sessions import find_session
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.routing import MenuEntry, Page, Route
from sinetti.portal.visit import Visit


async def show(visit: Visit) -> Response:
    """The QR code, or, where an app is set up, what can be done about it."""
    if await _has_one(visit):
        return visit.render("is_set.html", errors={})
    return _form(visit, totp.new_secret())


async def set_up(visit: Visit) -> Response:
    """Take the app once its first code is right. Nobody can lock themselves out with a code that was never tried."""
    if await _has_one(visit):
        return visit.redirect(visit.url("second_factor"))
    secret = _sent_secret(visit)
    if secret is None:
        return _form(visit, totp.new_secret(), visit.words["too_old"])
    step = totp.step_of_code(secret, visit.form.get("code", ""), visit.now)
    if step is None:
        return _form(visit, secret, visit.words["wrong_code"])
    who = visit.person
    codes = await people.set_totp(
        visit.tx, visit.portal.sealer, who.user_id, secret, last_step=step, now=visit.now
    )
    await _record(visit, "second_factor_set")
    token = await sign_in.let_in(visit.tx, user_id=who.user_id, session_id=who.session_id, now=visit.now)
    visit.who = await find_session(visit.tx, token, visit.now)
    response = visit.render("codes.html", codes=codes)
    visit.portal.cookies.set_session(response, token)
    return response


async def new_codes(visit: Visit) -> Response:
    """Recovery codes anew, for whoever has the app; those from before end."""
    if not await _has_one(visit):
        return visit.redirect(visit.url("second_factor"))
    who = visit.person
    right = await people.accepts_code(
        visit.tx, visit.portal.sealer, who.user_id, visit.form.get("code", ""), visit.now
    )
    if not right:
        return visit.render("is_set.html", status=422, errors={"code": visit.words["wrong_code"]})
    codes = await people.renew_recovery_codes(visit.tx, who.user_id)
    await _record(visit, "recovery_codes_made")
    return visit.render("codes.html", codes=codes)


async def _has_one(visit: Visit) -> bool:
    return (await people.person(visit.tx, visit.person.user_id)).has_totp


def _form(visit: Visit, secret: str, error: str = "") -> Response:
    address = totp.address_of_secret(secret, visit.person.email)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    sealed = visit.portal.sealer.seal(secret, _purpose(visit))
    return visit.render(
        "set_up.html",
        status=422 if error else 200,
        errors={"code": error} if error else {},
        picture=picture,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        sealed=base64.urlsafe_b64encode(sealed).decode(),
    )


def _sent_secret(visit: Visit) -> str | None:
    """The secret that this session was shown. It comes back sealed, so nothing is kept for those who never finish."""
    try:
        sealed = base64.urlsafe_b64decode(visit.form.get("sealed", ""))
    except (binascii.Error, ValueError):
        return None
    return visit.portal.sealer.open(sealed, _purpose(visit))


def _purpose(visit: Visit) -> str:
    return f"totp being set in session {visit.person.session_id}"


async def _record(visit: Visit, action: str) -> None:
    who = visit.person
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="user",
        object_id=who.user_id,
        object_name=who.name,
        concern=Concern(user_id=who.user_id, organisation_id=who.organisation_id),
    )


PAGE = Page(
    name="second_factor",
    menu=MenuEntry(route="second_factor", order=90),
    routes=(
        Route(name="second_factor", path="/profile/second-factor", action="set_second_factor", handler=show),
        Route(
            name="set_second_factor",
            path="/profile/second-factor",
            action="set_second_factor",
            handler=set_up,
            method="POST",
        ),
        Route(
            name="new_recovery_codes",
            path="/profile/recovery-codes",
            action="set_second_factor",
            handler=new_codes,
            method="POST",
        ),
    ),
)
