"""Who a token belongs to, in two processes at once (two gates, each with its own watch), and how soon a lock holds."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import psycopg
import pytest

from sinetti.identity import registry, secrets
from sinetti.identity.epoch import TRUST_SECONDS
from sinetti.identity.maintenance import remove_expired_tokens
from sinetti.identity.model import Caller
from sinetti.identity.secrets import Credentials
from sinetti.identity.store.tokens import read_epoch
from sinetti.identity.tokens import REFUSAL_SECONDS, TokenGate
from sinetti.kit.db import Database
from sinetti.kit.logging import configure_logging
from sinetti.kit.problems import Problem
from sinetti.rules.vocabulary import ClientRole, OrganisationKind

LIFETIME = timedelta(hours=1)


class Client(NamedTuple):
    """Client equipment of a pharmacy, with what it knows of itself."""

    organisation_id: int
    location_id: int
    equipment_id: int
    credentials: Credentials

    @property
    def caller(self) -> Caller:
        return Caller(
            equipment_id=self.equipment_id,
            location_id=self.location_id,
            organisation_id=self.organisation_id,
            organisation_kind=OrganisationKind.PHARMACY,
            client_role=ClientRole.FULL_ACCESS,
        )


@pytest.fixture
async def client(database: Database) -> Client:
    return await make_client(database)


async def make_client(database: Database, role: ClientRole | None = ClientRole.FULL_ACCESS) -> Client:
    now = datetime.now(UTC)
    credentials = secrets.new_credentials("FI")
    async with database.transaction() as tx:
        organisation = await registry.add_organisation(
            tx, name="Keskustan apteekki", kind=OrganisationKind.PHARMACY, now=now
        )
        location = await registry.add_location(
            tx, organisation_id=organisation.organisation_id, name="Kauppatori", now=now
        )
        equipment = await registry.add_equipment(
            tx, location_id=location.location_id, name="Maxx", role=role, credentials=credentials, now=now
        )
    return Client(organisation.organisation_id, location.location_id, equipment.equipment_id, credentials)


@pytest.fixture
async def gate(database: Database, database_url: str) -> AsyncIterator[TokenGate]:
    async with TokenGate(database, url=database_url, token_lifetime=LIFETIME) as opened:
        yield opened


@pytest.fixture
async def two_gates(database_url: str) -> AsyncIterator[list[TokenGate]]:
    """Two processes: each has its own connections, its own memory and its own watch."""
    async with AsyncExitStack() as stack:
        gates = []
        for _ in range(2):
            database = await stack.enter_async_context(await Database.open(database_url, pool_max=2))
            gates.append(
                await stack.enter_async_context(
                    TokenGate(database, url=database_url, token_lifetime=LIFETIME)
                )
            )
        yield gates


async def bearer(gate: TokenGate, client: Client, now: datetime | None = None) -> bytes:
    issued = await gate.issue(*credentials_of(client), now or datetime.now(UTC))
    return f"Bearer {issued.token}".encode()


def credentials_of(client: Client) -> tuple[str, str]:
    return client.credentials.client_id, client.credentials.client_secret


async def ask(gate: TokenGate, authorization: bytes | None) -> Caller:
    """What a route does with each request."""
    now = datetime.now(UTC)
    return (gate.known(authorization, now) if authorization else None) or await gate.authenticate(
        authorization, now
    )


async def refusal(work: Awaitable[object]) -> Problem:
    with pytest.raises(Problem) as caught:
        await work
    assert caught.value.status == 401
    return caught.value


async def refused_within_a_second(gate: TokenGate, authorization: bytes, since: float) -> Problem:
    """Ask all the time, as a busy pharmacy does. The problem with which the first call was refused."""
    while True:
        try:
            await ask(gate, authorization)
        except Problem as problem:
            assert time.monotonic() - since < 1.0
            return problem
        assert time.monotonic() - since < 1.0, "still let in a second after the change"
        await asyncio.sleep(0.005)


async def test_a_token_lets_its_client_in_and_is_remembered(gate, client):
    authorization = await bearer(gate, client)
    assert gate.known(authorization, datetime.now(UTC)) is None
    assert await gate.authenticate(authorization, datetime.now(UTC)) == client.caller
    assert gate.known(authorization, datetime.now(UTC)) == client.caller


async def test_a_token_of_one_process_lets_in_at_another(two_gates, client):
    one, other = two_gates
    authorization = await bearer(one, client)
    assert await ask(other, authorization) == client.caller


async def test_equipment_without_a_role_gets_a_token_and_the_rules_learn_that_it_has_none(gate, database):
    client = await make_client(database, role=None)
    caller = await ask(gate, await bearer(gate, client))
    assert caller.client_role is None


async def test_the_word_bearer_may_be_written_in_any_case(gate, client):
    authorization = await bearer(gate, client)
    for written in (b"bearer ", b"BEARER ", b"Bearer   "):
        assert await ask(gate, authorization.replace(b"Bearer ", written)) == client.caller


# ---------------------------------------------------------------- refusals

REFUSED = [
    (None, "missing", ""),
    (b"", "missing", ""),
    (b"Basic YTpi", "missing", ""),
    (b"Bearer", "malformed", "invalid_token"),
    (b"Bearer ", "malformed", "invalid_token"),
    (b"Bearersintok_x", "malformed", "invalid_token"),
    (b"Bearer a b", "malformed", "invalid_token"),
    (b"Bearer \xff\xfe", "malformed", "invalid_token"),
    (b"Bearer " + b"x" * 8000, "unknown", "invalid_token"),
    (b"Bearer eyJhbGciOiJub25lIn0.e30.", "unknown", "invalid_token"),
    (b"Bearer sintok_" + b"A" * 43, "unknown", "invalid_token"),
]


@pytest.mark.parametrize(("authorization", "variant", "error"), REFUSED)
async def test_what_is_no_good_token_is_refused_with_the_right_challenge(gate, authorization, variant, error):
    problem = await refusal(gate.authenticate(authorization, datetime.now(UTC)))
    assert problem.key == f"unauthorised-{variant}"
    challenge = problem.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="sinetti"')
    assert ("error=" in challenge) == bool(error)
    assert f'error="{error}", error_description="' in challenge or not error
    assert challenge.isascii()


async def test_a_token_ends_at_its_time_and_not_before(gate, client, clock):
    authorization = await bearer(gate, client, clock())
    last_moment = clock() + LIFETIME - timedelta(microseconds=1)
    assert await gate.authenticate(authorization, last_moment) == client.caller
    assert gate.known(authorization, last_moment) == client.caller
    assert gate.known(authorization, clock() + LIFETIME) is None
    problem = await refusal(gate.authenticate(authorization, clock() + LIFETIME))
    assert problem.key == "unauthorised-expired"


async def test_unknown_client_and_wrong_secret_cannot_be_told_apart(gate, client):
    client_id, secret = credentials_of(client)
    attempts = {
        "unknown client": ("fi-2222-2222-2222", secret),
        "wrong secret": (client_id, "sinsec_" + "A" * 43),
        "impossible id": ("a\x00b", secret),
        "empty": ("", ""),
    }
    seen: dict[str, list[float]] = {name: [] for name in attempts}
    told = set()
    for _ in range(5):
        for name, (tried_id, tried_secret) in attempts.items():
            started = time.monotonic()
            problem = await refusal(gate.issue(tried_id, tried_secret, datetime.now(UTC)))
            seen[name].append(time.monotonic() - started)
            told.add((problem.key, *problem.headers.items(), *problem.values))
    assert told == {("client-refused", ("WWW-Authenticate", 'Basic realm="sinetti", charset="UTF-8"'))}
    medians = [statistics.median(times) for times in seen.values()]
    assert min(medians) >= REFUSAL_SECONDS
    assert max(medians) - min(medians) < 0.02


async def test_of_two_readings_the_right_one_counts(gate, client):
    client_id, secret = credentials_of(client)
    readings = (Credentials(client_id, f"{secret} "), Credentials(client_id, secret))
    assert (await gate.issue_to(readings, datetime.now(UTC))).equipment_id == client.equipment_id
    assert (await refusal(gate.issue_to((), datetime.now(UTC)))).key == "client-credentials-missing"


# ---------------------------------------------------------------- locks


async def lock_equipment(tx, client: Client) -> None:
    await registry.lock_equipment(tx, client.equipment_id, reason="Vanha järjestelmä", now=datetime.now(UTC))


async def lock_location(tx, client: Client) -> None:
    await registry.lock_location(tx, client.location_id, reason="Toimipiste suljettu", now=datetime.now(UTC))


async def lock_organisation(tx, client: Client) -> None:
    await registry.lock_organisation(
        tx, client.organisation_id, reason="Sopimus päättynyt", now=datetime.now(UTC)
    )


async def lock_by_hand(tx, client: Client) -> None:
    await tx.execute("UPDATE location SET locked_at = now(), lock_reason = 'Käsin'")


async def delete(tx, client: Client) -> None:
    await registry.delete_equipment(tx, client.equipment_id, now=datetime.now(UTC))


async def take_tokens_back(tx, client: Client) -> None:
    await tx.execute("DELETE FROM access_token")


async def shorten_tokens(tx, client: Client) -> None:
    await tx.execute("UPDATE access_token SET expires_at = now()")


CHANGES = [
    (lock_equipment, "unauthorised-locked", ("equipment", "Vanha järjestelmä")),
    (lock_location, "unauthorised-locked", ("location", "Toimipiste suljettu")),
    (lock_organisation, "unauthorised-locked", ("organisation", "Sopimus päättynyt")),
    (lock_by_hand, "unauthorised-locked", ("location", "Käsin")),
    (delete, "unauthorised-unknown", None),
    (take_tokens_back, "unauthorised-unknown", None),
    (shorten_tokens, "unauthorised-expired", None),
]


@pytest.mark.parametrize(("change", "key", "told"), CHANGES)
async def test_a_change_stops_tokens_within_a_second_in_every_process(
    two_gates, client, database, change: Callable[..., Awaitable[None]], key, told
):
    authorizations = [await bearer(gate, client) for gate in two_gates]
    for gate in two_gates:
        for authorization in authorizations:
            assert await ask(gate, authorization) == client.caller
    async with database.transaction() as tx:
        await change(tx, client)
    since = time.monotonic()
    problems = await asyncio.gather(
        *(refused_within_a_second(gate, token, since) for gate in two_gates for token in authorizations)
    )
    for problem in problems:
        assert problem.key == key
        if told:
            assert (problem.values["locked_part"], problem.values["lock_reason"]) == told


async def test_another_role_holds_within_a_second(two_gates, client, database):
    authorization = await bearer(two_gates[0], client)
    for gate in two_gates:
        await ask(gate, authorization)
    async with database.transaction() as tx:
        await registry.set_role(tx, client.equipment_id, ClientRole.VERIFY_ONLY)
    await asyncio.sleep(TRUST_SECONDS)
    for gate in two_gates:
        assert (await ask(gate, authorization)).client_role is ClientRole.VERIFY_ONLY


async def test_once_unlocked_a_token_is_good_again(gate, client, database):
    authorization = await bearer(gate, client)
    for lock, unlock in [
        (lock_equipment, lambda tx: registry.unlock_equipment(tx, client.equipment_id)),
        (lock_location, lambda tx: registry.unlock_location(tx, client.location_id)),
        (lock_organisation, lambda tx: registry.unlock_organisation(tx, client.organisation_id)),
    ]:
        async with database.transaction() as tx:
            await lock(tx, client)
        await refusal(gate.authenticate(authorization, datetime.now(UTC)))
        async with database.transaction() as tx:
            await unlock(tx)
        assert await gate.authenticate(authorization, datetime.now(UTC)) == client.caller


async def test_of_several_locks_the_widest_is_told(gate, client, database):
    authorization = await bearer(gate, client)
    for lock, part in [
        (lock_equipment, "equipment"),
        (lock_location, "location"),
        (lock_organisation, "organisation"),
    ]:
        async with database.transaction() as tx:
            await lock(tx, client)
        problem = await refusal(gate.authenticate(authorization, datetime.now(UTC)))
        assert problem.values["locked_part"] == part


@pytest.mark.parametrize("lock", [lock_equipment, lock_location, lock_organisation])
async def test_a_locked_client_gets_no_token_and_the_reason_only_with_the_right_secret(
    gate, client, database, lock
):
    async with database.transaction() as tx:
        await lock(tx, client)
    client_id, secret = credentials_of(client)
    problem = await refusal(gate.issue(client_id, secret, datetime.now(UTC)))
    assert problem.key == "unauthorised-locked"
    assert problem.headers["WWW-Authenticate"].startswith("Basic ")
    problem = await refusal(gate.issue(client_id, "sinsec_" + "A" * 43, datetime.now(UTC)))
    assert (problem.key, problem.values) == ("client-refused", {})


# ---------------------------------------------------------------- what is remembered, and for how long


async def test_nobody_is_known_when_the_epoch_was_not_confirmed_in_time(database, database_url, client):
    seconds = [1000.0]
    gate = TokenGate(database, url=database_url, token_lifetime=LIFETIME, monotonic=lambda: seconds[0])
    async with gate:
        authorization = await bearer(gate, client)
        await ask(gate, authorization)
        now = datetime.now(UTC)
        confirmed = seconds[0]
        for later, known in [(0.0, True), (0.69, True), (0.71, False), (3600.0, False)]:
            seconds[0] = confirmed + later
            # No await since, so that the watch could not ask again.
            assert (gate.known(authorization, now) is not None) == known
    assert gate.known(authorization, now) is None


async def test_when_the_watch_hangs_every_call_is_asked_for_and_a_lock_holds_at_once(
    gate, client, database, database_url
):
    authorization = await bearer(gate, client)
    await ask(gate, authorization)
    with hanging_watch(database_url):
        await asyncio.sleep(TRUST_SECONDS + 0.05)
        assert gate.known(authorization, datetime.now(UTC)) is None
        assert await ask(gate, authorization) == client.caller
        async with database.transaction() as tx:
            await lock_location(tx, client)
        problem = await refusal(ask(gate, authorization))
        assert problem.key == "unauthorised-locked"
        async with database.transaction() as tx:
            await registry.unlock_location(tx, client.location_id)
    await known_again(gate, authorization)


async def test_when_the_connection_of_the_watch_is_cut_it_makes_another(gate, client, database, database_url):
    authorization = await bearer(gate, client)
    await ask(gate, authorization)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ 'epoch'"
        )
    await known_again(gate, authorization)


async def test_when_the_watch_hangs_for_good_it_gets_another_connection(gate, client, database_url):
    authorization = await bearer(gate, client)
    await ask(gate, authorization)
    with hanging_watch(database_url):
        await asyncio.sleep(TRUST_SECONDS + 0.05)
        await known_again(gate, authorization)


async def known_again(gate: TokenGate, authorization: bytes) -> None:
    async with asyncio.timeout(15):
        while gate.known(authorization, datetime.now(UTC)) is None:
            await ask(gate, authorization)
            await asyncio.sleep(0.05)


@contextmanager
def hanging_watch(database_url: str):
    """Stop the server processes that answer the watches of this database, without a word to their clients."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ 'epoch'"
        ).fetchall()
    assert rows
    for (pid,) in rows:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for (pid,) in rows:
            os.kill(pid, signal.SIGCONT)


