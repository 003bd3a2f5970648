"""Another mail address for oneself: the present password asks for it, and a link sent to it lets it count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from sinetti.identity.people import email_change, people, sign_in
from sinetti.identity.people.email_change import LINK_HOURS, Wanted
from sinetti.identity.people.model import Person
from sinetti.identity.people.sign_in import Refused
from sinetti.identity.people.slow_down import attempt, bucket
from sinetti.kit.problems import Problem
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.vocabulary import Language

FREE = 3
"""Mails that somebody may have sent before there are fewer: they go to addresses that nobody has confirmed."""


async def show(visit: Visit) -> Response:
    """The form."""
    return await _form(visit, {})


async def send(visit: Visit) -> Response:
    """Send the link, for whoever knows the present password. That somebody else has the address is not told here."""
    asking = await people.person(visit.tx, visit.person.user_id)
    email = visit.form.get("email", "").strip()
    if not people.is_email(email):
        return await _form(visit, {"email": visit.words["fault"]["email"]})
    if email == asking.email:
        return await _form(visit, {"email": visit.words["fault"]["same"]})
    shown = await sign_in.shows_password(visit.tx, asking.user_id, visit.form.get("present", ""), visit.now)
    if isinstance(shown, Refused):
        return await _form(visit, {"present": fill(visit.words["wait"], seconds=shown.wait_seconds)})
    if not shown:
        return await _form(visit, {"present": visit.words["fault"]["present"]})
    mails = bucket("email_change", str(asking.user_id), free=FREE, wait_max=timedelta(minutes=15))
    if wait := await attempt(visit.tx, [mails], visit.now):
        return await _form(visit, {"email": fill(visit.words["wait"], seconds=wait)})
    token = email_change.ask(visit.portal.sealer, asking, email, visit.now)
    await visit.mail(
        to=email,
        language=asking.language,
        key="confirm",
        path=visit.url("confirm_email", opaque_token=token),
        name=asking.name,
        before=asking.email,
        after=email,
        hours=LINK_HOURS,
    )
    return visit.render("sent.html", email=email, hours=LINK_HOURS)


async def ask_confirmation(visit: Visit) -> Response:
    """What the link would do. Following a link changes nothing yet: programs that look at mail follow links, too."""
    _, wanted = await _wanted(visit)
    return visit.render("confirm.html", status=200 if wanted else 404, wanted=wanted, errors={})


async def confirm(visit: Visit) -> Response:
    """Let the new address count, and tell the one before."""
    changing, wanted = await _wanted(visit)
    if wanted is None:
        return visit.render("confirm.html", status=404, wanted=None, errors={})
    try:
        changed = await email_change.confirm(visit.tx, changing.user_id, wanted, visit.now)
    except Problem as problem:
        if problem.key != "person-email-taken":
            raise
        return visit.render(
            "confirm.html", status=409, wanted=wanted, errors={"email": visit.words["fault"]["taken"]}
        )
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="email_changed",
        object_kind="user",
        object_id=changed.user_id,
        object_name=changed.name,
        concern=Concern(user_id=changed.user_id, organisation_id=changed.organisation_id),
        old={"email": wanted.before},
        new={"email": wanted.after},
    )
    await visit.mail(
        to=wanted.before,
        language=changed.language,
        key="changed",
        name=changed.name,
        moment=formats(Language(changed.language), visit.portal.settings.zone)["moment"](visit.now),
        after=wanted.after,
    )
    return visit.redirect(visit.url("profile"), done="changed")


async def _wanted(visit: Visit) -> tuple[Person, Wanted | None]:
    reader = await people.person_for_change(visit.tx, visit.person.user_id)
    token = visit.request.path_params["opaque_token"]
    return reader, email_change.read(visit.portal.sealer, reader, token, visit.now)


async def _form(visit: Visit, errors: Mapping[str, str]) -> Response:
    asking = await people.person(visit.tx, visit.person.user_id)
    return visit.render(
        "ask.html",
        status=422 if errors else 200,
        errors=errors,
        now_at=asking.email,
        email=visit.form.get("email", ""),
        hours=LINK_HOURS,
    )


PAGE = Page(
    name="own_email",
    routes=(
        Route(name="ask_email", path="/profile/email", action="change_email", handler=show),
        Route(
            name="send_email_link", path="/profile/email", action="change_email", handler=send, method="POST"
        ),
        Route(
            name="confirm_email",
            path="/profile/email/{opaque_token}",
            action="change_email",
            handler=ask_confirmation,
        ),
        Route(
            name="change_email",
            path="/profile/email/{opaque_token}",
            action="change_email",
            handler=confirm,
            method="POST",
        ),
    ),
)
