"""kill -9 of server and database in the middle of load: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from tests.journeys.clients import Answer, Client, connect, token_of
from tests.journeys.packs import add_packs, add_pharmacy, assert_record_and_packs_agree, events
from tests.journeys.servers import Server, serving

from sinetti.kit.migrate import migrate
from sinetti.kit.postgres import start_embedded, stop_embedded

pytestmark = pytest.mark.slow

ROUNDS = 3
CLIENTS = 24
WORKERS = 2
PACKS = [f"PAKKAUS-{number:05}" for number in range(6000)]
DISPUTED = PACKS[:20]
"""Packs that all clients want; the others are supplied once each."""
BULK_PACKS = [[f"BULKKI-{crash}-{number:04}" for number in range(2000)] for crash in range(ROUNDS)]


@pytest.fixture
def home_of_postgres(home: Path) -> Iterator[Path]:
    """A data folder with Sinetti's own, durable settings, a pharmacy and packs."""
    postgres = start_embedded(home)
    try:
        migrate(postgres.url)
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            add_pharmacy(connection, "A")
            add_packs(connection, [*PACKS, *chain.from_iterable(BULK_PACKS)])
        postgres.stop()
        yield home
    finally:
        stop_embedded(home)


@dataclass
class Load:
    """What the clients have been told so far, over all crashes."""

    acknowledged: list[tuple[str, Answer]] = field(default_factory=list)
    """Serial number and answer."""
    unanswered: int = 0
    is_flowing: asyncio.Event = field(default_factory=asyncio.Event)
    next_pack: int = len(DISPUTED)
    chance: random.Random = field(default_factory=lambda: random.Random(os.urandom(8)))

    bulk_accepted: dict[str, list[str]] = field(default_factory=dict)
    """Packs of each bulk request that was answered 202, by the target of its result."""

    async def send_bulk(self, client: Client, serial_numbers: list[str]) -> None:
        """Have many packs supplied."""
        with suppress(OSError, EOFError):
            self.bulk_accepted[await client.bulk_supply(serial_numbers)] = serial_numbers

    async def work(self, client: Client) -> None:
        """Supply, reactivate and verify until the server is gone."""
        while self.next_pack < len(PACKS):
            serial_number, operation = self._choose(client)
            try:
                answer = await operation(serial_number)
            except (OSError, EOFError):
                self.unanswered += 1
                return
            if "operationCode" in answer.body:
                self.acknowledged.append((serial_number, answer))
                self.is_flowing.set()
            else:  # 503: the database is gone, and the server cannot know what it still did
                assert answer.status == 503, answer
                self.unanswered += 1

    def _choose(self, client: Client) -> tuple[str, Callable[[str], Awaitable[Answer]]]:
        if self.chance.random() < 0.3:
            operation = self.chance.choice([client.supply, client.reactivate, client.verify])
            return self.chance.choice(DISPUTED), operation
        self.next_pack += 1
        return PACKS[self.next_pack - 1], client.supply


async def test_after_kill_9_of_everything_each_acknowledged_operation_is_there_and_none_by_half(
    home_of_postgres: Path,
) -> None:
    home = home_of_postgres
    load = Load()
    for crash in range(ROUNDS):
        with serving(home, workers=WORKERS) as server:
            await under_load(load, server, home, DISPUTED[::-1] + BULK_PACKS[crash])
        recover_and_check(home, load, f"crash {crash + 1}")
    assert len(load.acknowledged) > 100, "the clients had hardly begun"
    assert load.unanswered, "nothing was under way when the servers were killed"
    with serving(home, workers=WORKERS) as server:
        await bulk_requests_are_finished(load, server, home)


async def under_load(load: Load, server: Server, home: Path, bulk_packs: list[str]) -> None:
    """Let the clients work, and kill everything in the middle of it."""
    token = await token_of(server.port, "A")
    clients = [await connect(server.port, token) for _ in range(CLIENTS)]
    load.is_flowing.clear()
    working = [asyncio.create_task(load.work(client)) for client in clients]
    await asyncio.wait_for(load.is_flowing.wait(), 30)
    bulk_client = await connect(server.port, token)
    working.append(asyncio.create_task(load.send_bulk(bulk_client, bulk_packs)))
    await asyncio.sleep(load.chance.uniform(0.05, 1.0))
    kill_all(server, home, database_first=load.chance.random() < 0.5)
    await asyncio.gather(*working)
    for client in (*clients, bulk_client):
        client.close()


def kill_all(server: Server, home: Path, *, database_first: bool) -> None:
    """kill -9 of the postmaster with all its children, and of the server with all its workers."""
    data = str((home / "postgres").resolve())
    victims = [process for process in psutil.process_iter() if works_in(process, data)]
    assert server.process.poll() is None, f"the server had ended by itself:\n{server.said()}"
    assert len(victims) > 3, (
        f"PostgreSQL runs several processes:\n{(home / 'postgres.log').read_text()[-3000:]}"
    )
    if not database_first:
        server.kill()
    for process in victims:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    server.kill()
    psutil.wait_procs(victims, timeout=10)


def works_in(process: psutil.Process, folder: str) -> bool:
    with suppress(psutil.Error):
        return bool(process.name().startswith("postgres") and process.cwd() == folder)
    return False


def recover_and_check(home: Path, load: Load, when: str) -> None:
    """Start the database as the server would, and compare it with what the clients were told."""
    postgres = start_embedded(home)
    try:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            singles = [event for event in events(connection) if event.bulk_id is None]
            recorded = {str(event.transaction_id): event for event in singles}
            assert len(recorded) == len(singles), f"{when}: a transaction id is there twice"
            for serial_number, answer in load.acknowledged:
                event = recorded.get(answer.transaction_id)
                assert event is not None, f"{when}: {answer} was acknowledged and is not recorded"
                assert (event.serial_number, event.operation_code) == (serial_number, answer.code)
            assert_record_and_packs_agree(connection)
    finally:
        postgres.stop()


async def bulk_requests_are_finished(load: Load, server: Server, home: Path) -> None:
    """Every bulk request that was accepted before a crash has its result, and each of its packs one event."""
    assert load.bulk_accepted, "no bulk request was accepted in time"
    client = await connect(server.port, await token_of(server.port, "A"))
    results = {target: await client.bulk_result(target) for target in load.bulk_accepted}
    client.close()
    postgres = start_embedded(home)
    try:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            recorded = events(connection)
            assert_record_and_packs_agree(connection)
    finally:
        postgres.stop()
    for target, serial_numbers in load.bulk_accepted.items():
        of_this = [event for event in recorded if str(event.bulk_id) == target.rpartition("/")[2]]
        assert sorted(event.serial_number for event in of_this) == sorted(serial_numbers)
        assert {event.serial_number: event.operation_code for event in of_this} == results[target]
