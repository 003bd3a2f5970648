"""Messages to a real receiver: signed, sent until they arrive, none lost, and never to an address inside."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from sinetti.identity import registry
from sinetti.kit.db import Database
from sinetti.kit.jobs import working
from sinetti.kit.problems import Problem
from sinetti.kit.sealing import Sealer
from sinetti.rules.vocabulary import OrganisationKind
from sinetti.webhooks import deliveries, endpoints, outgoing
from sinetti.webhooks.deliveries import webhook_tasks
from sinetti.webhooks.messages import messages_after, tell
from sinetti.webhooks.model import Endpoint, EndpointState
from sinetti.webhooks.signing import signature


@dataclass
class Receiver:
    """A web server that keeps what it got; what it answers can be set."""

    address: str = ""
    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    answer: str = "204 No Content"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append((headers, body))
        answer = self.answers.pop(0) if self.answers else self.answer
        if answer == "silence":
            await reader.read()
        else:
            writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@asynccontextmanager
async def a_receiver(receiver: Receiver | None = None, port: int = 0) -> AsyncIterator[Receiver]:
    """One that listens; at the port of before where it comes up again."""
    receiver = receiver or Receiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", port)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.address = f"http://127.0.0.1:{receiver.port}/alerts"
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as made:
        yield made


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(b"k" * 32)


@pytest.fixture
async def obp(database, clock) -> int:
    async with database.transaction() as tx:
        made = await registry.add_organisation(
            tx, name="Revontuli Oy", kind=OrganisationKind.MAH_OBP, now=clock()
        )
    return made.organisation_id


@asynccontextmanager
async def a_worker(database, database_url, sealer, clock, *, private_too=True):
    async with (
        outgoing.client(private_too=private_too) as client,
        working(database_url, webhook_tasks(database, sealer, clock, client)),
    ):
        yield


async def add(database, sealer, clock, obp, address, replaces=None) -> tuple[Endpoint, str]:
    async with database.transaction() as tx:
        return await endpoints.add_endpoint(
            tx,
            sealer,
            organisation_id=obp,
            address=address,
            created_by_name="Olli",
            now=clock(),
            https_only=False,
            replaces=replaces,
        )


async def happen(database, clock, obp, kind="alert.raised", **body) -> None:
    async with database.transaction() as tx:
        await tell(tx, obp, kind, body, clock())


async def state(database, endpoint: Endpoint) -> Endpoint:
    async with database.transaction() as tx:
        return await endpoints.endpoint(tx, endpoint.endpoint_id)


async def eventually(check) -> None:
    deadline = time.monotonic() + 30
    while not await check():
        assert time.monotonic() < deadline, "it did not come to that"
        await asyncio.sleep(0.05)


def test_the_signature_is_the_one_that_the_specification_gives_as_its_example():
    assert (
        signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            b'{"test": 2432232314}',
        )
        == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


async def test_a_message_arrives_signed_after_the_endpoint_has_proven_itself(
    database, database_url, clock, sealer, obp, receiver
):
    endpoint, secret = await add(database, sealer, clock, obp, receiver.address)
    assert endpoint.state is EndpointState.UNPROVEN
    await happen(database, clock, obp, note="nobody is proven yet")
    async with a_worker(database, database_url, sealer, clock):

        async def proven() -> bool:
            return (await state(database, endpoint)).state is EndpointState.IN_USE

        await eventually(proven)
        await happen(database, clock, obp, alertId="FI-7KD-2MP-X9A-4TQ-H8C")

        async def arrived() -> bool:
            return len(receiver.got) == 2

        await eventually(arrived)
    assert receiver.kinds() == ["test", "alert.raised"]
    headers, body = receiver.got[1]
    said = json.loads(body)
    assert said["data"] == {"alertId": "FI-7KD-2MP-X9A-4TQ-H8C"}
    assert said["timestamp"] == "2026-03-02T12:00:00Z"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert secret.encode() not in await everything(database), "the database has the secret sealed only"


async def everything(database) -> bytes:
    async with database.transaction() as tx:
        rows = await (await tx.execute("SELECT e::text FROM webhook_endpoint e")).fetchall()
    return repr(rows).encode()


async def test_a_receiver_that_was_away_loses_nothing(
    database, database_url, clock, sealer, obp, receiver, monkeypatch
):
    """The waits of a day are made short; what is tested is that each message is tried until it arrives."""
    monkeypatch.setattr(deliveries, "WAITS", (timedelta(0),) * 9)
    endpoint, _ = await add(database, sealer, clock, obp, receiver.address)
    async with a_worker(database, database_url, sealer, clock):

        async def proven() -> bool:
            return (await state(database, endpoint)).proven_at is not None

        await eventually(proven)
        receiver.answers = ["503 Service Unavailable"] * 5 + ["302 Found", "500 Oops"]
        for number in range(4):
            await happen(database, clock, obp, number=number)

        async def all_arrived() -> bool:
            return (await state(database, endpoint)).waiting == 0

        await eventually(all_arrived)
    by_id: dict[str, list[int]] = {}
    for headers, body in receiver.got[1:]:
        by_id.setdefault(headers["webhook-id"], []).append(json.loads(body)["data"]["number"])
    assert sorted(numbers[0] for numbers in by_id.values()) == [0, 1, 2, 3], (
        "the same id for the same message"
    )
    async with database.transaction() as tx:
        log = await endpoints.attempts(tx, endpoint)
    assert len(log) == 1 + 4 + 7
    assert {line.http_status for line in log} == {204, 503, 302, 500}
    assert "alert.raised" in {line.kind for line in log}


async def test_what_never_arrives_is_given_up_and_the_endpoint_paused_until_somebody_resumes_it(
    database, database_url, clock, sealer, obp, receiver, monkeypatch
):
    monkeypatch.setattr(deliveries, "WAITS", (timedelta(0),) * 2)
    endpoint, _ = await add(database, sealer, clock, obp, receiver.address)
    async with a_worker(database, database_url, sealer, clock):

        async def is_in(wanted: EndpointState) -> bool:
            return (await state(database, endpoint)).state is wanted

        await eventually(lambda: is_in(EndpointState.IN_USE))
        receiver.answer = "500 Oops"
        await happen(database, clock, obp, number=1)
        await eventually(lambda: is_in(EndpointState.PAUSED))
        await happen(database, clock, obp, number=2)
        assert (await state(database, endpoint)).pause_reason == "answered 500"
        receiver.answer, before = "200 OK", len(receiver.got)
        async with database.transaction() as tx:
            found = await endpoints.endpoint(tx, endpoint.endpoint_id)
            assert await endpoints.resume(tx, found, clock()) == 2

        async def both() -> bool:
            return len(receiver.got) == before + 2

        await eventually(both)
    assert sorted(json.loads(body)["data"]["number"] for _, body in receiver.got[before:]) == [1, 2]


async def test_a_receiver_that_says_that_it_is_gone_is_asked_no_more(
    database, database_url, clock, sealer, obp, receiver
):
    receiver.answer = "410 Gone"
    endpoint, _ = await add(database, sealer, clock, obp, receiver.address)
    async with a_worker(database, database_url, sealer, clock):

        async def paused() -> bool:
            return (await state(database, endpoint)).state is EndpointState.PAUSED

        await eventually(paused)
    assert len(receiver.got) == 1


async def test_while_a_secret_is_changed_both_sign(database, database_url, clock, sealer, obp, receiver):
    endpoint, first = await add(database, sealer, clock, obp, receiver.address)
    async with database.transaction() as tx:
        second = await endpoints.roll_secret(tx, sealer, endpoint, clock())
    assert second != first
    async with a_worker(database, database_url, sealer, clock):

        async def arrived(count: int) -> bool:
            return len(receiver.got) == count

        async def proven() -> bool:
            return (await state(database, endpoint)).proven_at is not None

        await eventually(proven)
        clock.move(hours=25)
        await happen(database, clock, obp)
        await eventually(lambda: arrived(2))
    (during, body), (after, later) = receiver.got

    def expected(headers, content, secret):
        return "v1," + signature(secret, headers["webhook-id"], headers["webhook-timestamp"], content)

    assert during["webhook-signature"].split() == [
        expected(during, body, second),
        expected(during, body, first),
    ]
    assert after["webhook-signature"] == expected(after, later, second)


async def test_an_endpoint_that_takes_anothers_place_gets_what_that_one_was_still_owed(
    database, database_url, clock, sealer, obp, receiver
):
    old, _ = await add(database, sealer, clock, obp, receiver.address)
    async with a_receiver() as newer, a_worker(database, database_url, sealer, clock):

        async def proven(endpoint: Endpoint) -> bool:
            return (await state(database, endpoint)).proven_at is not None

        await eventually(lambda: proven(old))
        receiver.answer = "503 Service Unavailable"
        await happen(database, clock, obp, number=1)
        new, _ = await add(database, sealer, clock, obp, newer.address, replaces=old)
        await eventually(lambda: proven(new))
        assert (await state(database, old)).state is EndpointState.ENDED
        await happen(database, clock, obp, number=2)

        async def both() -> bool:
            return len(newer.got) == 3

        await eventually(both)
    assert sorted(json.loads(body)["data"].get("number", 0) for _, body in newer.got) == [0, 1, 2]


async def test_who_listens_to_nothing_fetches_everything_in_its_order(database, clock, obp):
    for number in range(5):
        await happen(database, clock, obp, number=number)
    async with database.transaction() as tx:
        first = await messages_after(tx, obp, 0, limit=3)
        rest = await messages_after(tx, obp, first[-1].message_number)
        others = await messages_after(tx, obp + 1, 0)
    assert [message.body["number"] for message in [*first, *rest]] == [0, 1, 2, 3, 4]
    assert others == []


async def test_nothing_goes_to_an_address_inside_our_own_network(
    database, database_url, clock, sealer, obp, receiver
):
    endpoint, _ = await add(database, sealer, clock, obp, receiver.address.replace("127.0.0.1", "localhost"))
    async with a_worker(database, database_url, sealer, clock, private_too=False):

        async def tried() -> bool:
            async with database.transaction() as tx:
                return bool(await endpoints.attempts(tx, endpoint))

        await eventually(tried)
    assert receiver.got == []
    async with database.transaction() as tx:
        (line, *_) = await endpoints.attempts(tx, endpoint)
    assert "not a public address" in str(line.fault)


async def test_a_receiver_that_is_down_for_a_day_loses_none_though_it_moves_meanwhile(
    database, database_url, clock, sealer, obp
):
    """An alert each hour. The receiver goes down, moves to another address, goes down there and comes back. The clock
    is ours; the waits, receivers and database are real. What is sent once is sent no more, and the order is that of the
    messages' own numbers for whoever fetches.
    """

    async def settled() -> bool:
        async with database.transaction() as tx:
            cursor = await tx.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver_webhook'"
                " AND status IN ('todo', 'doing')"
            )
            return bool(await cursor.fetchone() == (0,))

    told: list[int] = []

    async def hours(count: int) -> None:
        for _ in range(count):
            clock.move(hours=1)
            told.append(len(told))
            await happen(database, clock, obp, number=told[-1])
            await deliveries.ask_again(database, clock())
            await eventually(settled)

    async with a_worker(database, database_url, sealer, clock):
        async with a_receiver() as first:
            old, _ = await add(database, sealer, clock, obp, first.address)
            await eventually(settled)
            await hours(2)
        await hours(10)
        assert (await state(database, old)).waiting == 10
        async with a_receiver() as second:
            new, _ = await add(database, sealer, clock, obp, second.address, replaces=old)
            await eventually(settled)
            assert (await state(database, old)).state is EndpointState.ENDED
            await hours(1)
        await hours(24)
        assert (await state(database, new)).waiting == 24
        async with a_receiver(second, second.port):
            await hours(14)
    assert (await state(database, new)).state is EndpointState.IN_USE
    assert (await state(database, new)).waiting == 0
    arrived = [
        json.loads(body)["data"]["number"]
        for receiver in (first, second)
        for headers, body in receiver.got
        if json.loads(body)["type"] != "test"
    ]
    assert sorted(arrived) == told, "each of them, and none twice"
    async with database.transaction() as tx:
        fetched = await messages_after(tx, obp, 0)
    assert [one.body["number"] for one in fetched if one.kind != "test"] == told


async def test_whoever_fetches_misses_none_that_is_committed_after_one_with_a_higher_number(
    database, clock, obp
):
    async with database.transaction() as slow:
        await tell(slow, obp, "alert.raised", {"number": 1}, clock())
        await happen(database, clock, obp, number=2)

        async def fetched() -> list[object]:
            async with database.transaction() as tx:
                return [one.body["number"] for one in await messages_after(tx, obp, 0)]

        asked = asyncio.create_task(fetched())
        await asyncio.sleep(0.3)
        assert not asked.done(), "the second is there, and the first is not yet"
    assert await asked == [1, 2]


async def test_whoever_follows_many_who_tell_at_once_gets_each_once_and_in_order(
    database_url, database, clock, obp
):
    total = 60

    async def teller(first: int) -> None:
        for number in range(first, total, 3):
            async with database.transaction() as tx:
                await tell(tx, obp, "alert.raised", {"number": number}, clock())
                await asyncio.sleep(0.002 * (number % 7))

    got: list[tuple[int, Any]] = []

    async def follower() -> None:
        after = 0
        async with await Database.open(database_url, pool_max=1) as own:
            while len(got) < total:
                async with own.transaction() as tx:
                    found = await messages_after(tx, obp, after, limit=7)
                got.extend((one.message_number, one.body["number"]) for one in found)
                after = got[-1][0] if got else 0
                await asyncio.sleep(0)

    await asyncio.wait_for(asyncio.gather(follower(), *map(teller, range(3))), 60)
    assert sorted(number for _, number in got) == list(range(total))
    assert got == sorted(got)


async def test_a_lost_task_costs_no_message(database, database_url, clock, sealer, obp, receiver):
    endpoint, _ = await add(database, sealer, clock, obp, receiver.address)
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM procrastinate_jobs")
    async with a_worker(database, database_url, sealer, clock):
        assert await deliveries.ask_again(database, clock()) == 1

        async def proven() -> bool:
            return (await state(database, endpoint)).proven_at is not None

        await eventually(proven)
        assert await deliveries.ask_again(database, clock() + timedelta(days=1)) == 0
    assert receiver.kinds() == ["test"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_public_addresses(address, public):
    assert outgoing.is_public(address) is public


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://example.fi/x",
        "http://example.fi/x",
        "https://",
        "https://user:password@example.fi/",
        "https://example.fi/#part",
        "https://example.fi:99999/",
        "https://example.fi/a b",
        "https://exa\nmple.fi/",
        "https://example.fi/" + "x" * 500,
        "javascript:alert(1)",
        "https://[::1",
    ],
)
async def test_an_address_that_is_none_is_refused(database, clock, sealer, obp, address):
    async with database.transaction() as tx:
        with pytest.raises(Problem) as refused:
            await endpoints.add_endpoint(
                tx, sealer, organisation_id=obp, address=address, created_by_name="Olli", now=clock()
            )
    assert refused.value.key == "webhook-address-unusable"


async def test_a_receiver_that_says_nothing_is_left_after_a_while(receiver, monkeypatch):
    monkeypatch.setattr(outgoing, "SECONDS_MAX", 0.2)
    receiver.answer = "silence"
    async with outgoing.client(private_too=True) as client:
        sent = await outgoing.send(client, receiver.address, b"{}", {})
    assert sent.http_status is None
    assert sent.fault
    assert sent.milliseconds < 3000
