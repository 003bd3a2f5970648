"""Writes for a person at a terminal: headlines with a colour and its name, and fields in two columns."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

import typer

from sinetti.rules.vocabulary import Colour

LABEL_WIDTH: Final = 24
_WIDTH_MAX: Final = 110
_UNLIMITED: Final = 10_000

_STYLES: Final[Mapping[Colour, Mapping[str, str]]] = {
    Colour.GREEN: {"fg": "black", "bg": "green"},
    Colour.AMBER: {"fg": "black", "bg": "yellow"},
    Colour.RED: {"fg": "white", "bg": "red"},
}


class Screen:
    """Where to write. Colours only on a terminal, and not where NO_COLOR is set (no-color.org)."""

    def __init__(self) -> None:
        terminal = sys.stdout.isatty()
        self._coloured = terminal and not os.environ.get("NO_COLOR")
        # What is not read on a terminal is searched and copied: its lines stay whole.
        self._width = min(shutil.get_terminal_size().columns, _WIDTH_MAX) if terminal else _UNLIMITED

    def headline(self, colour: Colour, name: str, rest: str) -> None:
        """A line that begins with a colour, in that colour and in words."""
        self._write(
            f"{self._styled(f' {name} ', bold=True, **_STYLES[colour])} {self._styled(rest, bold=True)}"
        )

    def field(self, label: str, value: str, *, hanging: str = "") -> None:
        """A label and what it says, wrapped beside it; `hanging` stands before every line but the first."""
        width = self._width - LABEL_WIDTH - 2
        lines = textwrap.wrap(value, width, subsequent_indent=hanging, break_on_hyphens=False) or [""]
        self._write(f"  {self._styled(f'{label:<{LABEL_WIDTH}}', dim=True)}{lines[0]}")
        for line in lines[1:]:
            self._write(" " * (LABEL_WIDTH + 2) + line)

    def steps(self, label: str, steps: Sequence[str]) -> None:
        """A label and several things to do, each on a line of its own."""
        for number, step in enumerate(steps):
            if len(steps) > 1:
                self.field("" if number else label, f"- {step}", hanging="  ")
            else:
                self.field(label, step)

    def line(self, text: str = "") -> None:
        """A line as it is."""
        self._write(text)

    def emphasised(self, text: str, colour: Colour) -> None:
        """A line in a colour; the words must not need it."""
        self._write(self._styled(text, fg=_STYLES[colour]["bg"]))

    def _styled(self, text: str, **style: object) -> str:
        return typer.style(text, **style) if self._coloured else text  # type: ignore[arg-type]

    def _write(self, text: str) -> None:
        print(text.rstrip())
