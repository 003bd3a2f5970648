"""Notices about a suspected or confirmed falsification: composed from the alert, with words of the company's own."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.alerts.files import find_file
from sinetti.alerts.model import AlertFile
from sinetti.nmvs.trail import find_product
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.formats import expiry_text
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.pages.chain_notices import store
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill, page_words
from sinetti.rules.alerts.vocabulary import Classification
from sinetti.rules.chain_notices import Recipients, recipients_at
from sinetti.rules.vocabulary import Language

ADDITION_CHARACTERS_MAX = 2000


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
    may = recipients_at(visit.rules.chain_notices, file.classification)
    chosen = [kind for kind in may if kind.value in visit.form_lists.get("recipients", [])]
    addition = visit.form.get("addition", "").strip()
    fault, errors = visit.words["fault"], dict[str, str]()
    if not may:
        errors[""] = fault["no_suspicion"]
    elif not chosen:
        errors["recipients"] = fault["recipients"]
    if len(addition) > ADDITION_CHARACTERS_MAX:
        errors["addition"] = fill(fault["too_long"], most=ADDITION_CHARACTERS_MAX)
    if errors:
        return await _form(visit, file, errors)
    before = await form_keys.use(visit)
    if before is not None:
        return visit.redirect(before)
    people = await store.addressees(visit.tx, chosen)
    await store.add_notice(visit.tx, change, file, chosen, addition, len(people))
    product = await _product(visit, file)
    for one in people:
        words = page_words(visit.page, Language(one.language))
        await visit.mail(
            to=one.email,
            language=one.language,
            key="authority" if one.is_authority else "chain",
            path=visit.url("alert", alert_id=file.reference) if one.is_authority else visit.url("start"),
            **_facts(file, product, Language(one.language)),
            alert=file.reference,
            **_sentences(words, file.classification),
            addition=addition or words["no_addition"],
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
        new={"recipients": [kind.value for kind in chosen], "people": len(people)},
        reason=addition or None,
    )
    path = visit.url("chain_notices")
    await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="sent")


async def _form(visit: Visit, file: AlertFile, errors: Mapping[str, str]) -> Response:
    words, may = visit.words, recipients_at(visit.rules.chain_notices, file.classification)
    values = {
        **_facts(file, await _product(visit, file), visit.language),
        **_sentences(words, file.classification),
    }
    letter = words["mail"]["chain"]
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        reference=file.reference,
        choices=[(kind.value, words["recipients"][kind]) for kind in may],
        chosen=visit.form_lists.get(
            "recipients", [kind.value for kind in may if kind is Recipients.AUTHORITY]
        ),
        subject=fill(letter["subject"], **values) if may else "",
        # The last paragraph is the addition, which the form has a field for.
        paragraphs=[fill(text, **values) for text in letter["paragraphs"][:-1]] if may else [],
        most=ADDITION_CHARACTERS_MAX,
        form=visit.form,
    )


def _facts(file: AlertFile, product: str, language: Language) -> dict[str, str]:
    """What the notice tells of the alert. No serial number, no place: mail is read on the way, and kept for years."""
    return {
        "product": product,
        "product_code": file.product_code,
        "batch": file.batch or "–",
        "expiry": expiry_text(file.expiry, language),
    }


def _sentences(words: Mapping[str, Mapping[str, str]], classification: Classification) -> dict[str, str]:
    if classification is Classification.POTENTIAL_SUSPICION:
        return {}
    return {"what": words["what"][classification], "todo": words["todo"][classification]}


async def _product(visit: Visit, file: AlertFile) -> str:
    product = await find_product(visit.tx, file.product_code)
    return file.product_code if product is None else product.name


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
