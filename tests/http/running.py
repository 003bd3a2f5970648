"""A national system behind a real socket: uvicorn as `sinetti serve` runs it, in a thread of the test's process."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.conftest import TEMPLATE, fresh_database
from tests.http import country

from sinetti.asgi import create_nmvs, create_portal
from sinetti.kit.clock import Clock, system_clock
from sinetti.kit.db import Database
from sinetti.kit.http_protocol import JoiningProtocol
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.kit.settings import Settings

START_SECONDS_MAX = 30
SECRET = "secret-of-a-test"


@dataclass(frozen=True)
class Running:
    """A system that can be reached, with two clients and one product with some packs."""

    address: str
    database_url: str
    pharmacy_id: str
    """Client id of a pharmacy; every secret is `SECRET`."""
    pharmacy_token: str
    """Value of the header `Authorization`."""
    other_pharmacy_id: str
    uploader_id: str
    """Client id of a marketing authorisation holder."""
    uploader_token: str
    operator_token: str
    """Of a tool of the operator."""
    batch: str = "LOT-42/A"
    expiry: str = "291200"


@contextmanager
def a_running_system(server: EmbeddedPostgres, serials: list[str]) -> Iterator[Running]:
    """A system on a database of its own, for as many tests as like to share it."""
    for url in fresh_database(server, TEMPLATE):
        with a_server(url) as address:
            yield asyncio.run(_furnished(address, url, serials))


async def _furnished(address: str, database_url: str, serials: list[str]) -> Running:
    async with (
        await Database.open(database_url, pool_max=1) as database,
        httpx.AsyncClient(base_url=address) as client,
    ):
        made = country.TestCountry(client, database)
        pharmacy = await made.pharmacy("pharmacy-1")
        await made.pharmacy("pharmacy-2")
        uploader = await made.pharmacy("uploader-1", kind="mah_obp")
        tool = await made.pharmacy("operator-1", kind="operator")
        await made.batch(Running.batch, Running.expiry, serials)
        async with database.transaction() as tx:
            await tx.execute("UPDATE product SET organisation_id = %s", (uploader.organisation_id,))
    return Running(
        address=address,
        database_url=database_url,
        pharmacy_id="pharmacy-1",
        pharmacy_token=pharmacy.headers["Authorization"],
        other_pharmacy_id="pharmacy-2",
        uploader_id="uploader-1",
        uploader_token=uploader.headers["Authorization"],
        operator_token=tool.headers["Authorization"],
    )


@contextmanager
def a_server(
    database_url: str, clock: Clock = system_clock, http: type[asyncio.Protocol] = JoiningProtocol
) -> Iterator[str]:
    """Serve a national system on a free port, as `sinetti serve nmvs` does; yields the address."""
    system = create_nmvs(Settings(database_url=database_url, log_level="ERROR"), clock=clock)
    with served(system, http) as address:
        yield address


@contextmanager
def a_portal_server(database_url: str, home: Path) -> Iterator[str]:
    """Serve a portal on a free port, as `sinetti serve portal` does; yields the address."""
    with served(create_portal(Settings(database_url=database_url, home=home, log_level="ERROR"))) as address:
        yield address


@contextmanager
def served(system: ASGIApp, http: type[asyncio.Protocol] = JoiningProtocol, port: int = 0) -> Iterator[str]:
    """Serve an application on that port, or on a free one, in a thread; yields the address."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            loops.append(asyncio.get_running_loop())
        await system(scope, receive, send)

    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http=http,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server of a test")
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not server.started:
            assert thread.is_alive(), "the server ended before it had started"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS_MAX)
        assert not thread.is_alive(), (
            f"the server did not stop: {[asyncio.all_tasks(loop) for loop in loops]}"
        )
