"""Reads GS1 element strings: identifiers and values one after another, with a separator where the length varies."""

from __future__ import annotations

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
    known = application_identifiers()
    lengths = identifier_lengths()
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
        prefix = text[position : position + 2]
        predefined = PREDEFINED_LENGTHS.get(prefix)
        length = lengths.get(prefix) or (predefined and 2)
        value_start = position + (length or 0)
        if not length or value_start > stop:
            findings.append(_unreadable(text, position, stop))
            position = stop
            continue
        identifier = known.get(text[position:value_start])
        value_end = stop if predefined is None else min(value_start + predefined, stop)
        problems: tuple[Finding, ...] = ()
        if identifier is None:
            problems = (_unknown(text[position:value_start], position),)
        elif predefined is None:
            split = _split_of_fixed_length(identifier, text, value_start, stop)
            if split is not None:
                value_end = split
                findings.append(
                    Finding("separator-missing", Severity.ODD, split, 0, {"title": identifier.title})
                )
        if identifier is not None:
            problems = problems_of(identifier, text[value_start:value_end], value_start)
        title = identifier.title if identifier is not None else ""
        elements.append(
            Element(
                text[position:value_start],
                title,
                text[value_start:value_end],
                value_start,
                value_end,
                problems,
            )
        )
        position = value_end
    return elements, findings


def _split_of_fixed_length(identifier: Identifier, text: str, value_start: int, stop: int) -> int | None:
    """Where a value of fixed length ends when its separator was left out and another identifier follows at once.

    Only where the length leaves no doubt; a value of varying length is never split.
    """
    if identifier.fixed_length is None:
        return None
    split = value_start + identifier.fixed_length
    return split if split < stop and application_identifier_at(text, split) is not None else None


def _unreadable(text: str, start: int, stop: int) -> Finding:
    return Finding(
        "unreadable", Severity.ODD, start, stop - start, {"text": text[start : min(stop, start + 40)]}
    )


def _unknown(code: str, position: int) -> Finding:
    return Finding("identifier-unknown", Severity.NOTICE, position, len(code), {"identifier": code})
