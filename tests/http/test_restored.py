"""A system on a restored database goes on where the backup was taken: packs, credentials, record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.conftest import fresh_database
from tests.http.country import GTIN
from tests.http.running import SECRET, Running, a_running_system, a_server

from sinetti.kit.backup import backup, restore
from sinetti.kit.postgres import EmbeddedPostgres, program_folder
from sinetti.sdk import Pack, Sinetti

BEFORE, AFTER = "SUPPLIED-BEFORE", "SUPPLIED-AFTER"


@pytest.fixture
def another_database_url(server: EmbeddedPostgres) -> Iterator[str]:
    """URL of a second database without tables."""
    yield from fresh_database(server, "template0")


def client(system: Running, address: str) -> Sinetti:
    return Sinetti(address, system.pharmacy_id, SECRET, "en")


def pack(system: Running, serial_number: str) -> Pack:
    return Pack(product_code=GTIN, serial_number=serial_number, batch=system.batch, expiry=system.expiry)


def events(url: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM pack_event ORDER BY event_number").fetchall()


def test_a_restored_system_goes_on_where_the_backup_was_taken(server, another_database_url, tmp_path):
    file = tmp_path / "fi.backup"
    with a_running_system(server, [BEFORE, AFTER]) as system:
        with client(system, system.address) as pharmacy:
            pharmacy.supply(pack(system, BEFORE))
            backup(system.database_url, program_folder(), file)
            told = events(system.database_url)
            pharmacy.supply(pack(system, AFTER))

        restore(another_database_url, program_folder(), file)
        assert events(another_database_url) == told

        with a_server(another_database_url) as address, client(system, address) as pharmacy:
            assert pharmacy.verify(pack(system, BEFORE)).wire.state == "Supplied"
            assert pharmacy.verify(pack(system, AFTER)).wire.state == "Active"
            assert pharmacy.reactivate(pack(system, BEFORE)).is_success

    since = events(another_database_url)
    first = told[0]["event_number"]
    assert since[: len(told)] == told
    assert [event["event_number"] for event in since] == list(range(first, first + len(told) + 3))
