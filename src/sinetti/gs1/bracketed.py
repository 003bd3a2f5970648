"""Reads the human form, `(01)05060141900022(21)AB-7(10)L1(17)270300`, in which serial numbers may hold brackets too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from sinetti.gs1.ai import application_identifiers, identifier_lengths
from sinetti.gs1.scan import Element, Finding, Severity
from sinetti.gs1.values import problems_of

_BRACKETED: Final = re.compile(r"\(([0-9]{2,4})\)")
_UNDECIDED_MAX: Final = 6
_UNDECIDED_LENGTH_MAX: Final = 500


def looks_bracketed(text: str, start: int) -> bool:
    """Whether an application identifier in brackets stands here."""
    match = _BRACKETED.match(text, start) if text.startswith("(", start) else None
    return match is not None and _is_identifier(match)


def read_bracketed(text: str, start: int, end: int) -> tuple[list[Element], list[Finding]]:
    """The elements between two positions, of which the first begins with an identifier in brackets.

    Brackets belong to set 82, so `(10)` may be part of a serial number. Where an identifier occurs more than once,
    the reading with the fewest faults is taken; when several are as good, a finding says so.
    """
    marks = [match for match in _BRACKETED.finditer(text, start, end) if _is_identifier(match)]
    codes = Counter(match[1] for match in marks)
    undecided = [mark for mark in marks[1:] if codes[mark[1]] > 1]
    if not undecided or len(undecided) > _UNDECIDED_MAX or end - start > _UNDECIDED_LENGTH_MAX:
        return _elements(text, marks, end), []
    readings = [
        (_faults(elements), elements)
        for elements in (_elements(text, reading, end) for reading in _readings(marks, undecided))
    ]
    fewest = min(faults for faults, _ in readings)
    best = [elements for faults, elements in readings if faults == fewest]
    findings = []
    if len(best) > 1:
        findings.append(Finding("brackets-ambiguous", Severity.ODD, start, end - start))
    return best[0], findings


def _is_identifier(match: re.Match[str]) -> bool:
    return identifier_lengths().get(match[1][:2]) == len(match[1])


def _readings(
    marks: Sequence[re.Match[str]], undecided: Sequence[re.Match[str]]
) -> Iterator[list[re.Match[str]]]:
    """Every choice of marks that takes some of the undecided for data; those with most elements first."""
    for count in range(len(undecided) + 1):
        for data in combinations(undecided, count):
            yield [mark for mark in marks if mark not in data]


def _faults(elements: Sequence[Element]) -> int:
    repeated = len(elements) - len({element.ai for element in elements})
    return repeated + sum(1 for element in elements if element.problems)


def _elements(text: str, marks: Sequence[re.Match[str]], end: int) -> list[Element]:
    elements = []
    ends = [mark.start() for mark in marks[1:]] + [end]
    for mark, stop in zip(marks, ends, strict=True):
        code = mark[1]
        piece = text[mark.end() : stop]
        start = mark.end() + len(piece) - len(piece.lstrip())
        value = piece.strip()
        identifier = application_identifiers().get(code)
        if identifier is None:
            unknown = Finding(
                "identifier-unknown", Severity.NOTICE, mark.start(), len(mark[0]), {"identifier": code}
            )
            elements.append(Element(code, "", value, start, start + len(value), (unknown,)))
        else:
            problems = problems_of(identifier, value, start)
            elements.append(Element(code, identifier.title, value, start, start + len(value), problems))
    return elements
