"""A link that sets a password, once: of an invitation, or for a forgotten password. Whoever holds it is the person."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.identity.people import people
from sinetti.identity.people.people import Invitation, InvitationState, Purpose
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.passwords import password_fault, password_hint
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit
from sinetti.rules.vocabulary import Language


async def show(visit: Visit) -> Response:
    """The form, or why there is none."""
    invitation = await _find(visit)
    if invitation is None or invitation.state is not InvitationState.OPEN:
        return _over(visit, invitation)
    return _form(visit, invitation)


async def accept(visit: Visit) -> Response:
    """Set the password."""
    invitation = await _find(visit)
    if invitation is None or invitation.state is not InvitationState.OPEN:
        return _over(visit, invitation)
    person, password = invitation.person, visit.form.get("password", "")
    if fault := password_fault(visit, person, password):
        return _form(visit, invitation, fault)
    await people.accept_invitation(visit.tx, person.user_id, _token(visit), password, visit.now)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="password_changed" if person.has_password else "invitation_accepted",
        object_kind="user",
        object_id=person.user_id,
        object_name=person.name,
        concern=Concern(user_id=person.user_id, organisation_id=person.organisation_id),
    )
    if person.has_password:
        moment = formats(Language(person.language), visit.portal.settings.zone)["moment"](visit.now)
        await visit.mail(
            to=person.email,
            language=person.language,
            key="password_changed",
            name=person.name,
            moment=moment,
        )
    response = visit.redirect(visit.url("sign_in"), done="password_set")
    # Whoever was signed in with this browser is not the one who goes on.
    visit.portal.cookies.end_session(response)
    return response


async def _find(visit: Visit) -> Invitation | None:
    invitation = await people.find_invitation(visit.tx, _token(visit), visit.now)
    return None if invitation is None or invitation.person.locked_at is not None else invitation


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["opaque_token"]
    return token


def _form(visit: Visit, invitation: Invitation, error: str = "") -> Response:
    return visit.render(
        "accept.html",
        status=422 if error else 200,
        errors={"password": error} if error else {},
        person=invitation.person,
        path=visit.request.url.path,
        hint=password_hint(visit),
        is_forgotten=invitation.purpose is Purpose.FORGOTTEN,
    )


def _over(visit: Visit, invitation: Invitation | None) -> Response:
    """Gone where there was one; a link that never was tells no more than that."""
    if invitation is None:
        return visit.render("over.html", status=404, why=visit.words["over"]["unknown"], can_sign_in=False)
    forgotten = invitation.purpose is Purpose.FORGOTTEN
    key = f"{invitation.state.value}_forgotten" if forgotten else invitation.state.value
    can_sign_in = forgotten or invitation.state is InvitationState.USED
    return visit.render("over.html", status=410, why=visit.words["over"][key], can_sign_in=can_sign_in)


PAGE = Page(
    name="invitation",
    routes=(
        Route(
            name="invitation",
            path="/invitation/{opaque_token}",
            action="accept_invitation",
            handler=show,
        ),
        Route(
            name="accept_invitation",
            path="/invitation/{opaque_token}",
            action="accept_invitation",
            handler=accept,
            method="POST",
        ),
    ),
)
