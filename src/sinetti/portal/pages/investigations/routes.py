"""The request for investigation of an end user, begun at an alert, at a refusal without one, or at the pack itself.

What is asked comes in a form and goes out in its answer: no serial number stands in an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.responses import Response

from sinetti.alerts.investigations import (
    Attempt,
    attempts_with_pack,
    find_attempt,
    recent_refusals,
    request_investigation,
)
from sinetti.alerts.register import is_set_aside
from sinetti.gs1.explain import explain
from sinetti.gs1.identifiers import is_batch, is_serial_number
from sinetti.gs1.parse import parse_scan
from sinetti.gs1.scan import Scan
from sinetti.kit.problems import Problem
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.pack_codes import PackCode, read_expiry, read_pack_code
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.alerts.vocabulary import Refusal

WORDS_CHARACTERS_MAX: Final = 2000
FIELDS: Final = ("product_code", "batch", "serial_number", "expiry", "alert", "question")
"""What NMVO-0048 v5.0 §6.1 demands, in its order; the photo is added on the alert's page."""
_ON_PACK: Final = ("product_code", "batch", "serial_number", "expiry")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request that holds all it must."""

    scheme: str
    product_code: str
    batch: str
    serial_number: str
    expiry: str
    alert: str
    question: str


async def show_form(visit: Visit) -> Response:
    """The form: filled in where `?about=` names an own attempt, else with the attempts that it may be about."""
    reference = visit.request.query_params.get("about", "")
    if not reference:
        return await _form(visit, {}, {}, None)
    attempt = await _attempt(visit, reference)
    code = visit.rules.codes[attempt.operation_code]
    text = code.texts[visit.language] if code.texts else None
    kind = visit.rules.alerts.kinds[attempt.operation_code]
    values = {
        "product_code": attempt.product_code,
        "batch": attempt.batch or "",
        "serial_number": attempt.serial_number,
        "expiry": attempt.expiry or "",
        "alert": f"{attempt.operation_code} {text.message if text else ''}".strip(),
        "question": visit.words["usual_question"][kind.value],
    }
    return await _form(visit, values, {}, attempt)


async def ask(visit: Visit) -> Response:
    """Fill the fields from a scanned code, show the request as text, or send it."""
    about = visit.form.get("about", "")
    attempt = await _attempt(visit, about) if about else None
    values = {name: visit.form.get(name, "").strip() for name in FIELDS}
    scanned = parse_scan(visit.form.get("product_code", ""))
    if scanned.elements and scanned.product_code is not None:
        return await _fill_in(visit, values, scanned, attempt)
    asked = _read(visit, values)
    if not isinstance(asked, Asked):
        return await _form(visit, values, asked, attempt)
    if not {"send", "as_text"} & visit.form.keys():
        return await _form(visit, values, {}, attempt, note="whole")
    if attempt is None:
        found = await attempts_with_pack(
            visit.tx,
            visit.rules.alerts,
            change_of(visit).doer,
            visit.now,
            scheme=asked.scheme,
            product_code=asked.product_code,
            serial_number=asked.serial_number,
        )
        if len(found) != 1 or found[0].serial_number != asked.serial_number:
            return await _which(visit, values, asked, found)
        attempt = found[0]
    if "as_text" in visit.form:
        text = await _text(visit, asked, attempt, signed=True)
        return visit.render("text.html", text=text, about=about)
    return await _send(visit, values, asked, attempt)


async def _fill_in(
    visit: Visit, values: Mapping[str, str], scanned: Scan, attempt: Attempt | None
) -> Response:
    """The form with what the code says. A scanner ends with Enter, which presses the first button: it sends nothing."""
    if scanned.fatal is not None:
        why = str(explain(scanned.fatal, visit.language))
        return await _form(visit, values, {"product_code": why}, attempt)
    read = {name: getattr(scanned, name) or values[name] for name in _ON_PACK}
    return await _form(visit, {**values, **read}, {}, attempt, note="filled")


async def _send(visit: Visit, values: Mapping[str, str], asked: Asked, attempt: Attempt) -> Response:
    path = f"{visit.url('alert', alert_id=attempt.reference)}#photos"
    before = await form_keys.use(visit)
    if before is not None:
        return visit.redirect(before, done="asked")
    done = await request_investigation(
        visit.tx, change_of(visit), attempt, await _text(visit, asked, attempt, signed=False)
    )
    if isinstance(done, Refusal):
        await form_keys.forget(visit)
        why = visit.rules.alerts.words[visit.language]("refusal", done)
        return await _form(visit, values, {"": why}, attempt)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="investigation_asked",
        object_kind="pack",
        object_id=done.reference,
        object_name=done.reference,
        concern=Concern(organisation_id=done.organisation_id, location_id=done.location_id),
    )
    await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="asked")


async def _attempt(visit: Visit, reference: str) -> Attempt:
    """The person's own attempt of this reference; what is another's is not there."""
    found = await find_attempt(visit.tx, visit.rules.alerts, change_of(visit).doer, reference, visit.now)
    if found is None:
        raise Problem("page-missing", 404)
    return found


async def _form(
    visit: Visit,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    attempt: Attempt | None,
    *,
    note: str = "",
) -> Response:
    begun = bool(values) or attempt is not None
    doer = change_of(visit).doer
    refusals = [] if begun else await recent_refusals(visit.tx, visit.rules.alerts, doer, visit.now)
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        values={name: values.get(name, "") for name in FIELDS},
        attempt=attempt,
        note=note,
        refusals=refusals,
        message_of=_messages(visit),
    )


async def _which(visit: Visit, values: Mapping[str, str], asked: Asked, found: list[Attempt]) -> Response:
    """Which of several attempts is meant; where there is none, the request goes another way, as text."""
    return visit.render(
        "which.html",
        status=200 if found else 422,
        values=values,
        found=found,
        wants_text="as_text" in visit.form,
        text=await _text(visit, asked, None, signed=True),
        message_of=_messages(visit),
    )


def _messages(visit: Visit) -> Mapping[str, str]:
    """What the system said, by operation code."""
    return {
        code: rules.texts[visit.language].message
        for code in visit.rules.alerts.kinds
        if (rules := visit.rules.codes[code]).texts
    }


def _read(visit: Visit, values: Mapping[str, str]) -> Asked | dict[str, str]:
    """What is asked, or what is wrong at each field."""
    fault, errors = visit.words["fault"], dict[str, str]()
    code: PackCode = read_pack_code(values["product_code"])
    if code.fault is not None:
        errors["product_code"] = fill(
            common_words(visit.language)["product_code_fault"][code.fault], expected=code.expected
        )
    if not is_batch(values["batch"], code.scheme):
        errors["batch"] = fault["batch" if values["batch"] else "batch_missing"]
    if not is_serial_number(values["serial_number"], code.scheme):
        errors["serial_number"] = fault["serial_number" if values["serial_number"] else "serial_missing"]
    expiry = read_expiry(values["expiry"])
    if expiry is None:
        errors["expiry"] = fault["expiry" if values["expiry"] else "expiry_missing"]
    for name in ("alert", "question"):
        if not values[name]:
            errors[name] = fault[f"{name}_missing"]
        elif len(values[name]) > WORDS_CHARACTERS_MAX // (4 if name == "alert" else 1):
            errors[name] = fill(fault["too_long"], most=WORDS_CHARACTERS_MAX // (4 if name == "alert" else 1))
    if errors or expiry is None:
        return {name: errors[name] for name in FIELDS if name in errors}
    return Asked(
        scheme=code.scheme,
        product_code=code.product_code,
        batch=values["batch"],
        serial_number=values["serial_number"],
        expiry=expiry,
        alert=values["alert"],
        question=values["question"],
    )


async def _text(visit: Visit, asked: Asked, attempt: Attempt | None, *, signed: bool) -> str:
    """The request in plain text. Only the copy that the user sends by other ways says who asks: a message in the case
    is anonymous between end user and MAH. That the pack is kept apart is said where the register has it, and not else.
    """
    said = visit.words["text"]
    lines = [said["title"], ""]
    for name in _ON_PACK:
        sent = getattr(attempt, name) if attempt is not None else getattr(asked, name)
        value = getattr(asked, name)
        differs = "" if sent == value else f" ({fill(said['sent'], value=sent or '–')})"
        lines.append(f"{said[name]}: {value}{differs}")
    if attempt is not None:
        lines.append(f"{said['reference']}: {attempt.reference}")
        # Whoever looks for it in another country has another clock.
        here = formats(visit.language, visit.portal.settings.zone)["moment"](attempt.recorded_at)
        lines.append(f"{said['time']}: {here} ({attempt.recorded_at:%Y-%m-%d %H:%M:%S} UTC)")
    lines += [f"{said['alert']}: {asked.alert}", f"{said['question']}: {asked.question}", ""]
    if attempt is not None:
        kept = await is_set_aside(visit.tx, attempt.product_id, attempt.serial_number, attempt.location_id)
        lines.append(said["set_aside" if kept else "not_set_aside"])
    lines.append(said["no_return"])
    if signed:
        place = [] if attempt is None else [attempt.location_name]
        lines += ["", ", ".join([visit.person.name, *place])]
    return "\n".join(lines)


PAGE = Page(
    name="investigations",
    menu=MenuEntry(route="new_investigation", group=MenuGroup.INVESTIGATION, order=40),
    routes=(
        Route(
            name="new_investigation",
            path="/investigations/new",
            action="ask_investigation",
            handler=show_form,
        ),
        Route(
            name="ask_investigation",
            path="/investigations/new",
            action="ask_investigation",
            handler=ask,
            method="POST",
        ),
    ),
)
