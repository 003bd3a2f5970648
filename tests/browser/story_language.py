"""Reads the stories in `stories`: text that an expert of the field can write and check. Its README explains the language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "stories"
_CELLS = re.compile(r"\s{2,}")
WHO = ("pharmacy", "other pharmacy", "company", "operator", "authority")


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody does, and the code that the system answers where it is an IT system that asks."""

    number: int
    who: str
    verb: str
    what: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One file."""

    name: str
    language: str
    lines: tuple[Line, ...]


def read_stories() -> list[Story]:
    """All stories, by name; the name ends with the language."""
    paths = sorted(FOLDER.glob("*.txt"))
    return [
        Story(path.stem, path.stem[-2:], tuple(_read(path.read_text(encoding="utf-8")))) for path in paths
    ]


def _read(text: str) -> list[Line]:
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        told = line.partition("#")[0].strip()
        if not told:
            continue
        who, verb, *rest = _CELLS.split(told, maxsplit=2)
        if who not in WHO:
            raise ValueError(f"line {number}: nobody is called {who!r}; there are {', '.join(WHO)}")
        what, _, code = (rest[0] if rest else "").partition(" -> ")
        lines.append(Line(number, who, verb, what.strip(), code.strip()))
    return lines
