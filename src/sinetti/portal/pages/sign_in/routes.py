"""Sign-in: address and password, then the code of an authenticator app for those who have one; and sign-out."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from sinetti.identity.people import passkeys, sign_in
from sinetti.identity.people.sessions import EndReason, Origin, end_session, find_session, why_ended
from sinetti.identity.people.sign_in import Admitted, Credentials, Refused
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.passkey_site import answer_of, site_of_visit
from sinetti.portal.routing import Page, Route
from sinetti.portal.security import safe_path
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill


async def show(visit: Visit) -> Response:
    """The form, or the way on for somebody who is signed in."""
    if visit.who is not None:
        return visit.redirect(_next(visit))
    return _form(visit, ended=await _why_ended(visit))


async def enter(visit: Visit) -> Response:
    """Judge address and password."""
    if visit.who is not None:
        return visit.redirect(_next(visit))
    email, password = visit.form.get("email", ""), visit.form.get("password", "")
    if not email.strip() or not password:
        missing = {
            name: visit.words["missing"][name]
            for name, given in (("email", email.strip()), ("password", password))
            if not given
        }
        return _form(visit, errors=missing, status=422)
    cookies = visit.portal.cookies
    given = Credentials(
        email=email,
        password=password,
        source_address=visit.actor.source_address or "",
        user_agent=visit.request.headers.get("user-agent"),
        device_token=cookies.device_token(visit.request),
    )
    outcome = await sign_in.sign_in(visit.tx, given, visit.now)
    if isinstance(outcome, Refused):
        await _record_refusal(visit, outcome, "sign_in_refused")
        return _form(visit, errors={"email": _why(visit, outcome)}, status=422, locked=outcome.lock_reason)
    await _record(visit, outcome.session_token, "signed_in")
    path = _next(visit)
    if not outcome.second_factor_done:
        path = visit.url("show_second_factor") + ("" if path == "/" else "?" + urlencode({"next": path}))
    return _admitted(visit, outcome, path)


async def enter_with_passkey(visit: Visit) -> Response:
    """Judge a passkey that its owner has unlocked: it stands for password and second factor."""
    if visit.who is not None:
        return visit.redirect(_next(visit))
    site = site_of_visit(visit)
    if site is None:
        return _form(visit, errors={"": visit.words["passkey_wrong"]}, status=422)
    outcome = await passkeys.sign_in(
        visit.tx,
        visit.portal.sealer,
        site,
        answer_of(visit),
        origin=Origin(
            source_address=visit.actor.source_address,
            user_agent=visit.request.headers.get("user-agent"),
        ),
        device_token=visit.portal.cookies.device_token(visit.request),
        now=visit.now,
    )
    if isinstance(outcome, Refused):
        await _record_refusal(visit, outcome, "passkey_refused")
        why = visit.words["passkey_wrong"]
        if outcome.wait_seconds or outcome.lock_reason:
            why = _why(visit, outcome)
        return _form(visit, errors={"": why}, status=422, locked=outcome.lock_reason)
    await _record(visit, outcome.session_token, "passkey_shown")
    return _admitted(visit, outcome, _next(visit))


async def ask_code(visit: Visit) -> Response:
    """The form for the code."""
    if visit.person.second_factor_done:
        return visit.redirect(_next(visit))
    return await _code_form(visit, {})


async def enter_code(visit: Visit) -> Response:
    """Judge the code: of the app, or a recovery code."""
    if visit.person.second_factor_done:
        return visit.redirect(_next(visit))
    typed = visit.form.get("code", "")
    if not typed.strip():
        return await _code_form(visit, {"code": visit.words["missing"]["code"]})
    outcome = await sign_in.show_second_factor(
        visit.tx,
        visit.portal.sealer,
        user_id=visit.person.user_id,
        session_id=visit.person.session_id,
        typed=typed,
        now=visit.now,
    )
    if isinstance(outcome, Refused):
        await _record_refusal(visit, outcome, "second_factor_refused")
        why = _why(visit, outcome) if outcome.wait_seconds else visit.words["wrong_code"]
        return await _code_form(visit, {"code": why})
    await _record(visit, outcome, "second_factor_shown")
    response = visit.redirect(_next(visit))
    visit.portal.cookies.set_session(response, outcome)
    return response


async def show_passkey(visit: Visit) -> Response:
    """Judge a passkey that is shown after the password."""
    if visit.person.second_factor_done:
        return visit.redirect(_next(visit))
    site = site_of_visit(visit)
    outcome: str | Refused = Refused(user_id=visit.person.user_id)
    if site is not None:
        outcome = await passkeys.show(
            visit.tx,
            visit.portal.sealer,
            site,
            answer_of(visit),
            user_id=visit.person.user_id,
            session_id=visit.person.session_id,
            now=visit.now,
        )
    if isinstance(outcome, Refused):
        await _record_refusal(visit, outcome, "passkey_refused")
        return await _code_form(visit, {"": visit.words["passkey_second_wrong"]})
    await _record(visit, outcome, "passkey_shown")
    response = visit.redirect(_next(visit))
    visit.portal.cookies.set_session(response, outcome)
    return response


async def leave(visit: Visit) -> Response:
    """End the session."""
    who = visit.person
    await end_session(
        visit.tx,
        user_id=who.user_id,
        session_id=who.session_id,
        because=EndReason.SIGNED_OUT,
        now=visit.now,
    )
    await _record_person(visit, visit.actor, who.user_id, who.name, "signed_out")
    response = visit.redirect(visit.url("sign_in"), done="signed_out")
    visit.portal.cookies.end_session(response)
    return response


def _form(
    visit: Visit,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
    ended: str | None = None,
    locked: str | None = None,
) -> Response:
    site = site_of_visit(visit)
    return visit.render(
        "sign_in.html",
        status=status,
        question=None if site is None else passkeys.ask_to_sign_in(visit.portal.sealer, site, visit.now),
        errors=errors or {},
        email=visit.form.get("email", ""),
        next=_next(visit),
        ended=ended,
        locked=locked,
    )


async def _code_form(visit: Visit, errors: dict[str, str]) -> Response:
    site, question = site_of_visit(visit), None
    if site is not None:
        question = await passkeys.ask_to_show(
            visit.tx,
            visit.portal.sealer,
            site,
            user_id=visit.person.user_id,
            session_id=visit.person.session_id,
            now=visit.now,
        )
    return visit.render(
        "code.html",
        status=422 if errors else 200,
        errors=errors,
        next=_next(visit),
        question=question,
    )


def _admitted(visit: Visit, outcome: Admitted, path: str) -> Response:
    response = visit.redirect(path)
    visit.portal.cookies.set_session(response, outcome.session_token)
    visit.portal.cookies.set_device(response, outcome.device_token)
    return response


async def _why_ended(visit: Visit) -> str | None:
    """Why somebody who was signed in finds this page: told to the browser that still has the session's token."""
    token = visit.portal.cookies.session_token(visit.request)
    because = await why_ended(visit.tx, token, visit.now) if token else None
    reasons: dict[str, str] = visit.words["ended"]
    return None if because is None else reasons.get(because)


