"""Brings a database's schema up to date with the numbered SQL files of `migrations/`.

A file runs in one transaction and is recorded with its SHA-256; what has been applied is never changed, only
followed by a new file. Comment lines at the top of a file may say:

    -- statement_timeout: 10min  each statement may take longer than the usual minute
    -- no transaction            statement by statement, for CREATE INDEX CONCURRENTLY; must be safe to repeat
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

SERVER_VERSION_MIN = 150000
"""PostgreSQL 15, as `server_version` counts."""

LOCK_TIMEOUT = "4s"
"""How long a statement waits for a table that others use. A request that comes meanwhile queues behind it, so
it must stay short; try again at a quieter moment."""

STATEMENT_TIMEOUT = "1min"

_ADVISORY_LOCK = 0x53494E45545449  # "SINETTI"
_FILE_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")


class MigrationError(Exception):
    """The schema cannot be brought up to date. The message says why, for the person who runs the system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of `migrations/`."""

    name: str
    """File name without `.sql`."""
    text: str

    @property
    def sha256(self) -> str:
        """Digest of the content, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def headers(self) -> Mapping[str, str]:
        """What the comment lines at the top say, by key; a line without a colon has an empty value."""
        lines: dict[str, str] = {}
        for line in self.text.splitlines():
            if line.strip() and not line.startswith("--"):
                break
            key, _, value = line.removeprefix("--").partition(":")
            lines[key.strip()] = value.strip()
        return lines


def migrations_folder() -> Path:
    """Where the files are: inside an installed package, or at the root of a checkout."""
    packaged = Path(__file__).parents[1] / "migrations"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "migrations"


def read_migrations(folder: Path | None = None) -> list[Migration]:
    """All migrations in order. Raises `MigrationError` for a wrong file name or two files of one number."""
    paths = sorted((folder or migrations_folder()).glob("*.sql"))
    for path in paths:
        if not _FILE_NAME.fullmatch(path.name):
            raise MigrationError(
                f"a migration should be named like 0007_what_it_does.sql; there is {path.name}"
            )
    numbers = [path.name[:4] for path in paths]
    twice = {number for number in numbers if numbers.count(number) > 1}
    if twice:
        raise MigrationError(f"two migrations have the number {', '.join(sorted(twice))}")
    return [Migration(name=path.stem, text=path.read_text(encoding="utf-8")) for path in paths]


def migrate(url: str, *, folder: Path | None = None) -> list[str]:
    """Apply what is missing and return its names, in order. Two processes at once: the second waits for the
    first.

    Raises `MigrationError` when the server is too old, a file was changed after it was applied, the database
    is ahead of these files, or a statement fails; what was applied before stays.
    """
    migrations = read_migrations(folder)
    with _prepared(url) as connection:
        waiting = _waiting(connection, migrations)
        for migration in waiting:
            _apply(connection, migration)
        return [migration.name for migration in waiting]


def pending(url: str, *, folder: Path | None = None) -> list[str]:
    """Names of what `migrate` would apply. Changes nothing. Raises as `migrate` does."""
    with psycopg.connect(url, autocommit=True) as connection:
        _refuse_old_server(connection)
        return [migration.name for migration in _waiting(connection, read_migrations(folder))]


@contextmanager
def _prepared(url: str) -> Iterator[Connection[TupleRow]]:
    """A connection that is the only one migrating this database."""
    with psycopg.connect(url, autocommit=True, application_name="sinetti migrate") as connection:
        _refuse_old_server(connection)
        connection.execute("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration ("
            " name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        yield connection  # closing it gives the advisory lock back


def _refuse_old_server(connection: Connection[TupleRow]) -> None:
    version = connection.info.server_version
    if version < SERVER_VERSION_MIN:
        least = SERVER_VERSION_MIN // 10000
        raise MigrationError(f"Sinetti needs PostgreSQL {least} or newer; the server is {version // 10000}")


def _waiting(connection: Connection[TupleRow], migrations: list[Migration]) -> list[Migration]:
    known = {migration.name: migration for migration in migrations}
    applied = _applied(connection)
    for name, sha256 in applied.items():
        if name not in known:
            raise MigrationError(
                f"the database has migration {name}, which this version of Sinetti does not know"
            )
        if known[name].sha256 != sha256:
            raise MigrationError(
                f"migration {name} was changed after it was applied; put it back and write a new migration"
            )
    return [migration for migration in migrations if migration.name not in applied]


def _applied(connection: Connection[TupleRow]) -> dict[str, str]:
    if connection.execute("SELECT to_regclass('schema_migration')").fetchone() == (None,):
        return {}
    return dict(connection.execute("SELECT name, sha256 FROM schema_migration ORDER BY name").fetchall())


def _apply(connection: Connection[TupleRow], migration: Migration) -> None:
    headers = migration.headers
    try:
        for name, value in (
            ("lock_timeout", LOCK_TIMEOUT),
            ("statement_timeout", headers.get("statement_timeout", STATEMENT_TIMEOUT)),
        ):
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        if "no transaction" in headers:
            for statement in _statements(migration.text):
                connection.execute(statement)
            _record(connection, migration)
        else:
            with connection.transaction():
                connection.execute(_ours(migration.text))
                _record(connection, migration)
    except psycopg.Error as error:
        raise MigrationError(f"migration {migration.name} failed: {error}") from error


def _record(connection: Connection[TupleRow], migration: Migration) -> None:
    connection.execute(
        "INSERT INTO schema_migration (name, sha256) VALUES (%s, %s)", (migration.name, migration.sha256)
    )


def _statements(text: str) -> Iterator[sql.SQL]:
    """Statements of a file without a transaction: each ends with a semicolon at the end of its line."""
    without_comments = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)
    for statement in re.split(r";[ \t]*$", without_comments, flags=re.MULTILINE):
        if statement.strip():
            yield _ours(statement)


def _ours(text: LiteralString) -> sql.SQL:
    # Files of this repository, which are as much code as this line is.
    return sql.SQL(text)
