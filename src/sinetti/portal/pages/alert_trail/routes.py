"""The trail of an alert's pack. The alert is the ground on which the operator reads it; the ground is recorded before
anything is shown (ADR 0019). Opening the page shows nothing of the trail: only the form that records the ground does.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.alerts import cases
from sinetti.alerts.model import AlertFile
from sinetti.alerts.reading import TRAIL_EVENTS_MAX, read_view
from sinetti.identity.people.model import PeopleRole
from sinetti.portal.grounds import AuthorityPurpose, record_trail_read, trail_words
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.alerts.vocabulary import Refusal

PURPOSE_CHARACTERS_MAX = 200


async def show_form(visit: Visit) -> Response:
    """Ask for the ground. Nothing of the trail is here yet."""
    return _page(visit, await _file(visit))


async def read(visit: Visit) -> Response:
    """Record the ground in the case and in the audit, then show the trail."""
    file, change = await _file(visit), change_of(visit)
    ground = _ground(visit, file)
    if not isinstance(ground, str):
        return _page(visit, file, errors=ground)
    done = await cases.note_trail_read(visit.tx, change, file.reference, ground)
    assert not isinstance(done, Refusal), "the permission lets in only parties that may read"
    await record_trail_read(
        visit.tx,
        visit.actor,
        visit.now,
        product_code=file.product_code,
        serial_number=file.serial_number,
        ground=ground,
    )
    market = visit.portal.settings.market
    view = await read_view(visit.tx, visit.rules.alerts, market, change.doer, done, with_trail=True)
    return _page(visit, file, ground=ground, trail=view.pack_trail)


def _page(
    visit: Visit, file: AlertFile, *, errors: Mapping[str, str] | None = None, **shown: object
) -> Response:
    return visit.render(
        "trail.html",
        status=422 if errors else 200,
        errors=errors or {},
        file=file,
        form=visit.form,
        purposes=_purposes(visit),
        **{"ground": None, "trail": (), **shown},
        events_max=TRAIL_EVENTS_MAX,
        **trail_words(visit),
    )


def _inspects(visit: Visit) -> bool:
    return visit.person.role is PeopleRole.AUTHORITY_INSPECTOR


def _purposes(visit: Visit) -> list[tuple[str, str, str]]:
    """What the authority chooses from; the operator has one ground, which is the alert."""
    if not _inspects(visit):
        return []
    names, means = visit.words["purpose"], visit.words["purpose_means"]
    return [(purpose.value, names[purpose], means[purpose]) for purpose in AuthorityPurpose]


def _ground(visit: Visit, file: AlertFile) -> str | dict[str, str]:
    """The ground as case and audit keep it, the same in every language, or what is wrong with the form."""
    more = " ".join(visit.form.get("reference", "").split())
    errors = {}
    if len(more) > PURPOSE_CHARACTERS_MAX or not more.isprintable():
        errors["reference"] = fill(visit.words["fault"]["reference"], most=PURPOSE_CHARACTERS_MAX)
    article, about = "38(2)", "alert" if file.alert_id else "asked for by the user about"
    if _inspects(visit):
        purpose = visit.form.get("purpose")
        if purpose not in set(AuthorityPurpose):
            errors["purpose"] = visit.words["fault"]["purpose"]
        article = f"39({purpose})"
    elif file.alert_id is None and not more:
        # A refusal is no flagged incident: that somebody asked for it is the ground, and it is said who.
        errors["reference"] = visit.words["fault"]["who_asked"]
    return errors or f"Art. {article}, {about} {file.reference}{f', {more}' if more else ''}"


async def _file(visit: Visit) -> AlertFile:
    return await cases.own_file(visit.tx, change_of(visit).doer, visit.request.path_params["alert_id"])


_PATH = "/alerts/{alert_id}/trail"

PAGE = Page(
    name="alert_trail",
    routes=(
        Route(
            name="alert_trail",
            path=_PATH,
            action="read_alert_trail",
            handler=show_form,
            concern=owners.of_alert,
        ),
        Route(
            name="read_alert_trail",
            path=_PATH,
            action="read_alert_trail",
            handler=read,
            method="POST",
            concern=owners.of_alert,
        ),
    ),
)
