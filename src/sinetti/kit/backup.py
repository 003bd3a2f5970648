"""A whole database into one file, and back again, with PostgreSQL's own pg_dump and pg_restore.

A backup is the state at one moment, taken while the system serves. Point-in-time recovery and standby servers are
the business of a PostgreSQL of one's own (docs/operating/backup.md).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sinetti.kit.migrate import MigrationError, pending

_TRANSACTION_TIMEOUT_SINCE: Final = 170000


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
        knows_all_settings = connection.info.server_version >= _TRANSACTION_TIMEOUT_SINCE
    if knows_all_settings:
        arguments = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
        _run(bin_dir / "pg_restore", url, *arguments, str(source))
    else:
        _restore_into_older_server(url, bin_dir, source)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    try:
        return pending(url)
    except MigrationError as error:
        raise BackupError(
            f"{source} was restored, but cannot be used by this version of Sinetti: {error}"
        ) from error


def _restore_into_older_server(url: str, bin_dir: Path, source: Path) -> None:
    """As `pg_restore` does, all or nothing, but without the setting that it begins with.

    pg_restore 17 and newer sets `transaction_timeout`, which PostgreSQL 15 and 16 refuse to know. So its script goes
    through psql, less that line. psql commits when the script ends, so it is ended first when pg_restore failed.
    """
    to_script = [str(bin_dir / "pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(source)]
    database, environment = _connection(url)
    to_database = [
        str(bin_dir / "psql"), *database, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
    ]  # fmt: skip
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(to_script, stdout=subprocess.PIPE, stderr=said) as writer,  # noqa: S603
        subprocess.Popen(  # noqa: S603
            to_database, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as reader,
    ):
        assert writer.stdout is not None
        assert reader.stdin is not None
        with suppress(BrokenPipeError):  # psql has ended, and has said why
            _copy_script(writer.stdout, reader.stdin)
        writer.stdout.close()
        if writer.wait() and reader.poll() is None:
            reader.kill()
        with suppress(BrokenPipeError):
            reader.stdin.close()
        reader.wait()
        if writer.returncode or reader.returncode:
            said.seek(0)
            raise BackupError(f"pg_restore failed: {said.read().decode(errors='replace').strip()}")


def _copy_script(script: IO[bytes], target: IO[bytes]) -> None:
    """Copy all but the setting, which stands among the settings at the beginning."""
    for line in script:
        if line.startswith(b"SET transaction_timeout"):
            break
        target.write(line)
        if line.startswith((b"CREATE", b"COPY")):
            break
    shutil.copyfileobj(script, target, 1024 * 1024)


def _connection(url: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Arguments and environment that connect to the database.

    The password goes by the environment, because everybody may read a command line.
    """
    environment = dict(os.environ)
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return (f"--dbname={make_conninfo('', **parts)}",), environment


def _run(program: Path, url: str | None, *arguments: str) -> None:
    """Run the program, on the database if one is given."""
    database, environment = ((), None) if url is None else _connection(url)
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
