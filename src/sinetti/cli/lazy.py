"""A group of commands of which only the one that is run gets imported, so that `sinetti --help` is quick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

if TYPE_CHECKING:
    from typer._click.core import Command, Context


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its name, the panel it is listed in, what it does, and where it is."""

    name: str
    panel: str
    summary: str
    target: str
    """`module:attribute`; a function, or a `typer.Typer` that has commands of its own."""


class LazyGroup(TyperGroup):
    """Lists its commands from a table, and imports one when it is run or when its own help is asked for."""

    def __init__(self, entries: Sequence[Entry], *, name: str, summary: str) -> None:
        # What is listed is a row of the table: enough for a line of help and for completing a name.
        listed = {
            entry.name: TyperCommand(
                name=entry.name, callback=None, help=entry.summary, rich_help_panel=entry.panel
            )
            for entry in entries
        }
        super().__init__(
            name=name,
            help=summary,
            commands=dict(listed),
            no_args_is_help=True,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        self._targets = {entry.name: entry.target for entry in entries}

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The real command for these arguments, imported now."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and self._imported(listed.name or ""), rest

    def _imported(self, name: str) -> Command:
        module, _, attribute = self._targets[name].partition(":")
        found = getattr(import_module(module), attribute)
        command: Command
        if isinstance(found, typer.Typer):
            command = get_group(found)
        else:
            single = typer.Typer(add_completion=False)
            single.command()(found)
            command = get_command(single)
        command.name = name
        return command
