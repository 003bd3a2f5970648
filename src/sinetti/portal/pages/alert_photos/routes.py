"""Photos of packs, from the page of an alert or from a telephone that the QR code on the screen has opened."""

from __future__ import annotations

from uuid import UUID

import segno
from starlette.responses import Response

from sinetti.alerts import photo_cases
from sinetti.alerts.files import Change, find_file
from sinetti.alerts.model import AlertFile
from sinetti.alerts.photo_cases import LINK_MINUTES
from sinetti.gs1.explain import explain
from sinetti.gs1.images import IMAGE_BYTES_MAX, ImageRefusedError
from sinetti.identity.people.model import PeopleRole
from sinetti.kit.problems import Problem
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.grounds import AuthorityPurpose
from sinetti.portal.pages.alerts.showing import change_of, show_alert
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import Refusal


async def add(visit: Visit) -> Response:
    """Add the photos that were chosen. What is no photo is said at the field, and none is kept then."""
    file = await _file(visit)
    change = change_of(visit)
    refused = await _take(visit, change, file, by_link=False)
    if refused is not None:
        return await show_alert(visit, change, file, {"photo": refused})
    return visit.redirect(f"{visit.url('alert', alert_id=file.reference)}#photos", done="photo_kept")


async def show_picture(visit: Visit) -> Response:
    """The picture, made anew from the pixels; `?small` for lists."""
    file = await _file(visit)
    content = await photo_cases.picture(
        visit.tx, file.key, _photo_id(visit), small="small" in visit.request.query_params
    )
    if content is None:
        raise Problem("page-missing", 404)
    return Response(content, media_type="image/jpeg", headers={"Content-Disposition": "inline"})


async def fetch_original(visit: Visit) -> Response:
    """The file as it came, to be kept and examined: never opened by the browser, and recorded."""
    file = await _file(visit)
    found = await photo_cases.original(visit.tx, file.key, _photo_id(visit))
    if found is None:
        raise Problem("page-missing", 404)
    is_inspector = visit.person.role is PeopleRole.AUTHORITY_INSPECTOR
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="original_photo_fetched",
        object_kind="pack",
        object_id=file.reference,
        object_name=file.reference,
        concern=Concern(organisation_id=file.organisation_id, location_id=file.location_id),
        new={"sha256": found.sha256},
        ground=f"Art. 39({AuthorityPurpose.A})" if is_inspector else None,
    )
    name = f"{file.reference}-{found.sha256[:12]}.original"
    return Response(
        found.content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def make_link(visit: Visit) -> Response:
    """A QR code that opens the camera page on a telephone."""
    file = await _file(visit)
    token = await photo_cases.make_link(visit.tx, change_of(visit), file)
    if isinstance(token, Refusal):
        raise Problem("page-not-yours", 403)
    base = visit.portal.settings.portal_url or str(visit.request.base_url).rstrip("/")
    address = f"{base}{visit.url('photo_by_link', opaque_token=token)}"
    picture = segno.make(address, error="m").svg_data_uri(scale=6, border=4, dark="#000", light="#fff")
    return visit.render(
        "link.html", alert_id=file.reference, address=address, picture=picture, minutes=LINK_MINUTES
    )


async def show_camera(visit: Visit) -> Response:
    """The camera page. It tells nothing of the alert: whoever finds the telephone learns nothing."""
    if await photo_cases.of_link(visit.tx, _token(visit), visit.now) is None:
        return visit.render("over.html", status=404)
    return visit.render("camera.html", path=visit.request.url.path, errors={}, taken=0)


async def take_by_link(visit: Visit) -> Response:
    """Add the photo that the telephone took, and offer to take another."""
    found = await photo_cases.of_link(visit.tx, _token(visit), visit.now)
    if found is None:
        return visit.render("over.html", status=404)
    file, doer = found
    change = Change(rules=visit.rules, doer=doer, now=visit.now)
    refused = await _take(visit, change, file, by_link=True)
    errors = {} if refused is None else {"photo": refused}
    return visit.render(
        "camera.html",
        status=422 if refused else 200,
        path=visit.request.url.path,
        errors=errors,
        taken=0 if refused else len(visit.files),
    )


async def _take(visit: Visit, change: Change, file: AlertFile, *, by_link: bool) -> str | None:
    """Take in every photo of the form; the reason where one is refused, and then none of them is kept."""
    if not visit.files:
        return str(visit.words["fault"]["none"])
    client = visit.request.client
    async with visit.tx.transaction() as together:
        for sent in visit.files:
            try:
                done = await photo_cases.add_photo(
                    visit.tx,
                    change,
                    file,
                    sent.content,
                    by_link=by_link,
                    source_address=client.host if client else None,
                )
            except ImageRefusedError as refused:
                together.force_rollback = True
                return str(explain(refused.finding, visit.language))
            if isinstance(done, Refusal) and done is not Refusal.ALREADY_SO:
                together.force_rollback = True
                return visit.rules.alerts.words[visit.language]("refusal", done)
    return None


async def _file(visit: Visit) -> AlertFile:
    file = await find_file(visit.tx, visit.request.path_params["alert_id"])
    assert file is not None, "the concern of the route has found it"
    return file


def _photo_id(visit: Visit) -> UUID:
    photo_id: UUID = visit.request.path_params["photo_id"]
    return photo_id


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["opaque_token"]
    return token


_ONE = "/alerts/{alert_id}/photos/{photo_id:uuid}"
_BY_LINK = "/photo/{opaque_token}"

PAGE = Page(
    name="alert_photos",
    routes=(
        Route(
            name="add_alert_photo",
            path="/alerts/{alert_id}/photos",
            action="add_alert_photo",
            handler=add,
            method="POST",
            concern=owners.of_alert,
            file_bytes_max=IMAGE_BYTES_MAX,
        ),
        Route(
            name="alert_photo",
            path=_ONE,
            action="see_alert_photo",
            handler=show_picture,
            concern=owners.of_alert,
            is_page=False,
        ),
        Route(
            name="original_alert_photo",
            path=f"{_ONE}/original",
            action="fetch_original_photo",
            handler=fetch_original,
            concern=owners.of_alert,
            is_page=False,
        ),
        Route(
            name="make_photo_link",
            path="/alerts/{alert_id}/photo-link",
            action="add_alert_photo",
            handler=make_link,
            method="POST",
            concern=owners.of_alert,
        ),
        Route(name="photo_by_link", path=_BY_LINK, action="take_photo_by_link", handler=show_camera),
        Route(
            name="take_photo_by_link",
            path=_BY_LINK,
            action="take_photo_by_link",
            handler=take_by_link,
            method="POST",
            file_bytes_max=IMAGE_BYTES_MAX,
        ),
    ),
)
