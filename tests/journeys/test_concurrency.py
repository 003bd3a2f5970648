"""Many pharmacies at the same moment, over real HTTP and two server processes: nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.journeys.clients import Answer, Client, connect, token_of
from tests.journeys.packs import (
    Event,
    add_packs,
    add_pharmacy,
    assert_record_and_packs_agree,
    deadlocks,
    events,
    packs,
)
from tests.journeys.servers import serving

SUPPLIED = "11210200"
FIRST_NOTICES = "11220200"
LAST_NOTICE = "11220201"
ALERT_SAME_LOCATION = "51220201"
ALERT_OTHER_LOCATION = "51220200"

PACKS = [f"PAKKAUS-{number:03}" for number in range(600)]


@dataclass(frozen=True, slots=True)
class Country:
    """Two server processes over one database, with two pharmacies."""

    connection: psycopg.Connection
    ports: Sequence[int]
    locations: dict[str, int]
    tokens: dict[str, str]

    async def clients(self, count: int, *names: str) -> list[Client]:
        """Connections, spread evenly over the servers and the pharmacies of these names."""
        ports = [self.ports[number % len(self.ports)] for number in range(count)]
        turns = [names[number // len(self.ports) % len(names)] for number in range(count)]
        return [await connect(port, self.tokens[name]) for port, name in zip(ports, turns, strict=True)]


@pytest.fixture
async def country(database_url: str, home: Path) -> AsyncIterator[Country]:
    with ExitStack() as running:
        connection = running.enter_context(psycopg.connect(database_url, autocommit=True))
        locations = {name: add_pharmacy(connection, name) for name in ("A", "B")}
        add_packs(connection, PACKS)
        servers = [running.enter_context(serving(home, database_url=database_url)) for _ in range(2)]
        ports = [server.port for server in servers]
        tokens = {name: await token_of(ports[0], name) for name in locations}
        yield Country(connection, ports, locations, tokens)


async def at_once(clients: Sequence[Client], serial_number: str) -> list[Answer]:
    """Every client supplies the pack."""
    answers = await asyncio.gather(*(client.supply(serial_number) for client in clients))
    for client in clients:
        client.close()
    return list(answers)


def assert_recorded(answers: Sequence[Answer], recorded: Sequence[Event]) -> None:
    """Each answer has its own event with the same code and alert, and there are no others."""
    told = Counter((answer.transaction_id, answer.code, answer.body.get("alertId")) for answer in answers)
    kept = Counter((str(event.transaction_id), event.operation_code, event.alert_id) for event in recorded)
    assert told == kept
    assert max(told.values()) == 1


async def test_of_200_supplies_of_one_pack_at_one_location_one_succeeds_and_three_get_a_notice(
    country: Country,
) -> None:
    answers = await at_once(await country.clients(200, "A"), PACKS[0])

    assert Counter((answer.status, answer.code) for answer in answers) == {
        (200, SUPPLIED): 1,
        (200, FIRST_NOTICES): 2,
        (200, LAST_NOTICE): 1,
        (409, ALERT_SAME_LOCATION): 196,
    }
    alert_ids = [answer.body["alertId"] for answer in answers if answer.code == ALERT_SAME_LOCATION]
    assert len(set(alert_ids)) == 196
    assert not any("alertId" in answer.body for answer in answers if answer.status == 200)

    recorded = events(country.connection)
    assert_recorded(answers, recorded)
    assert [event.operation_code for event in recorded] == (
        [SUPPLIED, FIRST_NOTICES, FIRST_NOTICES, LAST_NOTICE] + [ALERT_SAME_LOCATION] * 196
    )
    assert_record_and_packs_agree(country.connection)
    pack = packs(country.connection)[PACKS[0]]
    assert (pack.state, pack.location_id) == ("s", country.locations["A"])
    assert deadlocks(country.connection) == 0


async def test_of_200_supplies_of_one_pack_at_two_locations_one_succeeds_and_the_other_location_gets_alerts(
    country: Country,
) -> None:
    answers = await at_once(await country.clients(200, "A", "B"), PACKS[0])

    codes = Counter(answer.code for answer in answers)
    assert codes == {
        SUPPLIED: 1,
        FIRST_NOTICES: 2,
        LAST_NOTICE: 1,
        ALERT_SAME_LOCATION: 96,
        ALERT_OTHER_LOCATION: 100,
    }
    recorded = events(country.connection)
    assert_recorded(answers, recorded)
    first, *others = recorded
    assert first.operation_code == SUPPLIED
    for event in others:
        assert (event.operation_code == ALERT_OTHER_LOCATION) == (event.location_id != first.location_id)
    assert_record_and_packs_agree(country.connection)
    pack = packs(country.connection)[PACKS[0]]
    assert (pack.state, pack.location_id) == ("s", first.location_id)
    assert deadlocks(country.connection) == 0


async def test_operations_of_all_kinds_on_few_packs_leave_a_record_that_follows_from_itself(
    country: Country,
) -> None:
    chance = random.Random(11)
    clients = await country.clients(32, "A", "B")
    answers: list[Answer] = []

    async def work(client: Client) -> None:
        for _ in range(25):
            serial_number = chance.choice(PACKS[:5])
            operation = chance.choice([client.supply, client.supply, client.reactivate, client.verify])
            answers.append(await operation(serial_number))

    await asyncio.gather(*(work(client) for client in clients))
    for client in clients:
        client.close()

    assert {answer.status for answer in answers} <= {200, 409}
    assert_recorded(answers, events(country.connection))
    assert_record_and_packs_agree(country.connection)
    assert deadlocks(country.connection) == 0


async def test_bulk_requests_with_the_same_packs_in_opposite_order_all_finish_and_supply_each_pack_once(
    country: Country,
) -> None:
    clients = await country.clients(8, "A", "B")
    singles = await country.clients(16, "A", "B")
    orders = [PACKS, PACKS[::-1], PACKS[300:] + PACKS[:300], PACKS[::-2] + PACKS[::2]] * 2

    async def send(client: Client, serial_numbers: Sequence[str]) -> dict[str, str]:
        return await client.bulk_result(await client.bulk_supply(serial_numbers))

    sending = asyncio.gather(*(send(client, order) for client, order in zip(clients, orders, strict=True)))
    answers = await asyncio.gather(
        *(client.supply(PACKS[place * 37]) for place, client in enumerate(singles))
    )
    results = await sending
    for client in (*clients, *singles):
        client.close()

    successes: Counter[str] = Counter()
    for result in results:
        assert sorted(result) == PACKS
        successes.update(serial_number for serial_number, code in result.items() if code == SUPPLIED)
    for place, answer in enumerate(answers):
        if answer.code == SUPPLIED:
            successes[PACKS[place * 37]] += 1
    assert successes == dict.fromkeys(PACKS, 1)

    recorded = events(country.connection)
    assert len(recorded) == len(orders) * len(PACKS) + len(singles)
    assert_recorded(answers, [event for event in recorded if event.bulk_id is None])
    assert_record_and_packs_agree(country.connection)
    assert deadlocks(country.connection) == 0
