"""`sinetti backup` and `sinetti restore`: the whole database into one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sinetti.kit.settings import load_settings


def backup(file: Annotated[Path, typer.Argument(help="File to write; it must not be there yet.")]) -> None:
    """Write everything into one file, while the system serves.

    The database is that of SINETTI_DATABASE_URL, or else the embedded one in SINETTI_HOME (./.sinetti).
    """
    from sinetti.kit import backup as backups  # noqa: PLC0415 - psycopg loads only when it is needed
    from sinetti.kit.postgres import program_folder, running_database  # noqa: PLC0415

    with running_database(load_settings(), progress=_tell) as url:
        length = backups.backup(url, program_folder(), file)
    print(f"{file}: {length / 1_000_000:.1f} MB")


def restore(file: Annotated[Path, typer.Argument(help="File that `sinetti backup` wrote.")]) -> None:
    """Fill an empty database from a backup: that of SINETTI_DATABASE_URL, or the one in a new SINETTI_HOME."""
    from sinetti.kit import backup as backups  # noqa: PLC0415
    from sinetti.kit.postgres import program_folder, running_database  # noqa: PLC0415

    with running_database(load_settings(), progress=_tell) as url:
        waiting = backups.restore(url, program_folder(), file)
    print(f"Restored from {file}.")
    if waiting:
        print(f"Now run `sinetti migrate`: {', '.join(waiting)} is missing.")


def _tell(said: str) -> None:
    print(said, file=sys.stderr)
