"""The indexes by time that migration 0015 gives the record: the months that are there, and those to come."""

from __future__ import annotations

import psycopg
import pytest

from sinetti.kit.migrate import _statements, migrate, migrations_folder, read_migrations

BEFORE = "0014"
FILE = "0015_reports"


@pytest.fixture
def earlier(empty_database_url, tmp_path):
    """A database as the version before had it, with a month of the record and an event in each."""
    for path in migrations_folder().glob("*.sql"):
        if path.name[:4] <= BEFORE:
            (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    migrate(empty_database_url, folder=tmp_path)
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("SELECT ensure_pack_event_month('2026-03-05 00:00+00')")
        connection.execute(
            "INSERT INTO pack_event (product_id, recorded_at, transaction_id, operation, scheme, product_code, serial_number,"
            " rules_version) SELECT 0, at, gen_random_uuid(), 'verify', 'gs1', '', '', ''"
            " FROM unnest(ARRAY['2026-03-05 00:00+00', '2024-01-01 00:00+00']::timestamptz[]) AS at"
        )
    return empty_database_url


def indexes(url: str, table: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", (table,))
        return {name for (name,) in rows}


def test_every_month_gets_them_those_to_come_too_and_again_changes_nothing(earlier):
    migrate(earlier)
    (text,) = [migration.text for migration in read_migrations() if migration.name == FILE]
    with psycopg.connect(earlier, autocommit=True) as connection:
        for statement in _statements(text):
            connection.execute(statement)
        connection.execute("SELECT ensure_pack_event_month('2026-04-05 00:00+00')")
        valid = connection.execute(
            "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relname IN ('pack_event_time', 'pack_event_alert_time') ORDER BY relname"
        ).fetchall()
    assert valid == [("pack_event_alert_time", True), ("pack_event_time", True)]
    assert {"pack_event_2026_03_time", "pack_event_2026_03_alert_time"} <= indexes(
        earlier, "pack_event_2026_03"
    )
    assert {"pack_event_other_time", "pack_event_other_alert_time"} <= indexes(earlier, "pack_event_other")
    assert len(indexes(earlier, "pack_event_2026_04")) == 4


def test_organisations_of_the_operator_and_the_authority_can_be_added(database_url):
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO organisation (name, kind) VALUES ('Operator', 'operator'), ('Authority', 'authority')"
        )
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO organisation (name, kind) VALUES ('Ministry', 'ministry')")
