"""Forgotten password: the answer and its time are the same, whether anybody has the address or not."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from sinetti.identity.people import people
from sinetti.identity.people.sign_in import place_bucket
from sinetti.identity.people.slow_down import attempt, bucket
from sinetti.portal.pages.forgotten.task import Asked, ask
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill

FREE = 3
"""Mails to one address before it gets fewer."""


async def show(visit: Visit) -> Response:
    """The form."""
    return _form(visit, "")


async def send(visit: Visit) -> Response:
    """Have a link sent, if somebody has the address; say nothing of whether."""
    email = visit.form.get("email", "").strip()
    if not people.is_email(email):
        return _form(visit, visit.words["fault"])
    place = visit.actor.source_address or ""
    if wait := await attempt(visit.tx, [place_bucket(place)], visit.now):
        return _form(visit, fill(visit.words["wait"], seconds=wait))
    mails = bucket("forgotten", email.lower(), free=FREE, wait_max=timedelta(minutes=15))
    # Told nothing: that others ask for this address is nobody's business, and a full mailbox helps nobody.
    if not await attempt(visit.tx, [mails], visit.now):
        asked = Asked(email=email, source_address=visit.actor.source_address)
        await ask(visit.tx, visit.portal.sealer, asked)
    return visit.render("sent.html")


def _form(visit: Visit, error: str) -> Response:
    return visit.render(
        "forgotten.html",
        status=422 if error else 200,
        errors={"email": error} if error else {},
        email=visit.form.get("email", ""),
    )


PAGE = Page(
    name="forgotten",
    routes=(
        Route(name="forgotten", path="/sign-in/forgotten", action="ask_new_password", handler=show),
        Route(
            name="ask_new_password",
            path="/sign-in/forgotten",
            action="ask_new_password",
            handler=send,
            method="POST",
        ),
    ),
)
