"""`sinetti migrate`: bring the database up to date, or say what is missing."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sinetti.cli.errors import EXIT_OUTCOME
from sinetti.kit.settings import load_settings


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if something is missing.")
    ] = False,
) -> None:
    """Apply the migrations that the database does not have yet.

    The database is that of SINETTI_DATABASE_URL, or else the embedded one in SINETTI_HOME (./.sinetti).
    """
    from sinetti.kit import migrate as migrations  # noqa: PLC0415 - psycopg loads only when it is needed
    from sinetti.kit.postgres import running_database  # noqa: PLC0415

    with running_database(load_settings(), progress=lambda said: print(said, file=sys.stderr)) as url:
        names = migrations.pending(url) if check else migrations.migrate(url)
    for name in names:
        print(f"{name} {'is missing' if check else 'applied'}")
    if not names:
        print("The database is up to date.")
    elif check:
        raise typer.Exit(EXIT_OUTCOME)
