"""The authenticator app: set up, turned off, and the recovery codes that stand in for it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import segno
from starlette.responses import Response

from sinetti.identity.people import people, totp
from sinetti.identity.people.passkeys import passkeys_of
from sinetti.portal.pages.second_factor.own import (
    asks_password,
    fault_of_password,
    go_on_whole,
    is_needed,
    own,
    own_for_change,
    tell,
)
from sinetti.portal.visit import Visit


async def show(visit: Visit) -> Response:
    """What is set up and what can be done about it, or, where nothing is, how it is set up."""
    if (await own(visit)).has_second_factor:
        return await overview(visit, {})
    return _form(visit, totp.new_secret(), {})


async def ask(visit: Visit) -> Response:
    """The QR code, for somebody who has a passkey already."""
    if (await own(visit)).has_totp:
        return visit.redirect(visit.url("second_factor"))
    return _form(visit, totp.new_secret(), {})


async def set_up(visit: Visit) -> Response:
    """Take the app once its first code is right. Nobody can lock themselves out with a code that was never tried."""
    person = await own_for_change(visit)
    if person.has_totp:
        return visit.redirect(visit.url("second_factor"))
    secret = _sent_secret(visit)
    if secret is None:
        return _form(visit, totp.new_secret(), {"code": visit.words["too_old"]})
    step = totp.step_of_code(secret, visit.form.get("code", ""), visit.now)
    if step is None:
        return _form(visit, secret, {"code": visit.words["wrong_code"]})
    if fault := await fault_of_password(visit):
        return _form(visit, secret, {"password": fault})
    codes = await people.set_totp(
        visit.tx, visit.portal.sealer, person.user_id, secret, last_step=step, now=visit.now
    )
    await tell(visit, person, "second_factor_set")
    token = await go_on_whole(visit)
    response = visit.render("codes.html", codes=codes)
    visit.portal.cookies.set_session(response, token)
    return response


async def ask_off(visit: Visit) -> Response:
    """Say what it means."""
    return await _off_form(visit, {})


async def turn_off(visit: Visit) -> Response:
    """Ask for no code any more, where the role lets one or a passkey is left."""
    person = await own_for_change(visit)
    if not person.has_totp:
        return visit.redirect(visit.url("second_factor"))
    if is_needed(person, app=False, passkeys=len(await passkeys_of(visit.tx, person.user_id))):
        return await _off_form(visit, {"password": visit.words["is_needed"]})
    if fault := await fault_of_password(visit):
        return await _off_form(visit, {"password": fault})
    await people.turn_off_totp(visit.tx, person.user_id)
    await tell(visit, person, "app_turned_off")
    return visit.redirect(visit.url("second_factor"), done="app_turned_off")


async def new_codes(visit: Visit) -> Response:
    """Recovery codes anew; those from before end."""
    person = await own_for_change(visit)
    if not person.has_second_factor:
        return visit.redirect(visit.url("second_factor"))
    if fault := await fault_of_password(visit):
        return await overview(visit, {"password": fault})
    codes = await people.renew_recovery_codes(visit.tx, person.user_id)
    await tell(visit, person, "recovery_codes_made")
    return visit.render("codes.html", codes=codes)


async def overview(visit: Visit, errors: Mapping[str, str]) -> Response:
    """What is set up."""
    person = await own(visit)
    return visit.render(
        "is_set.html",
        status=422 if errors else 200,
        errors=errors,
        person=person,
        passkeys=await passkeys_of(visit.tx, person.user_id),
    )


async def _off_form(visit: Visit, errors: Mapping[str, str]) -> Response:
    return visit.render("turn_off.html", status=422 if errors else 200, errors=errors)


def _form(visit: Visit, secret: str, errors: Mapping[str, str]) -> Response:
    address = totp.address_of_secret(secret, visit.person.email)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    sealed = visit.portal.sealer.seal(secret, _purpose(visit))
    return visit.render(
        "set_up.html",
        status=422 if errors else 200,
        errors=errors,
        picture=picture,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        sealed=base64.urlsafe_b64encode(sealed).decode(),
        asks_password=asks_password(visit),
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
