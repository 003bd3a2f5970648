"""What each kind of application asks in its form: read, judged, and shown again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from sinetti.identity.model import Location
from sinetti.portal.location_form import (
    EMAIL,
    TEXT_CHARACTERS_MAX,
    Value,
    application_rules,
    faults_of,
    form_fields,
    read_values,
)
from sinetti.portal.pages.applications.model import Asks, ReplaceableEquipment
from sinetti.portal.store.locations import HeldLocation
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.applications.vocabulary import ApplicationKind, ChangedBy, LocationField

REASON_CHARACTERS_MAX: Final = 1000
_LATEST_DAY: Final = date(2999, 12, 31)
_SYSTEM_TEXTS: Final = ("system_name", "supplier", "supplier_contact", "supplier_email", "supplier_phone")
_NEEDED: Final = ("system_name", "supplier", "supplier_contact", "supplier_email")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form of an application as it comes back, and what is wrong with it."""

    asks: Asks
    note: str | None
    """What the applicant says to the operator."""
    errors: dict[str, str]
    given: dict[str, Any]
    """What was typed, right or wrong."""


def fields_of(kind: ApplicationKind) -> tuple[LocationField, ...]:
    """The fields of a location that an application of this kind asks for."""
    match kind:
        case ApplicationKind.NEW_LOCATION:
            return tuple(LocationField)
        case ApplicationKind.CHANGE_OF_CONTRACT:
            return application_rules().changed_by(ChangedBy.APPLICATION)
        case _:
            return ()


def first_given(
    kind: ApplicationKind, held: HeldLocation | None, asks: Asks | None, market: str
) -> dict[str, Any]:
    """What stands in the form at first: the application as it was, or what is known of the location."""
    given: dict[str, Any] = dict.fromkeys(
        ("note", "planned_on", "closes_on", "equipment", *_SYSTEM_TEXTS), ""
    )
    for field in fields_of(kind):
        given[field.value] = held.values[field.value] if held is not None else None
    if kind is ApplicationKind.NEW_LOCATION and asks is None:
        given[LocationField.COUNTRY.value] = market
    if asks is not None:
        given |= asks.fields
        given |= {name: getattr(asks, name) or "" for name in _SYSTEM_TEXTS}
        given |= {
            "planned_on": asks.planned_on.isoformat() if asks.planned_on else "",
            "closes_on": asks.closes_on.isoformat() if asks.closes_on else "",
            "equipment": [str(number) for number in asks.equipment_ids],
        }
    return given


def read_form(
    visit: Visit,
    kind: ApplicationKind,
    held: HeldLocation | None,
    equipment: Sequence[ReplaceableEquipment],
) -> Form:
    """What the form asks for, and its faults."""
    values = read_values(visit.form, visit.form_lists, fields_of(kind))
    errors = faults_of(values, visit.language)
    given: dict[str, Any] = {**values}
    note, fault = read_reason(visit, "note", needed=False)
    if fault:
        errors["note"] = fault
    asks = Asks()
    match kind:
        case ApplicationKind.NEW_LOCATION:
            asks = Asks(fields=values)
        case ApplicationKind.CHANGE_OF_CONTRACT:
            assert held is not None, "a contract is of a location"
            asks = _changes(values, held)
            if not asks.fields and not errors:
                errors[next(iter(values))] = visit.words["fault"]["nothing_changes"]
        case ApplicationKind.CLOSE_LOCATION:
            closes_on = _read_day(visit, "closes_on", given, errors)
            asks = Asks(closes_on=closes_on)
        case ApplicationKind.CHANGE_OF_IT_SYSTEM:
            asks = _read_system(visit, equipment, given, errors)
    given["note"] = visit.form.get("note", "")
    return Form(asks=asks, note=note, errors=errors, given=given)


def read_reason(visit: Visit, name: str, *, needed: bool) -> tuple[str | None, str | None]:
    """A text of several lines, and what is wrong with it."""
    lines = [" ".join(line.split()) for line in visit.form.get(name, "").splitlines()]
    text = "\n".join(lines).strip()
    if len(text) > REASON_CHARACTERS_MAX or not all(line.isprintable() for line in lines):
        return None, fill(visit.words["fault"]["reason_too_long"], most=REASON_CHARACTERS_MAX)
    if needed and not text:
        return None, visit.words["fault"]["reason"]
    return text or None, None


def _changes(values: dict[str, Value], held: HeldLocation) -> Asks:
    before = held.values
    changed = [name for name in values if values[name] != before[name]]
    return Asks(fields={name: values[name] for name in changed}, was={name: before[name] for name in changed})


def _read_system(
    visit: Visit, equipment: Sequence[ReplaceableEquipment], given: dict[str, Any], errors: dict[str, str]
) -> Asks:
    fault = visit.words["fault"]
    texts = {name: " ".join(visit.form.get(name, "").split()) for name in _SYSTEM_TEXTS}
    given |= texts
    for name, text in texts.items():
        if not text:
            if name in _NEEDED:
                errors[name] = fault[name]
        elif len(text) > TEXT_CHARACTERS_MAX or not text.isprintable():
            errors[name] = fill(
                common_words(visit.language)["location_fault"]["too_long"], most=TEXT_CHARACTERS_MAX
            )
        elif name == "supplier_email" and not EMAIL.fullmatch(text):
            errors[name] = fault["supplier_email"]
    planned_on = _read_day(visit, "planned_on", given, errors)
    asked = visit.form_lists.get("equipment", [])
    given["equipment"] = asked
    replaced = [one for one in equipment if str(one.equipment_id) in asked]
    if not replaced:
        errors["equipment"] = fault["equipment"]
    return Asks(
        system_name=texts["system_name"] or None,
        supplier=texts["supplier"] or None,
        supplier_contact=texts["supplier_contact"] or None,
        supplier_email=texts["supplier_email"] or None,
        supplier_phone=texts["supplier_phone"] or None,
        planned_on=planned_on,
        equipment_ids=[one.equipment_id for one in replaced],
        equipment_names=[one.name for one in replaced],
    )


def _read_day(visit: Visit, name: str, given: dict[str, Any], errors: dict[str, str]) -> date | None:
    """A day from today on."""
    text = visit.form.get(name, "").strip()
    given[name] = text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors[name] = visit.words["fault"]["day"]
        return None
    if not today(visit.now, visit) <= day <= _LATEST_DAY:
        errors[name] = visit.words["fault"]["day_past"]
    return day


def today(now: datetime, visit: Visit) -> date:
    """The day it is in the country."""
    return now.astimezone(visit.portal.settings.zone).date()


def form_values(
    visit: Visit,
    kind: ApplicationKind,
    given: dict[str, Any],
    errors: dict[str, str],
    equipment: Sequence[ReplaceableEquipment],
) -> dict[str, Any]:
    """What the template of the form shows."""
    return {
        "fields": form_fields(fields_of(kind), given, errors, visit.language),
        "given": given,
        "equipment": [(str(one.equipment_id), f"{one.name} ({one.client_id})") for one in equipment],
        "first_day": today(visit.now, visit).isoformat(),
    }


def location_name(held: HeldLocation | Location | None, asks: Asks) -> str:
    """What the application calls the location."""
    return held.name if held is not None else str(asks.fields[LocationField.NAME.value])