def _next(visit: Visit) -> str:
    return safe_path(visit.form.get("next") or visit.request.query_params.get("next"))


def _why(visit: Visit, refused: Refused) -> str:
    if refused.wait_seconds:
        return fill(visit.words["wait"], seconds=refused.wait_seconds)
    if refused.lock_reason is not None:
        locked: str = visit.words["locked"]
        return locked
    wrong: str = visit.words["wrong"]
    return wrong


async def _record(visit: Visit, session_token: str, action: str) -> None:
    """Under the session that has just begun."""
    who = await find_session(visit.tx, session_token, visit.now)
    assert who is not None, "the session has just begun"
    actor = audit.Actor(
        who=who, source_address=visit.actor.source_address, transaction_id=visit.transaction_id
    )
    await _record_person(visit, actor, who.user_id, who.name, action)


async def _record_refusal(visit: Visit, refused: Refused, action: str) -> None:
    """Only where the address is somebody's: what strangers type may be anything, passwords too."""
    if refused.user_id is not None:
        await _record_person(visit, visit.actor, refused.user_id, "", action)


async def _record_person(visit: Visit, actor: audit.Actor, user_id: int, name: str, action: str) -> None:
    await audit.record(
        visit.tx,
        actor,
        visit.now,
        action=action,
        object_kind="user",
        object_id=user_id,
        object_name=name,
        concern=Concern(user_id=user_id, organisation_id=actor.who.organisation_id if actor.who else None),
    )


PAGE = Page(
    name="sign_in",
    routes=(
        Route(name="sign_in", path="/sign-in", action="sign_in", handler=show),
        Route(name="enter", path="/sign-in", action="sign_in", handler=enter, method="POST"),
        Route(
            name="enter_with_passkey",
            path="/sign-in/passkey",
            action="sign_in",
            handler=enter_with_passkey,
            method="POST",
        ),
        Route(
            name="show_second_factor",
            path="/sign-in/second-factor",
            action="show_second_factor",
            handler=ask_code,
        ),
        Route(
            name="enter_second_factor",
            path="/sign-in/second-factor",
            action="show_second_factor",
            handler=enter_code,
            method="POST",
        ),
        Route(
            name="show_passkey",
            path="/sign-in/second-factor/passkey",
            action="show_second_factor",
            handler=show_passkey,
            method="POST",
        ),
        Route(name="sign_out", path="/sign-out", action="sign_out", handler=leave, method="POST"),
    ),
)
