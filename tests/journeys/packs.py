"""Pharmacies, a product and packs for the journeys, and what the database says of them afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from sinetti.gs1.charset import character_classes
from sinetti.nmvs.store.serial_key import serial_key

GTIN = "06412345678907"
BATCH = "ERA-1"
EXPIRY = "391231"
SECRET = "secret-of-a-test"


@dataclass(frozen=True, slots=True)
class Event:
    """What the record says of one operation on one pack."""

    event_number: int
    transaction_id: UUID
    bulk_id: UUID | None
    serial_number: str
    operation: str
    operation_code: str
    state_before: str | None
    state_after: str | None
    location_id: int
    alert_id: str | None


@dataclass(frozen=True, slots=True)
class Pack:
    """What the repository says of one pack; the state is a letter, or none while it is active."""

    serial_number: str
    state: str | None
    location_id: int | None
    repeat_count: int | None


def add_pharmacy(connection: psycopg.Connection, name: str) -> int:
    """A pharmacy whose one client equipment has `name` as client id; its location."""
    row = connection.execute(
        """
        WITH organisation AS (
            INSERT INTO organisation (name, kind) VALUES (%(name)s, 'pharmacy') RETURNING organisation_id
        ), location AS (
            INSERT INTO location (organisation_id, name) SELECT organisation_id, %(name)s FROM organisation
            RETURNING location_id
        ), equipment AS (
            INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role)
            SELECT location_id, %(name)s, %(name)s, %(secret)s, 'full_access' FROM location
        )
        SELECT location_id FROM location
        """,
        {"name": name, "secret": hashlib.sha256(SECRET.encode()).digest()},
    ).fetchone()
    assert row is not None
    return int(row[0])


def add_packs(connection: psycopg.Connection, serial_numbers: Sequence[str]) -> None:
    """One product with one batch of these packs, all active."""
    keys = [serial_key(serial_number) for serial_number in serial_numbers]
    assert None not in keys
    classes = 0
    for serial_number in serial_numbers:
        classes |= character_classes(serial_number)
    lengths = [len(serial_number) for serial_number in serial_numbers]
    connection.execute(
        """
        WITH organisation AS (
            INSERT INTO organisation (name, kind) VALUES ('Myyntiluvan haltija', 'mah_obp') RETURNING organisation_id
        ), product AS (
            INSERT INTO product (scheme, product_code, organisation_id, name, uploaded_at)
            SELECT 'gs1', %(code)s, organisation_id, 'Testilääke 10 mg', %(now)s FROM organisation
            RETURNING product_id
        ), batch AS (
            INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min,
                               serial_length_max, serial_format)
            SELECT product_id, %(batch)s, %(expiry)s, %(now)s, %(count)s, %(shortest)s, %(longest)s, %(classes)s
              FROM product
            RETURNING product_id, batch_id
        )
        INSERT INTO pack (serial_key, product_id, batch_id)
        SELECT serial_key, product_id, batch_id FROM batch, unnest(%(keys)s::uuid[]) AS serial_key
        """,
        {
            "code": GTIN,
            "now": datetime(2026, 1, 1, tzinfo=UTC),
            "batch": BATCH,
            "expiry": EXPIRY,
            "count": len(serial_numbers),
            "shortest": min(lengths),
            "longest": max(lengths),
            "classes": classes,
            "keys": [key.hex() for key in keys if key is not None],
        },
    )


def events(connection: psycopg.Connection) -> list[Event]:
    """The whole record, in the order in which things happened to each pack."""
    with connection.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(
            "SELECT event_number, transaction_id, bulk_id, serial_number, operation, operation_code, state_before,"
            " state_after, location_id, alert_id FROM pack_event ORDER BY event_number"
        ).fetchall()


def packs(connection: psycopg.Connection) -> dict[str, Pack]:
    """Every pack, by serial number."""
    with connection.cursor(row_factory=class_row(Pack)) as cursor:
        rows = cursor.execute(
            "SELECT sinetti_serial(serial_key) AS serial_number, state, location_id, repeat_count FROM pack"
        ).fetchall()
    return {pack.serial_number: pack for pack in rows}


STATE_LETTERS = {"Active": None, "Supplied": "s"}


def assert_record_and_packs_agree(connection: psycopg.Connection) -> None:
    """Each pack's events follow from each other, and the last one left the pack as it is.

    A verification locks nothing, so it may be recorded after a change that came later: it changes no state itself.
    """
    states: dict[str, str] = {}
    for event in events(connection):
        if event.operation == "verify":
            assert event.state_before == event.state_after, event
            continue
        if event.state_before is not None:
            assert event.state_before == states.get(event.serial_number, "Active"), event
        if event.state_after is not None:
            states[event.serial_number] = event.state_after
    for pack in packs(connection).values():
        expected = STATE_LETTERS[states.get(pack.serial_number, "Active")]
        assert pack.state == expected, f"{pack} but its record says {states.get(pack.serial_number)}"
    alerts = connection.execute("SELECT alert_id FROM alert ORDER BY alert_id").fetchall()
    told = connection.execute(
        "SELECT alert_id FROM deviation_outbox WHERE alert_id IS NOT NULL ORDER BY alert_id"
    ).fetchall()
    raised = sorted((event.alert_id,) for event in events(connection) if event.alert_id is not None)
    assert alerts == told == raised


def deadlocks(connection: psycopg.Connection) -> int:
    """Deadlocks that PostgreSQL has broken in this database so far."""
    connection.execute("SELECT pg_stat_clear_snapshot()")
    row = connection.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None
    return int(row[0])
