"""Notices about a suspected or confirmed falsification: composed from the alert, with words of the company's own."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.alerts import chain_notices
from sinetti.alerts.chain_notices import ADDITION_CHARACTERS_MAX, NoticeFault, decide_notice
from sinetti.alerts.files import find_file
from sinetti.alerts.model import AlertFile
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.pages.chain_notices import store
from sinetti.portal.pages.chain_notices.letters import mail_chain_notice, product_name, text_of_notice
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.chain_notices import Recipients, recipients_at

_AT = {NoticeFault.RECIPIENTS: "recipients", NoticeFault.TOO_LONG: "addition"}


async def show_list(visit: Visit) -> Response:
    """What was sent, the latest first."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        descending=True,
    )
    return visit.render(
        "list.html",
        list=await store.list_notices(visit.tx, query, visit.reach, visit.language.value),
        said=visit.rules.alerts.words[visit.language],
        company_shown=visit.reach.everything,
    )


async def show_form(visit: Visit) -> Response:
    """The notice as it would go out, and to whom it may."""
    return await _form(visit, await _file(visit), {})


async def send(visit: Visit) -> Response:
    """Send it to everybody of the chosen kinds, each once, and write that down."""
    file, change = await _file(visit), change_of(visit)
    wanted, addition = visit.form_lists.get("recipients", []), visit.form.get("addition", "").strip()
    decided = decide_notice(change, file, wanted, addition)
    if isinstance(decided, NoticeFault):
        words = fill(visit.words["fault"][decided.value], most=ADDITION_CHARACTERS_MAX)
        return await _form(visit, file, {_AT.get(decided, ""): words})
    before = await form_keys.use(visit)
    if before is not None:
        return visit.redirect(before)
    done = await chain_notices.send(visit.tx, change, file, wanted, addition)
    assert not isinstance(done, NoticeFault), "it was decided just now, of the locked alert"
    product = await product_name(visit.tx, file)
    await mail_chain_notice(
        visit.tx, visit.portal.sealer, visit.portal.settings, file, product, done, visit.now
    )
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="chain_notice_sent",
        object_kind="chain_notice",
        object_id=file.reference,
        object_name=f"{file.product_code} {file.batch or ''}".strip(),
        concern=Concern(organisation_id=visit.person.organisation_id),
        new={"recipients": [kind.value for kind in done.recipients], "people": len(done.people)},
        reason=addition or None,
    )
    path = visit.url("chain_notices")
    await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="sent")


async def _form(visit: Visit, file: AlertFile, errors: Mapping[str, str]) -> Response:
    words, may = visit.words, recipients_at(visit.rules.chain_notices, file.classification)
    subject, paragraphs = text_of_notice(file, await product_name(visit.tx, file), visit.language)
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        reference=file.reference,
        choices=[(kind.value, words["recipients"][kind]) for kind in may],
        chosen=visit.form_lists.get(
            "recipients", [kind.value for kind in may if kind is Recipients.AUTHORITY]
        ),
        subject=subject,
        # The addition, which the form has a field for, comes behind them.
        paragraphs=paragraphs,
        most=ADDITION_CHARACTERS_MAX,
        form=visit.form,
    )


async def _file(visit: Visit) -> AlertFile:
    file = await find_file(
        visit.tx, visit.request.path_params["alert_id"], lock=visit.request.method == "POST"
    )
    assert file is not None, "the concern of the route has found it"
    return file


PAGE = Page(
    name="chain_notices",
    menu=MenuEntry(route="chain_notices", group=MenuGroup.INVESTIGATION, order=54),
    routes=(
        Route(name="chain_notices", path="/chain-notices", action="see_chain_notices", handler=show_list),
        Route(
            name="new_chain_notice",
            path="/alerts/{alert_id}/notice",
            action="send_chain_notice",
            handler=show_form,
            concern=owners.of_alert,
        ),
        Route(
            name="send_chain_notice",
            path="/alerts/{alert_id}/notice",
            action="send_chain_notice",
            handler=send,
            method="POST",
            concern=owners.of_alert,
        ),
    ),
)
