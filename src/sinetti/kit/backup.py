"""A whole database into one file, and back again, with PostgreSQL's own pg_dump and pg_restore.

A backup is the state at one moment, taken while the system serves. Point-in-time recovery and standby servers are
the business of a PostgreSQL of one's own (docs/operating/backup.md).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sinetti.kit.migrate import MigrationError, pending


class BackupError(Exception):
    """A backup cannot be made or restored. The message says why, for the person who runs the system."""


def backup(url: str, bin_dir: Path, target: Path) -> int:
    """Write the database into the file, which only its owner may read; returns its length in bytes.

    `bin_dir` has pg_dump (`EmbeddedPostgres.bin_dir` or `kit.postgres.program_folder()`). The file appears under
    its name when it is whole, on disk, and found readable. Raises `BackupError`; a file of that name that is there
    already is never overwritten.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; choose another name")
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _run(
            bin_dir / "pg_dump",
            url,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={unfinished}",
        )
        _run(bin_dir / "pg_restore", None, "--list", str(unfinished))
        _to_disk(unfinished)
        unfinished.replace(target)
        _to_disk(target.absolute().parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def restore(url: str, bin_dir: Path, source: Path) -> list[str]:
    """Fill an empty database from the file, all or nothing; returns the migrations it still needs.

    Raises `BackupError` when the file is not a backup, the database holds anything already, or the backup is of a
    later version of Sinetti than this one.
    """
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        ).fetchone()
        if tables != (0,):
            raise BackupError("the database is not empty; restore into a new one, and nothing can be lost")
    arguments = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    _run(bin_dir / "pg_restore", url, *arguments, str(source))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    try:
        return pending(url)
    except MigrationError as error:
        raise BackupError(
            f"{source} was restored, but cannot be used by this version of Sinetti: {error}"
        ) from error


def _run(program: Path, url: str | None, *arguments: str) -> None:
    """Run the program. The password goes by the environment, because everybody may read a command line."""
    environment = dict(os.environ)
    database: tuple[str, ...] = ()
    if url is not None:
        parts = conninfo_to_dict(url)
        password = parts.pop("password", None)
        if password is not None:
            environment["PGPASSWORD"] = str(password)
        database = (f"--dbname={make_conninfo('', **parts)}",)
    done = subprocess.run(  # noqa: S603
        [str(program), *database, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{program.name} failed: {done.stderr.strip()}")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
