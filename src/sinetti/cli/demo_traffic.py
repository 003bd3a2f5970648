"""Plays traffic against the demo that runs: makes the participants, plans, plays, and shows what comes of it."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sinetti.cli.demo_traffic_lines import Lines, summary
from sinetti.cli.demo_traffic_picture import Picture
from sinetti.cli.errors import EXIT_INTERRUPTED, EXIT_OUTCOME, UserError
from sinetti.demo.demo_file import DemoFile, demo_path, read_demo_file
from sinetti.demo.seed import has_demo
from sinetti.demo.traffic.figures import Figures
from sinetti.demo.traffic.participants import credentials_of, traffic_credentials, traffic_folder
from sinetti.demo.traffic.plan import Options, Plan
from sinetti.demo.traffic.planner import make_plan
from sinetti.demo.traffic.play import Answered, Event, Failed, Lost, play
from sinetti.demo.traffic.truth import TruthFile
from sinetti.identity.secrets import Credentials
from sinetti.kit.db import Database
from sinetti.kit.postgres import running_database
from sinetti.kit.settings import Settings
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Cause
from sinetti.sdk import AsyncSinetti, SinettiError, UnreachableError

_TIMEOUT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command was asked for."""

    speed: str
    seed: int
    hours: float
    pharmacies: int
    packs_per_day: int
    alert_percent: float
    only: frozenset[Cause]
    first_day: date | None
    plain: bool


def play_traffic(settings: Settings, wishes: Wishes) -> int:
    """Play, and return the exit code: 0 where everything was answered as planned."""
    speed = _speed(wishes.speed)
    demo = _demo(settings)
    with _truths(settings, wishes.seed) as truths:
        try:
            plan = make_plan(_options(settings, wishes, truths.run), settings.zone)
        except ValueError as error:
            raise UserError(str(error)) from error
        if not plan.operations:
            raise UserError("nobody is open in that time: choose another --day, or more --hours")
        _say(f"Planned: {plan.operations} operations on packs, {plan.alerts} of them alerts.")
        credentials = asyncio.run(_credentials(settings, plan, traffic_credentials(settings.home)))
        return asyncio.run(_play(demo, settings, plan, speed, credentials, truths, plain=wishes.plain))


def _truths(settings: Settings, seed: int) -> TruthFile:
    try:
        return TruthFile(traffic_folder(settings.home), seed)
    except FileExistsError as error:
        raise UserError("traffic with the same seed has begun just now; choose another --seed") from error


def _options(settings: Settings, wishes: Wishes, run: int) -> Options:
    return Options(
        seed=wishes.seed,
        run=run,
        first_day=wishes.first_day or _monday(datetime.now(settings.zone).date()),
        hours=wishes.hours,
        pharmacies=wishes.pharmacies,
        packs_per_day=wishes.packs_per_day,
        alert_percent=wishes.alert_percent,
        only=wishes.only,
    )


async def _play(
    demo: DemoFile,
    settings: Settings,
    plan: Plan,
    speed: float | None,
    credentials: Mapping[str, Credentials],
    truths: TruthFile,
    *,
    plain: bool,
) -> int:
    figures = Figures(plan=plan, at=plan.starts_at)
    shown: Picture | Lines = Lines(figures, speed)
    if sys.stdout.isatty() and not plain:
        shown = Picture(figures, speed)
    rules = load_rules(settings.market)

    def on_event(event: Event) -> None:
        now = time.monotonic()
        if isinstance(event, Answered | Lost | Failed) and event.truth is not None:
            truths.add(event.truth)
        figures.take(event, now)
        shown.after(event, now)

    def client(place: str) -> AsyncSinetti:
        one = credentials[place]
        return AsyncSinetti(
            demo.base_url,
            one.client_id,
            one.client_secret,
            rules=rules,
            timeout_seconds=_TIMEOUT_SECONDS,
        )

    stop = asyncio.Event()
    with _stopped_by_signals(stop), shown:
        try:
            await play(plan, client, on_event, speed=speed, stop=stop)
        except UnreachableError as error:
            raise UserError(f"{error}. Does the demo still run? Start it with: sinetti demo start") from error
        except SinettiError as error:
            raise UserError(f"the day cannot begin: {error}") from error
    print(summary(figures, truths.path, stopped=stop.is_set()))
    if stop.is_set():
        return EXIT_INTERRUPTED
    return EXIT_OUTCOME if figures.surprises or figures.failures or figures.lost else 0


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal end the traffic; a second Ctrl-C ends it at once."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def leave() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    for number in signals:
        loop.add_signal_handler(number, leave)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def _credentials(settings: Settings, plan: Plan, path: Path) -> Mapping[str, Credentials]:
    """Credentials of everybody who takes part; they are added to the demo where they are not there yet."""
    with running_database(settings) as url:
        async with await Database.open(url, pool_max=1) as database:
            if not await has_demo(database):
                raise UserError(
                    "the database is not that of a demo; traffic is played only where everything is made up"
                )
            return await credentials_of(database, plan.world, settings.market, path, datetime.now(UTC))


def _demo(settings: Settings) -> DemoFile:
    demo = read_demo_file(settings.home)
    if demo is None:
        raise UserError(
            f"there is no demo in {settings.home} ({demo_path(settings.home).name}). "
            "Start one, and leave it running: sinetti demo start"
        )
    return demo


def _speed(text: str) -> float | None:
    """How many times as fast as the clock; `None` for as fast as it goes."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise UserError(f"--speed should be a number above 0, or max; it is {text!r}")
    return speed


def _monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
