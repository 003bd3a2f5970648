"""From scan to closed case in the browsers of all parties: NMVO-0048 v5.0 §6.2 to §6.9, as the stories tell it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.browser.story_language import read_stories
from tests.browser.story_told import Movable, Scene, Told, working
from tests.browser.test_portal import Served, _run
from tests.browser.visits import Visitor
from tests.conftest import TEMPLATE, fresh_database
from tests.http.portal.world import World, furnish
from tests.http.running import served

from sinetti.asgi import create_nmvs, create_portal
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.kit.settings import Settings

STORIES = read_stories()
LOOKS = os.environ.get("SINETTI_LOOKS")
"""A folder for a picture of each turn, for whoever wants to see the stories."""


@pytest.fixture(scope="module")
def scene(browser, server, sheet, tmp_path_factory) -> Iterator[Scene]:
    """A country with its portal, its worker and its people, shared by all stories: each has packs of its own."""
    home: Path = tmp_path_factory.mktemp("journeys")
    with ExitStack() as parts:
        database_url = parts.enter_context(contextmanager(fresh_database)(server, TEMPLATE))

        async def furnished() -> World:
            async with await Database.open(database_url, pool_max=1) as database:
                return await furnish(database, system_clock)

        world = _run(furnished())
        port, clock = free_port(), Movable()
        known = Settings(
            database_url=database_url, home=home, log_level="ERROR", public_url=f"http://127.0.0.1:{port}"
        )
        portal = Served(parts.enter_context(served(create_portal(known))), database_url, world)
        known = replace(known, portal_url=portal.address)
        system = parts.enter_context(served(create_nmvs(known, clock=clock), port=port))
        parts.enter_context(working(known))
        made = Scene(
            portal=portal,
            visitor=Visitor(browser, portal.address, sheet),
            http=parts.enter_context(httpx.Client(base_url=system)),
            clock=clock,
            looks=Path(LOOKS) if LOOKS else None,
            opened=parts.enter_context(ExitStack()),
        )
        made.set_up()
        yield made


def free_port() -> int:
    """One that nobody has at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.mark.parametrize("number", range(len(STORIES)), ids=[story.name for story in STORIES])
def test_a_story_goes_as_it_is_told(scene: Scene, number: int):
    Told(scene, STORIES[number], number).tell()
