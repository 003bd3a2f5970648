"""Judges one element's value: length, characters, check digit, date. Says what is wrong and exactly where."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from sinetti.gs1.ai import Identifier
from sinetti.gs1.identifiers import (
    gs1_check_digit,
    has_gs1_check_digit,
    is_expiry,
    is_gtin,
    is_ppn,
    pad_gtin,
    ppn_check_digits,
)
from sinetti.gs1.scan import Finding, Severity

_PRODUCT_CODE_IDENTIFIERS: Final = frozenset({"01", "8P"})
_PPN_IDENTIFIER: Final = "9N"
_PPN_LENGTH_MIN: Final = 5


def problems_of(identifier: Identifier, value: str, start: int) -> tuple[Finding, ...]:
    """What is wrong with a value that begins at `start` in the text; empty when nothing is."""
    if identifier.form.fullmatch(value) is None:
        return _form_problems(identifier, value, start)
    if identifier.code == _PPN_IDENTIFIER:
        return _ppn_problems(value, start)
    return _check_problems(identifier, value, start) if identifier.checked else ()


def _form_problems(identifier: Identifier, value: str, start: int) -> tuple[Finding, ...]:
    if not value:
        return (Finding("value-empty", Severity.ODD, start, 0, {"title": identifier.title}),)
    if identifier.code in _PRODUCT_CODE_IDENTIFIERS and is_gtin(pad_gtin(value)):
        return (Finding("gtin-padded", Severity.NOTICE, start, len(value), {"likely": pad_gtin(value)}),)
    problems = []
    limits = {"title": identifier.title, "length": str(len(value))}
    if len(value) > identifier.length_max:
        excess = len(value) - identifier.length_max
        limits["limit"] = str(identifier.length_max)
        problems.append(
            Finding("value-too-long", Severity.ODD, start + identifier.length_max, excess, limits)
        )
    elif len(value) < identifier.length_min:
        limits["limit"] = str(identifier.length_min)
        problems.append(Finding("value-too-short", Severity.ODD, start, len(value), limits))
    problems += _character_problems(identifier, value, start)
    if not problems:
        # A length between two optional parts, such as four digits of a country list.
        limits["limit"] = str(identifier.length_max)
        problems.append(Finding("value-too-short", Severity.ODD, start, len(value), limits))
    return tuple(problems)


def _character_problems(identifier: Identifier, value: str, start: int) -> list[Finding]:
    """One finding for each run of characters that may not stand where they do."""
    wrong: list[tuple[int, int]] = []
    position = 0
    for number, part in enumerate(identifier.parts):
        is_last = number == len(identifier.parts) - 1
        end = len(value) if is_last else min(position + part.length_max, len(value))
        for at in range(position, end):
            if part.character.match(value, at) is None:
                if wrong and wrong[-1][1] == at:
                    wrong[-1] = (wrong[-1][0], at + 1)
                else:
                    wrong.append((at, at + 1))
        position = end
    return [
        Finding(
            "characters-not-allowed",
            Severity.ODD,
            start + first,
            last - first,
            {"title": identifier.title, "characters": _visible(value[first:last])},
        )
        for first, last in wrong
    ]


def _visible(characters: str) -> str:
    """The characters for a person to read: unseen ones by their number, a long run cut short."""
    shown = "".join(
        f"U+{ord(one):04X}" if one.isspace() or not one.isprintable() else one for one in characters[:20]
    )
    return shown if len(characters) <= 20 else f"{shown}…"  # noqa: PLR2004 - as much as a serial number


def _ppn_problems(value: str, start: int) -> tuple[Finding, ...]:
    if is_ppn(value):
        return ()
    if len(value) < _PPN_LENGTH_MIN:
        limits = {"title": "PPN", "length": str(len(value)), "limit": str(_PPN_LENGTH_MIN)}
        return (Finding("value-too-short", Severity.ODD, start, len(value), limits),)
    expected = ppn_check_digits(value[:-2])
    values = {"title": "PPN", "found": value[-2:], "expected": expected}
    return (Finding("check-digit-wrong", Severity.ODD, start + len(value) - 2, 2, values),)


def _check_problems(identifier: Identifier, value: str, start: int) -> tuple[Finding, ...]:
    problems = []
    position = 0
    for part in identifier.parts:
        piece = value[position : position + part.length_max]
        if part.check and piece:
            problem = _check(part.check, piece, identifier.title, start + position)
            if problem is not None:
                problems.append(problem)
        position += len(piece)
    return tuple(problems)


def _check(check: str, piece: str, title: str, start: int) -> Finding | None:
    if check == "key":
        if has_gs1_check_digit(piece):
            return None
        values = {"title": title, "found": piece[-1], "expected": gs1_check_digit(piece[:-1])}
        return Finding("check-digit-wrong", Severity.ODD, start + len(piece) - 1, 1, values)
    if _DATE_CHECKS[check](piece):
        return None
    key = "time-impossible" if check == "time" else "date-impossible"
    return Finding(key, Severity.ODD, start, len(piece), {"title": title, "found": piece})


def _is_day(text: str) -> bool:
    return is_expiry(text) and text[4:] != "00"


def _is_date(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _is_date_or_month(text: str) -> bool:
    return _is_date(text[:6] + "01") if text.endswith("00") else _is_date(text)


def _is_hour(text: str) -> bool:
    return _is_day(text[:6]) and text[6:] < "24"


_TIME: Final = re.compile("(?:[01][0-9]|2[0-3])[0-5][0-9]")
_DATE_CHECKS: Final = {
    "day": _is_day,
    "day0": is_expiry,
    "date": _is_date,
    "date0": _is_date_or_month,
    "time": lambda text: _TIME.fullmatch(text) is not None,
    "hour": _is_hour,
}
