"""A backup is whole, restores whole, and harms nothing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.conftest import fresh_database

from sinetti.kit.backup import BackupError, backup, restore
from sinetti.kit.migrate import migrate
from sinetti.kit.postgres import EmbeddedPostgres, program_folder

BIN = program_folder()


@pytest.fixture
def kept(empty_database_url: str) -> str:
    """URL of a database with Sinetti's schema, an organisation and a sequence that has moved."""
    migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("INSERT INTO organisation (name, kind) VALUES ('Apteekki Ä', 'pharmacy')")
        connection.execute("SELECT setval('pack_event_number', 1000)")
    return empty_database_url


@pytest.fixture
def another_database_url(server: EmbeddedPostgres) -> Iterator[str]:
    """URL of a second database without tables."""
    yield from fresh_database(server, "template0")


@pytest.fixture(params=["since 17", "15 and 16"])
def server_version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore as into the embedded server, and as into one that does not know all of pg_restore's settings."""
    if request.param == "15 and 16":
        monkeypatch.setattr("sinetti.kit.backup._TRANSACTION_TIMEOUT_SINCE", 1_000_000)


def content(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return [
            *connection.execute("SELECT * FROM organisation").fetchall(),
            *connection.execute(
                "SELECT name, sha256, applied_at FROM schema_migration ORDER BY name"
            ).fetchall(),
            *connection.execute("SELECT last_value FROM pack_event_number").fetchall(),
        ]


@pytest.mark.usefixtures("server_version")
def test_what_is_restored_is_what_was_backed_up(kept, another_database_url, tmp_path):
    file = tmp_path / "fi.backup"
    assert backup(kept, BIN, file) == file.stat().st_size > 1000
    assert restore(another_database_url, BIN, file) == []
    assert content(another_database_url) == content(kept)


@pytest.mark.usefixtures("server_version")
def test_the_record_is_append_only_after_a_restore_too(kept, another_database_url, tmp_path):
    backup(kept, BIN, tmp_path / "fi.backup")
    restore(another_database_url, BIN, tmp_path / "fi.backup")
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only")
    with psycopg.connect(another_database_url) as connection, refused:
        connection.execute("DELETE FROM pack_event")


def test_only_its_owner_may_read_a_backup(kept, tmp_path):
    backup(kept, BIN, tmp_path / "fi.backup")
    assert stat.S_IMODE((tmp_path / "fi.backup").stat().st_mode) == 0o600


def test_a_backup_never_overwrites_a_file(kept, tmp_path):
    (tmp_path / "fi.backup").write_text("last week's", encoding="ascii")
    with pytest.raises(BackupError, match="is there already"):
        backup(kept, BIN, tmp_path / "fi.backup")
    assert (tmp_path / "fi.backup").read_text(encoding="ascii") == "last week's"


def test_a_backup_that_fails_leaves_no_file(tmp_path):
    with pytest.raises(BackupError, match="pg_dump failed"):
        backup("postgresql://nobody@127.0.0.1:1/nothing", BIN, tmp_path / "fi.backup")
    assert list(tmp_path.iterdir()) == []


def test_a_restore_fills_an_empty_database_only(kept, tmp_path):
    backup(kept, BIN, tmp_path / "fi.backup")
    with pytest.raises(BackupError, match="is not empty"):
        restore(kept, BIN, tmp_path / "fi.backup")


@pytest.mark.usefixtures("server_version")
def test_a_broken_backup_leaves_the_database_empty(kept, another_database_url, tmp_path):
    file = tmp_path / "fi.backup"
    backup(kept, BIN, file)
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(BackupError, match="pg_restore failed"):
        restore(another_database_url, BIN, file)
    with psycopg.connect(another_database_url) as connection:
        assert connection.execute("SELECT to_regclass('organisation')").fetchone() == (None,)


@pytest.mark.usefixtures("server_version")
def test_a_database_that_cannot_be_filled_is_told_and_left_empty(kept, another_database_url, tmp_path):
    backup(kept, BIN, tmp_path / "fi.backup")
    with psycopg.connect(another_database_url) as connection:
        connection.execute("CREATE VIEW organisation AS SELECT 1")
    with pytest.raises(BackupError, match="organisation"):
        restore(another_database_url, BIN, tmp_path / "fi.backup")
    with psycopg.connect(another_database_url) as connection:
        assert connection.execute("SELECT to_regclass('pack')").fetchone() == (None,)


def test_a_backup_of_a_later_version_is_told(kept, another_database_url, tmp_path):
    with psycopg.connect(kept) as connection:
        connection.execute("INSERT INTO schema_migration (name, sha256) VALUES ('9999_later', '')")
    backup(kept, BIN, tmp_path / "fi.backup")
    with pytest.raises(BackupError, match="9999_later, which this version of Sinetti does not know"):
        restore(another_database_url, BIN, tmp_path / "fi.backup")


def test_a_password_is_not_on_the_command_line(tmp_path):
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$@ and $PGPASSWORD" >&2\nexit 1\n', encoding="ascii")
    program.chmod(0o755)
    with pytest.raises(BackupError) as failed:
        backup("postgresql://me:hunter2@db.example/fi", Path(tmp_path), tmp_path / "fi.backup")
    arguments, _, password = str(failed.value).partition(" and ")
    assert "hunter2" not in arguments
    assert password == "hunter2"
