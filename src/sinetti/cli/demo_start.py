"""Starts the demo country: database, data, servers and worker; and takes it away again."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from socket import socket
from typing import Final

from sinetti.cli.beside import portal_beside, worker_beside
from sinetti.cli.demo_banner import banner
from sinetti.cli.errors import UserError
from sinetti.cli.server import PortTakenError, address_of, open_socket, run_server, stopping_cleanly
from sinetti.demo.contracts import make_contracts
from sinetti.demo.demo_file import DemoFile, DemoPerson, demo_path, read_demo_file, write_demo_file
from sinetti.demo.people import make_people
from sinetti.demo.reset import empty_database, holds_other_data
from sinetti.demo.seed import has_demo, is_empty, seed
from sinetti.demo.traffic.participants import traffic_credentials
from sinetti.kit.db import Database
from sinetti.kit.migrate import migrate
from sinetti.kit.postgres import running_database
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings
from sinetti.nmvs.packs import Country
from sinetti.rules.load import load_rules

_PORTS_TRIED: Final = 20


def start_demo(settings: Settings, *, port_given: bool) -> None:
    """Run the demo until it is told to stop. The first time it makes the country."""
    with stopping_cleanly(), _only_one(settings):
        bound = _socket(settings.host, settings.port, port_given=port_given)
        # A demo that was asked for a port of its own stands beside another: its portal takes what is free.
        portal_bound = _socket(settings.host, 0 if port_given else settings.portal_port, port_given=False)
        address = address_of(bound)
        portal_port = portal_bound.getsockname()[1]
        portal_address = replace(settings, portal_port=portal_port).portal_address
        with running_database(settings, progress=_say) as url:
            migrate(url)
            demo = asyncio.run(_demo(settings, url, address)).with_portal(portal_address)
            if not demo.people:
                demo = demo.with_people(asyncio.run(_people(settings, url, demo)))
            path = write_demo_file(settings.home, demo)

            def ready() -> None:
                print(banner(demo, path), flush=True)

            served = replace(
                settings,
                database_url=url,
                port=bound.getsockname()[1],
                portal_port=portal_port,
                # Nobody real is written to, so that whoever tries the demo may read it all.
                show_mail="yes",
                private_webhooks="yes",
                log_level=_log_level(),
            )
            with portal_beside(served, portal_bound), worker_beside(served):
                run_server(served, bound, ready)
    _say(f"Stopped. The data stay in {settings.home}; sinetti demo start goes on with them.")


def reset_demo(settings: Settings) -> None:
    """Remove the demo's data and credentials."""
    with _only_one(settings), running_database(settings, progress=_say) as url:
        if holds_other_data(url):
            raise UserError("the database holds data that is not a demo's; nothing was thrown away")
        empty_database(url)
        demo_path(settings.home).unlink(missing_ok=True)
        traffic_credentials(settings.home).unlink(missing_ok=True)


async def _demo(settings: Settings, url: str, address: str) -> DemoFile:
    """The demo of this database, made now where there is none."""
    kept = _kept(settings)
    async with await Database.open(url, pool_max=2) as database:
        if await is_empty(database):
            _say("Making the demo country …")
            nation = Country(market=settings.market, rules=load_rules(settings.market), zone=settings.zone)
            keep: Callable[[DemoFile], object] = lambda demo: write_demo_file(settings.home, demo)  # noqa: E731
            return await seed(database, nation, datetime.now(UTC), address, keep)
        if not await has_demo(database):
            raise UserError(
                "the database holds data that is not a demo's. Use another folder: SINETTI_HOME=…"
            )
    if kept is None:
        raise UserError(
            f"{demo_path(settings.home)} is missing, and with it the demo's credentials. Make a new demo: "
            "sinetti demo reset"
        )
    return kept.served_at(address)


async def _people(settings: Settings, url: str, demo: DemoFile) -> tuple[DemoPerson, ...]:
    now = datetime.now(UTC)
    async with await Database.open(url, pool_max=1) as database:
        made = await make_people(database, sealer_of(settings.home), demo, now)
        await make_contracts(database, demo, now, settings.zone)
        return made


def _kept(settings: Settings) -> DemoFile | None:
    try:
        return read_demo_file(settings.home)
    except ValueError as error:
        raise UserError(
            f"{demo_path(settings.home)} cannot be read ({error}). Make a new demo: sinetti demo reset"
        ) from error


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Hold the folder's demo for this process."""
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = os.open(settings.home / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            demo = _kept(settings)
            at = f" at {demo.base_url}" if demo else ""
            raise UserError(f"the demo of {settings.home} is running{at}; stop it first (Ctrl-C)") from error
        yield
    finally:
        os.close(lock)


def _socket(host: str, wanted: int, *, port_given: bool) -> socket:
    """The port asked for, or else the usual one or the next one that is free."""
    for port in range(wanted, wanted + _PORTS_TRIED):
        try:
            bound = open_socket(host, port)
        except PortTakenError as error:
            if port_given or not error.in_use:
                raise
            continue
        if port != wanted:
            _say(f"Port {wanted} is used by another program; the demo takes {port}.")
        return bound
    return open_socket(host, 0)


def _log_level(environ: Mapping[str, str] = os.environ) -> str:
    """Quiet, unless somebody asks for more: what has just been printed should stay in sight."""
    return environ.get("SINETTI_LOG_LEVEL") or "ERROR"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