async def test_an_answer_that_a_lock_has_overtaken_is_not_remembered(database, database_url, client):
    """The answer "not locked" is read, then the lock is made and seen by the watch, then the answer arrives."""
    held, let_go = asyncio.Event(), asyncio.Event()

    class SlowToReturn(Database):
        @asynccontextmanager
        async def connection(self):
            async with super().connection() as connection:
                yield connection
            held.set()
            await let_go.wait()

    async with (
        await SlowToReturn.open(database_url, pool_max=2) as slow,
        TokenGate(slow, url=database_url, token_lifetime=LIFETIME) as gate,
    ):
        authorization = await bearer(gate, client)
        overtaken = asyncio.create_task(gate.authenticate(authorization, datetime.now(UTC)))
        await held.wait()
        async with database.transaction() as tx:
            await lock_location(tx, client)
        await asyncio.sleep(TRUST_SECONDS)
        let_go.set()
        assert await overtaken == client.caller  # it was asked before the lock
        assert gate.known(authorization, datetime.now(UTC)) is None
        await refusal(gate.authenticate(authorization, datetime.now(UTC)))


async def test_memory_is_bounded(database, database_url, client):
    gate = TokenGate(database, url=database_url, token_lifetime=LIFETIME, remembered_max=3)
    async with gate:
        for _ in range(10):
            authorization = await bearer(gate, client)
            await ask(gate, authorization)
            assert gate.known(authorization, datetime.now(UTC)) == client.caller
            assert len(gate._remembered) <= 3


