"""How the tables of these tests are written: `·` is GS, `‖` RS, `¶` EOT, `⏎` a line end, `⇥` a tab.

`«»` marks what a finding points at.
"""

from __future__ import annotations

from dataclasses import dataclass

_CONTROL = str.maketrans({"·": "\x1d", "‖": "\x1e", "¶": "\x04", "⏎": "\n", "⇥": "\t"})


@dataclass(frozen=True)
class Row:
    """One line of a table: the text, where its mark is, and what is expected of it."""

    text: str
    start: int | None
    length: int | None
    expected: tuple[str, ...]
    line: str

    def __str__(self) -> str:
        return self.line


def plain(text: str) -> str:
    """The text without its marks, with real control characters."""
    return text.replace("«", "").replace("»", "").translate(_CONTROL)


def rows(table: str) -> list[Row]:
    """Rows of a table; the first column is the text, the last ones what is expected. Empty and # lines are notes."""
    found = []
    for line in table.strip("\n").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        text, *expected = (cell.strip() for cell in line.split("¦"))
        start = text.find("«")
        length = text.find("»") - start - 1 if start >= 0 else None
        found.append(Row(plain(text), start if start >= 0 else None, length, tuple(expected), line.strip()))
    return found
