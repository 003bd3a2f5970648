"""The fields of a location in forms: those that a main user changes at once, and those of applications."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from sinetti.gs1.identifiers import has_gs1_check_digit
from sinetti.identity import registry
from sinetti.portal.words import common_words, fill
from sinetti.rules.applications.read import read_application_rules
from sinetti.rules.applications.types import ApplicationRules
from sinetti.rules.applications.vocabulary import LocationField
from sinetti.rules.table import packaged_files
from sinetti.rules.vocabulary import Language

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TEXT_CHARACTERS_MAX = 200
_GLN = re.compile(r"[0-9]{13}")
_COUNTRY = re.compile(r"[A-Z]{2}")

Value = str | list[str] | None


class LocationKind(StrEnum):
    """What a location is."""

    PHARMACY = "pharmacy"
    SUBSIDIARY_PHARMACY = "subsidiary_pharmacy"
    SERVICE_POINT = "service_point"
    ONLINE_PHARMACY = "online_pharmacy"
    HOSPITAL_PHARMACY = "hospital_pharmacy"
    MEDICAL_DEPOT = "medical_depot"
    WHOLESALE_SITE = "wholesale_site"
    MANUFACTURING_SITE = "manufacturing_site"
    OFFICE = "office"


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """A field as a form shows it."""

    name: str
    label: str
    hint: str
    error: str
    value: Value
    shape: str
    """`text`, `email`, `tel`, `select` or `checkboxes`."""
    choices: Sequence[tuple[str, str]] = ()
    width: str = ""


_SHAPES = {
    LocationField.KIND: "select",
    LocationField.LANGUAGES: "checkboxes",
    LocationField.CONTACT_EMAIL: "email",
    LocationField.CONTACT_PHONE: "tel",
}
_WIDTHS = {
    LocationField.GLN: "20",
    LocationField.POSTAL_CODE: "10",
    LocationField.COUNTRY: "4",
    LocationField.CONTACT_PHONE: "20",
}


@cache
def application_rules() -> ApplicationRules:
    """What is a matter of contract, and what becomes of applications."""
    return read_application_rules(packaged_files())


def read_values(
    form: Mapping[str, str], lists: Mapping[str, list[str]], fields: Iterable[LocationField]
) -> dict[str, Value]:
    """What the form says, white space put in order; an empty field is `None`."""
    values: dict[str, Value] = {}
    for field in fields:
        if field is LocationField.LANGUAGES:
            given = lists.get(field.value, [])
            values[field.value] = [language.value for language in Language if language.value in given]
            continue
        text = " ".join(form.get(field.value, "").split())
        if field is LocationField.GLN:
            text = text.replace(" ", "")
        if field is LocationField.COUNTRY:
            text = text.upper()
        values[field.value] = text or None
    return values


def faults_of(values: Mapping[str, Value], language: Language) -> dict[str, str]:
    """What is wrong with these values, by field."""
    words = common_words(language)["location_fault"]
    rules = application_rules().fields
    errors: dict[str, str] = {}
    for name, value in values.items():
        field = LocationField(name)
        if not value:
            if rules[field].needed:
                errors[name] = words["needed"][name]
        elif fault := _fault(field, value):
            errors[name] = fill(words[fault], most=_most(field))
    return errors


def _most(field: LocationField) -> int:
    return registry.NAME_CHARACTERS_MAX if field is LocationField.NAME else TEXT_CHARACTERS_MAX


def _fault(field: LocationField, value: str | list[str]) -> str | None:
    if isinstance(value, list):
        return None
    if len(value) > _most(field) or not value.isprintable():
        return "too_long"
    right = True
    match field:
        case LocationField.KIND:
            right = value in set(LocationKind)
        case LocationField.GLN:
            if not _GLN.fullmatch(value):
                return "gln"
            return None if has_gs1_check_digit(value) else "gln_check_digit"
        case LocationField.COUNTRY:
            right = _COUNTRY.fullmatch(value) is not None
        case LocationField.CONTACT_EMAIL:
            right = EMAIL.fullmatch(value) is not None
    return None if right else field.value


def form_fields(
    fields: Iterable[LocationField],
    values: Mapping[str, Any],
    errors: Mapping[str, str],
    language: Language,
) -> list[FormField]:
    """The fields for the macro `location_fields`, in the order of the table of rules."""
    wanted = set(fields)
    labels, hints = common_words(language)["location_field"], common_words(language)["location_hint"]
    form = common_words(language)["location_form"]
    kinds = [("", form["choose"]), *common_words(language)["location_kind"].items()]
    languages = [(one.value, common_words(one)["language"]) for one in Language]
    return [
        FormField(
            name=field.value,
            label=labels[field.value] + ("" if rule.needed else f" {form['optional']}"),
            hint=hints.get(field.value, ""),
            error=errors.get(field.value, ""),
            value=values.get(field.value) or ([] if field is LocationField.LANGUAGES else ""),
            shape=_SHAPES.get(field, "text"),
            choices=kinds if field is LocationField.KIND else languages,
            width=_WIDTHS.get(field, ""),
        )
        for field, rule in application_rules().fields.items()
        if field in wanted
    ]


def shown_value(field: str, value: Value, language: Language) -> str:
    """A value as people read it."""
    if not value:
        return "–"
    if field == LocationField.KIND:
        kind: str = common_words(language)["location_kind"][value]
        return kind
    if isinstance(value, list):
        return ", ".join(common_words(Language(one))["language"] for one in value)
    return value