async def test_a_known_caller_costs_about_a_microsecond(gate, client):
    authorization = await bearer(gate, client)
    await ask(gate, authorization)
    now = datetime.now(UTC)
    known, calls = gate.known, 20_000
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(calls):
            known(authorization, now)
        best = min(best, (time.perf_counter() - started) / calls)
        await asyncio.sleep(0)
    assert known(authorization, datetime.now(UTC)) is not None
    assert best < 3e-6


async def test_without_a_watch_nobody_is_known_but_tokens_work(database, client, tmp_path):
    gate = TokenGate(database, url=f"postgresql:///nowhere?host={tmp_path}", token_lifetime=LIFETIME)
    async with gate:
        authorization = await bearer(gate, client)
        assert await ask(gate, authorization) == client.caller
        assert gate.known(authorization, datetime.now(UTC)) is None


async def test_a_stopped_gate_leaves_nothing_behind(database, database_url, client):
    before = asyncio.all_tasks()
    async with TokenGate(database, url=database_url, token_lifetime=LIFETIME) as gate:
        await ask(gate, await bearer(gate, client))
    assert asyncio.all_tasks() == before
    async with database.connection() as connection:
        for _ in range(100):
            cursor = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name ~ 'epoch'"
            )
            if await cursor.fetchone() == (0,):
                break
            await asyncio.sleep(0.02)
        else:
            pytest.fail("the connection of the watch is still there")


