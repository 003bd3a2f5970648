"""Reading a pack's trail. Who reads says on which ground; ground and pack are in the audit before anything is shown.

What the reader asked for comes in a form and goes out in its answer, so that no serial number stands in an address:
addresses end in logs and in the browser's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec
from starlette.responses import Response

from sinetti.gs1.identifiers import is_serial_number
from sinetti.identity.people.model import PeopleRole
from sinetti.nmvs.trail import EVENTS_MAX, find_alerted, read_trail
from sinetti.portal.grounds import AuthorityPurpose, record_trail_read, trail_words
from sinetti.portal.pack_codes import read_pack_code
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill

REFERENCE_CHARACTERS_MAX = 200


class Ground(StrEnum):
    """Why somebody may read. The last three are the authority's (Regulation Art. 39)."""

    ALERT = "alert"
    CONSENT = "consent"
    PURPOSE_A = AuthorityPurpose.A.value
    PURPOSE_B = AuthorityPurpose.B.value
    PURPOSE_C = AuthorityPurpose.C.value


OPERATOR_GROUNDS = (Ground.ALERT, Ground.CONSENT)
AUTHORITY_GROUNDS = (Ground.PURPOSE_A, Ground.PURPOSE_B, Ground.PURPOSE_C)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which pack, and on which ground."""

    product_code: str
    serial_number: str
    ground: str


async def show_form(visit: Visit) -> Response:
    """Ask for pack and ground."""
    return _form(visit, {})


async def read(visit: Visit) -> Response:
    """Record ground and pack, then show the trail."""
    asked = await _read(visit)
    if not isinstance(asked, Asked):
        return _form(visit, asked)
    await record_trail_read(
        visit.tx,
        visit.actor,
        visit.now,
        product_code=asked.product_code,
        serial_number=asked.serial_number,
        ground=asked.ground,
    )
    trail = await read_trail(visit.tx, asked.product_code, asked.serial_number)
    return visit.render(
        "trail.html",
        asked=asked,
        trail=trail,
        events_max=EVENTS_MAX,
        **trail_words(visit),
    )


def _grounds(visit: Visit) -> tuple[Ground, ...]:
    inspects = visit.person.role is PeopleRole.AUTHORITY_INSPECTOR
    return AUTHORITY_GROUNDS if inspects else OPERATOR_GROUNDS


def _form(visit: Visit, errors: Mapping[str, str]) -> Response:
    names, means = visit.words["ground"], visit.words["ground_means"]
    # What was asked for stands in the form again, and nowhere else.
    fields = ("ground", "alert_id", "reference", "product_code", "serial_number")
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        values={name: visit.form.get(name, "") for name in fields},
        grounds=[(ground.value, names[ground.value], means[ground.value]) for ground in _grounds(visit)],
        reference_hint=visit.words["reference_hint"][
            "authority" if _grounds(visit) is AUTHORITY_GROUNDS else "operator"
        ],
    )


async def _read(visit: Visit) -> Asked | dict[str, str]:
    """What is asked for, or what is wrong with the form."""
    fault, errors = visit.words["fault"], {}
    given = {
        name: visit.form.get(name, "").strip()
        for name in ("ground", "alert_id", "reference", "product_code", "serial_number")
    }
    ground = next((one for one in _grounds(visit) if one.value == given["ground"]), None)
    if ground is None:
        errors["ground"] = fault["ground"]
    reference = " ".join(given["reference"].split())
    if len(reference) > REFERENCE_CHARACTERS_MAX or not reference.isprintable():
        errors["reference"] = fill(fault["reference_long"], most=REFERENCE_CHARACTERS_MAX)
    elif ground is Ground.CONSENT and not reference:
        errors["reference"] = fault["reference"]
    alert_id = "".join(given["alert_id"].split()).upper()
    if ground is Ground.ALERT and not alert_id:
        errors["alert_id"] = fault["alert_missing"]
    alerted = await find_alerted(visit.tx, alert_id) if alert_id else None
    if alert_id and alerted is None:
        errors["alert_id"] = fault["alert_unknown"]
    if given["product_code"] or given["serial_number"] or not alert_id:
        pack = _pack(visit, given["product_code"], given["serial_number"], errors)
        if pack is not None and alerted is not None and pack != (alerted.product_code, alerted.serial_number):
            errors["alert_id"] = fault["alert_of_another"]
    else:
        pack = None if alerted is None else (alerted.product_code, alerted.serial_number)
    if errors or pack is None or ground is None:
        return errors
    return Asked(product_code=pack[0], serial_number=pack[1], ground=_in_words(ground, alert_id, reference))


def _pack(visit: Visit, product: str, serial: str, errors: dict[str, str]) -> tuple[str, str] | None:
    """Product code and serial number of the fields; a whole code may have been scanned into the first."""
    code = read_pack_code(product)
    if code.fault is not None:
        errors["product_code"] = fill(
            common_words(visit.language)["product_code_fault"][code.fault], expected=code.expected
        )
        return None
    serial_number = serial or code.serial_number or ""
    if not is_serial_number(serial_number, code.scheme):
        errors["serial_number"] = visit.words["fault"]["serial_number" if serial_number else "serial_missing"]
        return None
    if code.serial_number not in {None, serial_number}:
        errors["serial_number"] = visit.words["fault"]["serial_differs"]
        return None
    return code.product_code, serial_number


def _in_words(ground: Ground, alert_id: str, reference: str) -> str:
    """The ground as the audit keeps it, the same in every language."""
    match ground:
        case Ground.ALERT:
            return f"Art. 38(2), alert {alert_id}{f', {reference}' if reference else ''}"
        case Ground.CONSENT:
            return f"Art. 38(2), consent: {reference}"
        case purpose:
            more = ", ".join(part for part in (alert_id, reference) if part)
            return f"Art. 39({purpose}){f', {more}' if more else ''}"


PAGE = Page(
    name="pack_trail",
    menu=MenuEntry(route="pack_trail", group=MenuGroup.PACKS, order=10),
    routes=(
        Route(name="pack_trail", path="/pack-trail", action="read_trail", handler=show_form),
        Route(name="read_pack_trail", path="/pack-trail", action="read_trail", handler=read, method="POST"),
    ),
)
