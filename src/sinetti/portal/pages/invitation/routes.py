"""An invitation's link: whoever opens it sets a password, once. Whoever holds the link is the person invited."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.identity.people import people
from sinetti.identity.people.passwords import CHARACTERS_MAX, CHARACTERS_MIN, fault_of_password
from sinetti.identity.people.people import Invitation, InvitationState
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill


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
    fault = fault_of_password(password, (person.name, person.email, person.organisation_name or ""))
    if fault is not None:
        return _form(
            visit, invitation, fill(visit.words["fault"][fault], least=CHARACTERS_MIN, most=CHARACTERS_MAX)
        )
    await people.accept_invitation(visit.tx, person.user_id, _token(visit), password, visit.now)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="invitation_accepted",
        object_kind="user",
        object_id=person.user_id,
        object_name=person.name,
        concern=Concern(user_id=person.user_id, organisation_id=person.organisation_id),
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
        hint=fill(visit.words["password_hint"], least=CHARACTERS_MIN),
    )


def _over(visit: Visit, invitation: Invitation | None) -> Response:
    """Gone where there was one; a link that never was tells no more than that."""
    if invitation is None:
        return visit.render("over.html", status=404, why=visit.words["over"]["unknown"], can_sign_in=False)
    why = visit.words["over"][invitation.state.value]
    return visit.render(
        "over.html", status=410, why=why, can_sign_in=invitation.state is InvitationState.USED
    )


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
