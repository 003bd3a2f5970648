"""Reads GS1 element strings: identifiers and values one after another, with a separator where the length varies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from sinetti.gs1.ai import (
    PREDEFINED_LENGTHS,
    Identifier,
    application_identifier_at,
    application_identifiers,
    identifier_lengths,
)
from sinetti.gs1.scan import Element, Finding, Severity
from sinetti.gs1.values import problems_of


def read_element_string(
    text: str, start: int, end: int, separator: str
) -> tuple[list[Element], list[Finding]]:
    """The elements between two positions, and what could not be read as an element.

    Source: GS1 General Specifications §7.8.6. Nothing is left out: what is no identifier is told as `unreadable`,
    up to the next separator. Extra separators are harmless and skipped.
    """
    elements: list[Element] = []
    findings: list[Finding] = []
    position = start
    while position < end:
        if text.startswith(separator, position):
            position += len(separator)
            continue
        stop = text.find(separator, position, end)
        if stop < 0:
            stop = end
        length, predefined = _shapes().get(text[position : position + 2], _NO_SHAPE)
        value_start = position + length
        if not length or value_start > stop:
            shown = text[position : min(stop, position + _SHOWN_MAX)]
            findings.append(Finding("unreadable", Severity.ODD, position, stop - position, {"text": shown}))
            position = stop
            continue
        value_end = min(value_start + predefined, stop) if predefined else stop
        code = text[position:value_start]
        identifier = application_identifiers().get(code)
        if identifier is None:
            unknown = Finding("identifier-unknown", Severity.NOTICE, position, length, {"identifier": code})
            elements.append(
                Element(code, "", text[value_start:value_end], value_start, value_end, (unknown,))
            )
        else:
            split = None if predefined else _split_of_fixed_length(identifier, text, value_start, stop)
            if split is not None:
                value_end = split
                values = {"title": identifier.title}
                findings.append(Finding("separator-missing", Severity.ODD, split, 0, values))
            value = text[value_start:value_end]
            problems = problems_of(identifier, value, value_start)
            elements.append(Element(code, identifier.title, value, value_start, value_end, problems))
        position = value_end
    return elements, findings


_SHOWN_MAX: Final = 40
_NO_SHAPE: Final = (0, 0)


@cache
def _shapes() -> Mapping[str, tuple[int, int]]:
    """By the first two digits: the length of the identifier, and that of its value when it is predefined, else 0."""
    prefixes = {**dict.fromkeys(PREDEFINED_LENGTHS, 2), **identifier_lengths()}
    return {prefix: (length, PREDEFINED_LENGTHS.get(prefix, 0)) for prefix, length in prefixes.items()}


def _split_of_fixed_length(identifier: Identifier, text: str, value_start: int, stop: int) -> int | None:
    """Where a value of fixed length ends when its separator was left out and another identifier follows at once.

    Only where the length leaves no doubt; a value of varying length is never split.
    """
    if identifier.fixed_length is None:
        return None
    split = value_start + identifier.fixed_length
    return split if split < stop and application_identifier_at(text, split) is not None else None
