"""What the interface is for, in words: routes, parameters, headers, statuses and fields in fi, sv and en."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from msgspec import Struct, convert

from sinetti.rules.vocabulary import Language


class TagText(Struct, frozen=True, forbid_unknown_fields=True):
    """What a group of routes is for."""

    title: str
    description: str


class OperationText(Struct, frozen=True, forbid_unknown_fields=True):
    """What one route is for."""

    title: str
    purpose: str


class ApiTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """All texts of one language. English has no `shape` and `field`: the types themselves say those."""

    api: TagText
    tag: Mapping[str, TagText]
    operation: Mapping[str, OperationText]
    parameter: Mapping[str, str]
    header: Mapping[str, str]
    status: Mapping[str, str]
    shape: Mapping[str, str] = MappingProxyType({})
    field: Mapping[str, str] = MappingProxyType({})

    def of_field(self, shape: str, field: str, otherwise: str) -> str:
        """Text of a field: of this shape's own, else of the field wherever it is."""
        return self.field.get(f"{shape}.{field}") or self.field.get(field) or otherwise


@cache
def api_texts(language: Language) -> ApiTexts:
    """Texts of one language, read from the package once."""
    source = files("sinetti.contracts").joinpath("texts", f"{language.value}.toml").read_text("utf-8")
    return convert(tomllib.loads(source), ApiTexts)
