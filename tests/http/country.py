"""A country small enough for a test: one product, as many pharmacies as wanted, and the server in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from psycopg.rows import dict_row

from sinetti.asgi import create_nmvs
from sinetti.gs1.charset import character_classes
from sinetti.kit.db import Database
from sinetti.kit.settings import Settings
from sinetti.nmvs.store.serial_key import serial_key

GTIN = "06412345678907"


@dataclass
class Pharmacy:
    """A client of the system, with a token."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    equipment_id: int
    location_id: int
    organisation_id: int

    async def raw(
        self, method: str, target: str, *, headers: dict[str, str | None] | None = None, **body: Any
    ) -> httpx.Response:
        """Send a request whose target goes on the wire as it is; a header of `None` is left out."""
        merged = {**self.headers, **(headers or {})}
        url = httpx.URL("http://test").copy_with(raw_path=target.encode())
        request = self.client.build_request(
            method, url, headers={name: value for name, value in merged.items() if value is not None}, **body
        )
        return await self.client.send(request)

    async def get(
        self, serial: str, *, headers: dict[str, str | None] | None = None, **query: str
    ) -> httpx.Response:
        return await self.raw("GET", _target(serial, query), headers=headers)

    async def patch(
        self, serial: str, state: str, *, headers: dict[str, str | None] | None = None, **query: str
    ) -> httpx.Response:
        return await self.raw("PATCH", _target(serial, query), headers=headers, json={"state": state})


def _target(serial: str, query: dict[str, str]) -> str:
    encoded = urlencode(query, quote_via=quote, safe="")
    return f"/verification/product/gs1/{GTIN}/pack/{quote(serial, safe='')}" + (
        f"?{encoded}" if encoded else ""
    )


@dataclass
class TestCountry:
    """The running system with its database."""

    client: httpx.AsyncClient
    database: Database

    async def pharmacy(self, name: str, role: str | None = "full_access", kind: str = "pharmacy") -> Pharmacy:
        """A new organisation of that kind with one location and one client equipment."""
        async with self.database.transaction() as tx:
            organisation_id = await _value(
                tx,
                "INSERT INTO organisation (name, kind) VALUES (%s, %s) RETURNING organisation_id",
                name,
                kind,
            )
            location_id = await _value(
                tx,
                "INSERT INTO location (organisation_id, name) VALUES (%s, %s) RETURNING location_id",
                organisation_id,
                name,
            )
            equipment_id = await _value(
                tx,
                "INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role)"
                " VALUES (%s, %s, %s, sha256('secret-of-a-test'), %s) RETURNING equipment_id",
                location_id, name, name, role,
            )  # fmt: skip
        answer = await self.client.post(
            "/identity/connect/token",
            data={"grant_type": "client_credentials", "client_id": name, "client_secret": "secret-of-a-test"},
        )
        headers = {
            "Authorization": f"Bearer {answer.json()['access_token']}",
            "emvs-data-entry-mode": "non-manual",
            "Accept-Language": "fi",
        }
        return Pharmacy(self.client, headers, equipment_id, location_id, organisation_id)

    async def batch(self, batch: str, expiry: str, serials: Sequence[str]) -> None:
        """A batch of the one product, with packs that are active."""
        now = datetime(2026, 1, 1, tzinfo=UTC)
        async with self.database.transaction() as tx:
            await tx.execute(
                "INSERT INTO organisation (name, kind) SELECT 'OBP', 'mah_obp' WHERE NOT EXISTS (SELECT FROM product)"
            )
            await tx.execute(
                "INSERT INTO product (scheme, product_code, organisation_id, name, nhrn, uploaded_at)"
                " SELECT 'gs1', %s, max(organisation_id), 'Testilääke 10 mg', '123456', %s FROM organisation ON CONFLICT DO NOTHING",
                (GTIN, now),
            )
            product_id = await _value(tx, "SELECT product_id FROM product")
            classes = 0
            for serial in serials:
                classes |= character_classes(serial)
            lengths = [len(serial) for serial in serials] or [0]
            batch_id = await _value(
                tx,
                "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min, serial_length_max,"
                " serial_format) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING batch_id",
                product_id, batch, expiry, now, len(serials), min(lengths), max(lengths), classes,
            )  # fmt: skip
            for serial in serials:
                key = serial_key(serial)
                assert key is not None
                await tx.execute(
                    "INSERT INTO pack (serial_key, product_id, batch_id) VALUES (%s, %s, %s)",
                    (key.hex(), product_id, batch_id),
                )

    async def events(self) -> list[dict[str, Any]]:
        """The whole record, in order."""
        return await self._rows("SELECT * FROM pack_event ORDER BY event_number")

    async def alerts(self) -> list[dict[str, Any]]:
        return await self._rows("SELECT * FROM alert")

    async def outbox(self) -> list[tuple[str, int]]:
        return [(row["alert_id"], row["level"]) for row in await self._rows("SELECT * FROM deviation_outbox")]

    async def _rows(self, query: Any) -> list[dict[str, Any]]:
        async with (
            self.database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query)
            return await cursor.fetchall()


async def _value(tx: Any, query: str, *values: Any) -> Any:
    row = await (await tx.execute(query, values)).fetchone()
    assert row is not None
    return row[0]


@asynccontextmanager
async def a_country(database_url: str, database: Database, clock: Any) -> AsyncIterator[TestCountry]:
    """The server of a country, started and stopped as uvicorn does, reached without a socket."""
    application = create_nmvs(Settings(database_url=database_url), clock=clock)
    async with application.running():
        transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield TestCountry(client, database)