# ---------------------------------------------------------------- what is kept


async def test_secrets_and_tokens_are_nowhere_in_the_database(gate, client, database):
    issued = await gate.issue(*credentials_of(client), datetime.now(UTC))
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in await cursor.fetchall()]
        assert {"client_equipment", "access_token"} <= set(tables)
        dump = ""
        for table in tables:
            cursor = await connection.execute(f"SELECT t::text FROM {table} AS t")
            dump += "\n".join(row for (row,) in await cursor.fetchall())
    assert client.credentials.client_id in dump
    for secret in (client.credentials.client_secret, issued.token):
        random_part = secret.partition("_")[2]
        for form in (secret, random_part, random_part.encode().hex()):
            assert form not in dump


async def test_secrets_and_tokens_are_in_no_log_line(client, database, database_url):
    log = io.StringIO()
    configure_logging("DEBUG", log)
    async with TokenGate(database, url=database_url, token_lifetime=LIFETIME) as gate:
        authorization = await bearer(gate, client)
        await ask(gate, authorization)
        await refusal(gate.issue(client.credentials.client_id, "sinsec_" + "W" * 43, datetime.now(UTC)))
        await refusal(ask(gate, b"Bearer sintok_" + b"W" * 43))
        async with database.transaction() as tx:
            await lock_location(tx, client)
        await refusal(gate.issue(*credentials_of(client), datetime.now(UTC)))
        await refusal(gate.authenticate(authorization, datetime.now(UTC)))
    written = log.getvalue()
    assert "wrong client secret" in written
    for secret in (client.credentials.client_secret, authorization.decode(), "sinsec_W", "sintok_W"):
        assert secret not in written


async def test_issued_tokens_do_not_show_in_a_representation(gate, client):
    issued = await gate.issue(*credentials_of(client), datetime.now(UTC))
    assert issued.token not in repr(issued)


async def test_expired_tokens_are_removed_after_an_hour_and_nobody_is_forgotten_for_it(
    gate, client, database
):
    now = datetime.now(UTC)
    for age in (timedelta(hours=3), timedelta(hours=2, seconds=1), timedelta(hours=2), timedelta(hours=1)):
        await gate.issue(*credentials_of(client), now - age)
    authorization = await bearer(gate, client)
    await ask(gate, authorization)
    assert await epoch_after(database, remove_expired_tokens(database, now)) == (2, "same epoch")
    assert await epoch_after(database, remove_expired_tokens(database, now)) == (0, "same epoch")
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM access_token")
        assert await cursor.fetchone() == (3,)
    assert gate.known(authorization, datetime.now(UTC)) == client.caller


async def epoch_after(database: Database, work: Awaitable[int]) -> tuple[int, str]:
    async def epoch() -> int:
        async with database.connection() as connection:
            return await read_epoch(connection)

    before = await epoch()
    result = await work
    return result, "same epoch" if await epoch() == before else "another epoch"
