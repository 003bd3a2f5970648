"""Pharmacy systems that all ask at the same moment: plain HTTP/1.1 over sockets of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.journeys.packs import BATCH, EXPIRY, GTIN, SECRET

RESULT_LOOKS_MAX = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The operation code."""
        return str(self.body["operationCode"])

    @property
    def transaction_id(self) -> str:
        return self.headers["x-transaction-id"]


class Client:
    """One connection of one pharmacy system."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str | None) -> None:
        self._reader = reader
        self._writer = writer
        self._token = token

    async def ask(
        self, method: str, target: str, body: bytes = b"", content_type: str = "application/json"
    ) -> Answer:
        """Send a request and read its answer. Raises `OSError` or `EOFError` when the server dies meanwhile."""
        lines = [f"{method} {target} HTTP/1.1", "Host: test", "Accept-Language: fi"]
        lines += ["emvs-data-entry-mode: non-manual", f"Content-Length: {len(body)}"]
        if body:
            lines.append(f"Content-Type: {content_type}")
        if self._token:
            lines.append(f"Authorization: Bearer {self._token}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        received = await self._body(headers)
        return Answer(int(head[0].split()[1]), headers, json.loads(received) if received else None)

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self._reader.readexactly(int(headers.get("content-length", "0")))
        received = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            received += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readuntil(b"\r\n")
        return received

    async def pack(self, method: str, serial_number: str, state: str | None = None) -> Answer:
        """An operation on one pack."""
        query = urlencode({"batch": BATCH, "expiry": EXPIRY})
        target = f"/verification/product/gs1/{GTIN}/pack/{quote(serial_number, safe='')}?{query}"
        return await self.ask(method, target, json.dumps({"state": state}).encode() if state else b"")

    async def supply(self, serial_number: str) -> Answer:
        return await self.pack("PATCH", serial_number, "Supplied")

    async def reactivate(self, serial_number: str) -> Answer:
        return await self.pack("PATCH", serial_number, "Active")

    async def verify(self, serial_number: str) -> Answer:
        return await self.pack("GET", serial_number)

    async def bulk_supply(self, serial_numbers: Sequence[str]) -> str:
        """Send many packs; the target of the result that is to come."""
        packs = [
            {
                "productCodeScheme": "gs1",
                "productCode": GTIN,
                "serialNumber": serial_number,
                "batchId": BATCH,
                "expiryDate": EXPIRY,
            }
            for serial_number in serial_numbers
        ]
        body = {"state": "Supplied", "numberOfPacks": len(packs), "packs": packs}
        answer = await self.ask("POST", "/verification/product/packs", json.dumps(body).encode())
        assert answer.status == 202, answer
        return urlsplit(answer.headers["location"]).path

    async def bulk_result(self, target: str) -> dict[str, str]:
        """The operation code of each pack, once the result is ready."""
        answer = await self.ask("GET", target)
        for _ in range(RESULT_LOOKS_MAX):
            if answer.status != 409:
                break
            await asyncio.sleep(0.1)
            answer = await self.ask("GET", target)
        assert answer.status == 200, answer
        results = {
            one["pack"]["serialNumber"]: one["result"]["operationCode"] for one in answer.body["packs"]
        }
        assert len(results) == len(answer.body["packs"])
        return results

    def close(self) -> None:
        self._writer.close()


async def connect(port: int, token: str | None = None) -> Client:
    """A connection to a server on this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    return Client(reader, writer, token)


async def token_of(port: int, client_id: str) -> str:
    """A Bearer token of this equipment."""
    client = await connect(port)
    form = urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": SECRET})
    answer = await client.ask(
        "POST", "/identity/connect/token", form.encode(), "application/x-www-form-urlencoded"
    )
    client.close()
    assert answer.status == 200, answer
    return str(answer.body["access_token"])
