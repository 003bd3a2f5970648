"""Traffic against a system that is busy, loses answers or refuses somebody: nothing is doubled, nothing kept quiet."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.http.running import served

from sinetti.asgi import create_nmvs
from sinetti.demo.traffic.participants import credentials_of
from sinetti.demo.traffic.plan import Answer, Options, PackStep, Plan
from sinetti.demo.traffic.planner import make_plan
from sinetti.demo.traffic.play import Answered, Event, Failed, Lost, Prepared, Told, play
from sinetti.kit.db import Database
from sinetti.kit.settings import Settings
from sinetti.sdk import AsyncSinetti

ZONE = ZoneInfo("Europe/Helsinki")
OPTIONS = Options(seed=2, pharmacies=4, packs_per_day=14, alerts=40, first_day=date(2026, 3, 2))


class Unreliable:
    """In front of a system: now and then it is busy or away, and now and then the answer is lost behind it."""

    def __init__(self, system: ASGIApp, lost_verifications: int) -> None:
        self._system = system
        self._asked: Counter[str] = Counter()
        self._lost_left = lost_verifications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/verification"):
            await self._system(scope, receive, send)
            return
        method = scope["method"]
        self._asked[method] += 1
        number = self._asked[method]
        if number % 9 == 0:
            await _answer(send, 429)
        elif number % 14 == 0:
            await _answer(send, 503)
        elif number % 5 == 0 and (method == "PATCH" or self._lost_left):
            self._lost_left -= method == "GET"
            await self._system(scope, receive, _nowhere)
            await _answer(send, 504)
        else:
            await self._system(scope, receive, send)


async def _answer(send: Send, status: int) -> None:
    headers = [(b"retry-after", b"0"), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _nowhere(_: object) -> None:
    """Take what a system answers, and give it to nobody."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(OPTIONS, ZONE)


async def played(
    database: Database,
    database_url: str,
    plan: Plan,
    folder: Path,
    *,
    before: Callable[[ASGIApp], ASGIApp] = lambda system: system,
    secret_of: Callable[[str, str], str] = lambda _, secret: secret,
    stop_after: int | None = None,
    speed: float | None = None,
) -> list[Event]:
    credentials = await credentials_of(
        database, plan.world, "FI", folder / "participants.json", datetime.now(UTC)
    )
    events: list[Event] = []
    stop = asyncio.Event()

    def on_event(event: Event) -> None:
        events.append(event)
        if stop_after is not None and sum(isinstance(one, Answered) for one in events) >= stop_after:
            stop.set()

    with served(before(create_nmvs(Settings(database_url=database_url, log_level="ERROR")))) as address:

        def client(place: str) -> AsyncSinetti:
            one = credentials[place]
            return AsyncSinetti(address, one.client_id, secret_of(place, one.client_secret))

        await play(plan, client, on_event, speed=speed, stop=stop)
    return events


async def alert_ids(database: Database) -> set[str]:
    async with database.connection() as connection:
        return {row[0] for row in await (await connection.execute("SELECT alert_id FROM alert")).fetchall()}


def answers(events: list[Event]) -> list[Answered]:
    return [event for event in events if isinstance(event, Answered)]


async def test_a_busy_system_that_loses_answers_gets_each_change_once(database, database_url, plan, tmp_path):
    events = await played(
        database, database_url, plan, tmp_path, before=lambda system: Unreliable(system, lost_verifications=3)
    )
    assert not [event for event in events if isinstance(event, Failed)]
    assert len(answers(events)) == sum(len(story.steps) for story in plan.stories)
    surprised = [
        event
        for event in answers(events)
        if isinstance(event.step, PackStep) and event.answer is not event.step.answer
    ]
    assert not surprised, surprised[:3]
    lost = [event for event in events if isinstance(event, Lost)]
    assert len(lost) == 3
    known = Counter(event.alert_id for event in answers(events) if event.alert_id)
    assert max(known.values()) == 1
    assert len(known) == plan.alerts
    unknown = await alert_ids(database) - set(known)
    told = [event for event in lost if event.step.answer is Answer.ALERT]
    assert len(unknown) == len(told)
    assert all(event.truth is not None and event.truth.operation_code is None for event in told)


async def test_who_is_refused_is_told_of_and_the_others_go_on(database, database_url, plan, tmp_path):
    refused = plan.world.pharmacies[0].key
    events = await played(
        database,
        database_url,
        plan,
        tmp_path,
        secret_of=lambda place, secret: "not-the-secret-of-this-place" if place == refused else secret,
    )
    failed = [event for event in events if isinstance(event, Failed)]
    assert {event.step.place.key for event in failed} == {refused}
    done = answers(events)
    assert not [event for event in done if event.step.place.key == refused]
    left_out = sum(event.left_out for event in failed)
    assert len(done) + len(failed) + left_out == sum(len(story.steps) for story in plan.stories)
    assert {event.alert_id for event in done if event.alert_id} == await alert_ids(database)


async def test_a_stop_lets_what_is_under_way_be_answered(database, database_url, plan, tmp_path):
    events = await played(database, database_url, plan, tmp_path, stop_after=40)
    done = answers(events)
    assert 40 <= len(done) <= 40 + 64
    assert {event.alert_id for event in done if event.alert_id} == await alert_ids(database)


async def test_the_clock_of_the_plan_runs_as_fast_as_asked(database, database_url, plan, tmp_path):
    begun = asyncio.get_running_loop().time()
    events = await played(database, database_url, plan, tmp_path, stop_after=30, speed=3000)
    took = asyncio.get_running_loop().time() - begun
    last = [event for event in events if isinstance(event, Told)][-1]
    assert (last.at - plan.starts_at).total_seconds() / 3000 <= took
    prepared = [event for event in events if isinstance(event, Prepared)]
    assert prepared[-1].done == prepared[-1].of == len(plan.before) + len(plan.world.products)
