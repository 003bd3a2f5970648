"""The migration runner: from nothing, from an earlier state, twice at once, and what it refuses."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psycopg
import pytest

from sinetti.kit import migrate as runner
from sinetti.kit.migrate import MigrationError, migrate, migrations_folder, pending, read_migrations

FIRST = "CREATE TABLE product (product_code text PRIMARY KEY);\nINSERT INTO product VALUES ('A');\n"
SECOND = "-- Names, for people.\nALTER TABLE product ADD COLUMN name text;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two migrations."""
    (tmp_path / "0001_product.sql").write_text(FIRST, encoding="utf-8")
    (tmp_path / "0002_name.sql").write_text(SECOND, encoding="utf-8")
    return tmp_path


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_an_empty_database_gets_everything_in_order(empty_database_url, folder):
    assert pending(empty_database_url, folder=folder) == ["0001_product", "0002_name"]
    assert migrate(empty_database_url, folder=folder) == ["0001_product", "0002_name"]
    assert rows(empty_database_url, "SELECT * FROM product") == [("A", None)]
    assert pending(empty_database_url, folder=folder) == []
    assert migrate(empty_database_url, folder=folder) == []


def test_an_earlier_state_gets_what_is_missing(empty_database_url, folder):
    (folder / "0002_name.sql").rename(folder.parent / "later.sql")
    assert migrate(empty_database_url, folder=folder) == ["0001_product"]
    (folder.parent / "later.sql").rename(folder / "0002_name.sql")
    assert pending(empty_database_url, folder=folder) == ["0002_name"]
    assert migrate(empty_database_url, folder=folder) == ["0002_name"]


def test_looking_at_what_is_pending_changes_nothing(empty_database_url, folder):
    pending(empty_database_url, folder=folder)
    assert rows(empty_database_url, "SELECT to_regclass('schema_migration')") == [(None,)]


def test_the_record_says_what_was_applied_and_when(empty_database_url, folder):
    migrate(empty_database_url, folder=folder)
    recorded = rows(
        empty_database_url, "SELECT name, sha256, applied_at <= now() FROM schema_migration ORDER BY name"
    )
    assert recorded == [(m.name, m.sha256, True) for m in read_migrations(folder)]


def test_a_migration_that_fails_leaves_nothing_of_itself(empty_database_url, folder):
    (folder / "0003_bad.sql").write_text("CREATE TABLE half (); SELECT 1 / 0;", encoding="utf-8")
    with pytest.raises(MigrationError, match="migration 0003_bad failed: division by zero"):
        migrate(empty_database_url, folder=folder)
    assert rows(empty_database_url, "SELECT to_regclass('half')") == [(None,)]
    assert pending(empty_database_url, folder=folder) == ["0003_bad"]


def test_a_file_changed_after_it_was_applied_is_refused(empty_database_url, folder):
    migrate(empty_database_url, folder=folder)
    (folder / "0001_product.sql").write_text(FIRST + "-- a word more\n", encoding="utf-8")
    with pytest.raises(MigrationError, match="0001_product was changed after it was applied"):
        migrate(empty_database_url, folder=folder)
    with pytest.raises(MigrationError, match="0001_product was changed after it was applied"):
        pending(empty_database_url, folder=folder)


def test_a_database_of_a_later_version_is_refused(empty_database_url, folder):
    migrate(empty_database_url, folder=folder)
    (folder / "0002_name.sql").unlink()
    with pytest.raises(MigrationError, match="0002_name, which this version of Sinetti does not know"):
        migrate(empty_database_url, folder=folder)


@pytest.mark.parametrize("name", ["0003-dash.sql", "3_short.sql", "0003_Capital.sql"])
def test_a_wrong_file_name_is_refused(folder, name):
    (folder / name).touch()
    with pytest.raises(MigrationError, match="should be named like"):
        read_migrations(folder)


def test_two_files_of_one_number_are_refused(folder):
    (folder / "0002_other.sql").touch()
    with pytest.raises(MigrationError, match="two migrations have the number 0002"):
        read_migrations(folder)


def test_an_old_server_is_refused(empty_database_url, folder, monkeypatch):
    monkeypatch.setattr(runner, "SERVER_VERSION_MIN", 990000)
    with pytest.raises(MigrationError, match="Sinetti needs PostgreSQL 99 or newer; the server is 18"):
        migrate(empty_database_url, folder=folder)


def test_two_processes_at_once_apply_everything_once(empty_database_url, folder):
    (folder / "0003_slow.sql").write_text("SELECT pg_sleep(0.3);", encoding="utf-8")
    applied: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: applied.append(migrate(empty_database_url, folder=folder)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [[], [], ["0001_product", "0002_name", "0003_slow"]]


def test_a_table_in_use_is_not_waited_for_long(empty_database_url, folder, monkeypatch):
    migrate(empty_database_url, folder=folder)
    (folder / "0003_more.sql").write_text("ALTER TABLE product ADD COLUMN form text;", encoding="utf-8")
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "200ms")
    with psycopg.connect(empty_database_url) as busy:
        busy.execute("SELECT * FROM product")
        started = time.monotonic()
        with pytest.raises(MigrationError, match="canceling statement due to lock timeout"):
            migrate(empty_database_url, folder=folder)
        assert time.monotonic() - started < 3
    assert migrate(empty_database_url, folder=folder) == ["0003_more"]


def test_a_statement_has_its_time_and_a_file_may_ask_for_another(empty_database_url, folder, monkeypatch):
    monkeypatch.setattr(runner, "STATEMENT_TIMEOUT", "100ms")
    slow = folder / "0003_slow.sql"
    slow.write_text("SELECT pg_sleep(0.4);", encoding="utf-8")
    with pytest.raises(MigrationError, match="canceling statement due to statement timeout"):
        migrate(empty_database_url, folder=folder)
    slow.write_text(
        "-- Counts all packs.\n-- statement_timeout: 10s\n\nSELECT pg_sleep(0.4);", encoding="utf-8"
    )
    assert migrate(empty_database_url, folder=folder) == ["0003_slow"]


def test_a_file_without_a_transaction_may_build_an_index_concurrently(empty_database_url, folder):
    index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS product_name ON product (name);"
    (folder / "0003_index.sql").write_text(
        f"-- no transaction\n{index}\nANALYZE product;\n", encoding="utf-8"
    )
    assert migrate(empty_database_url, folder=folder)[-1] == "0003_index"
    assert rows(empty_database_url, "SELECT to_regclass('product_name') IS NOT NULL") == [(True,)]


def test_sinettis_own_migrations_apply_to_an_empty_database(empty_database_url):
    assert migrate(empty_database_url) == [migration.name for migration in read_migrations()]
    assert migrations_folder().joinpath("0001_foundation.sql").exists()


async def test_a_tests_own_database_is_migrated(database_url):
    assert pending(database_url) == []
