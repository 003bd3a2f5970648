"""Application and data identifiers: which exist, how long their values are, what may stand in them.

The facts are in `tables/`. A format is written as in the GS1 General Specifications, parts joined by `+`:
`N6` six digits, `X..20` one to twenty characters, `[...]` an optional part. N digits, X set 82, Y set 39, Z set
64, A capitals and digits, B those with `-` and `_` (IFA). After a colon comes what else must hold: `key` GS1
check digit, `day` YYMMDD, `day0` the same or day 00, `date` YYYYMMDD, `date0` the same or day 00, `time` HHMM,
`hour` YYMMDDHH.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_CHARACTERS: Final = {
    "N": "[0-9]",
    "X": r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]",
    "Y": r"[#\-/0-9A-Z]",
    "Z": r"[\-0-9=A-Z_a-z]",
    "A": "[A-Z0-9]",
    "B": r"[A-Z0-9\-_]",
}
_PART: Final = re.compile(
    r"(?P<optional>\[)?(?P<set>[NXYZAB])(?P<up_to>\.\.)?(?P<length>\d+)(?::(?P<check>\w+))?\]?"
)

PREDEFINED_LENGTHS: Final = {"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2, "41": 13} | {
    str(prefix): 6 for prefix in (*range(11, 20), *range(31, 37))
}
"""Length of the value by the first two digits of the identifier; only these need no separator after them.

GS1 General Specifications §7.8.5. It names prefixes that are not assigned too, so that they can be skipped.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a value."""

    character: re.Pattern[str]
    """Matches one character that may stand here."""
    length_min: int
    length_max: int
    check: str
    """What else must hold; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier or data identifier and the form of its value."""

    code: str
    title: str
    length_min: int
    length_max: int
    form: re.Pattern[str]
    """Matches a value of right length and characters as a whole."""
    checked: bool
    """Whether a check digit or date must be looked at after the form."""
    parts: tuple[Part, ...]

    @property
    def fixed_length(self) -> int | None:
        """Number of characters when every value has the same, else `None`."""
        return self.length_max if self.length_min == self.length_max else None


@cache
def application_identifiers() -> Mapping[str, Identifier]:
    """Every assigned GS1 application identifier by its digits."""
    rows = _read("application_identifiers.csv")
    return {code: _identifier(code, row) for row in rows for code in _codes(row["ai"])}


@cache
def data_identifiers() -> Mapping[str, Identifier]:
    """The data identifiers that medicine packs may carry in messages of format 06."""
    return {row["di"]: _identifier(row["di"], row) for row in _read("data_identifiers.csv")}


@cache
def identifier_lengths() -> Mapping[str, int]:
    """Number of digits of an application identifier by its first two (GS1 General Specifications §7.8.2)."""
    return {code[:2]: len(code) for code in application_identifiers()}


def application_identifier_at(text: str, position: int) -> Identifier | None:
    """The assigned application identifier that stands at this position of the text."""
    length = identifier_lengths().get(text[position : position + 2])
    return None if length is None else application_identifiers().get(text[position : position + length])


def _codes(written: str) -> list[str]:
    """The identifiers of a row: one, or a range such as 3100-3105."""
    first, _, last = written.partition("-")
    return [str(number) for number in range(int(first), int(last) + 1)] if last else [first]


def _identifier(code: str, row: Mapping[str, str]) -> Identifier:
    parts: list[Part] = []
    pattern = ""
    optional_from = None
    for match in _PART.finditer(row["format"]):
        most = int(match["length"])
        least = 1 if match["up_to"] else most
        part_pattern = f"{_CHARACTERS[match['set']]}{{{least},{most}}}"
        pattern += f"(?:{part_pattern})?" if match["optional"] else part_pattern
        optional_from = len(parts) if match["optional"] and optional_from is None else optional_from
        parts.append(Part(re.compile(_CHARACTERS[match["set"]]), least, most, match["check"] or ""))
    return Identifier(
        code=code,
        title=row["title"],
        length_min=sum(part.length_min for part in parts[:optional_from]),
        length_max=sum(part.length_max for part in parts),
        form=re.compile(pattern),
        checked=any(part.check for part in parts),
        parts=tuple(parts),
    )


def _read(table: str) -> list[dict[str, str]]:
    text = (resources.files(__package__) / "tables" / table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
