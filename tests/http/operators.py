"""A country with an operator's tool and a worker that makes what it asks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from tests.http.country import Pharmacy, TestCountry, a_country

from sinetti.kit.db import Database
from sinetti.kit.jobs import working
from sinetti.nmvs.packs import Country
from sinetti.reports.making.tasks import report_tasks
from sinetti.rules.load import load_rules

SECONDS_MAX = 30


@dataclass
class Operators:
    """The country and what operators do in it."""

    country: TestCountry
    tool: Pharmacy
    clock: Any
    url: str
    tasks: Any

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """A worker, for as long as the block runs."""
        async with working(self.url, self.tasks):
            yield

    async def get(self, path: str, tool: Pharmacy | None = None, accept: str | None = None) -> httpx.Response:
        return await (tool or self.tool).raw("GET", path, headers={"Accept": accept} if accept else None)

    async def post(self, path: str, body: Any = None, tool: Pharmacy | None = None) -> httpx.Response:
        return await (tool or self.tool).raw("POST", path, json=body)

    async def made(self, path: str, accept: str | None = None) -> httpx.Response:
        """What is at the address once it is ready."""
        deadline = time.monotonic() + SECONDS_MAX
        while (answer := await self.get(path, accept=accept)).status_code == 409:
            assert time.monotonic() < deadline, answer.text
            await asyncio.sleep(0.05)
        return answer

    async def alerts(self, start: str, end: str) -> str:
        """Ask for the alerts of a window; returns the path of its data."""
        answer = await self.post("/alerts", {"startTimestamp": start, "endTimestamp": end})
        assert answer.status_code == 202, answer.text
        return httpx.URL(answer.headers["location"]).path

    async def report(self, report_type: str, parameters: dict[str, Any] | None = None, **more: str) -> str:
        """Ask for a report and have it made; returns its text."""
        body = {"report Type Id": report_type, "name": "A name", "requested By": "A tool", **more}
        answer = await self.post("/report/report-request", body | {"parameters": parameters or {}})
        assert answer.status_code == 202, answer.text
        made = await self.made(httpx.URL(answer.headers["location"]).path)
        assert made.status_code == 200, made.text
        return made.text


def rules_with(**parameters: int) -> Any:
    """The rules of Finland with other values of some parameters."""
    import msgspec

    rules = load_rules("FI")
    for name, value in parameters.items():
        changed = msgspec.structs.replace(rules.parameters[name], value=value)
        object.__setattr__(rules, "parameters", {**rules.parameters, name: changed})
    return rules


@asynccontextmanager
async def operators(url: str, database: Database, clock: Any, rules: Any = None) -> AsyncIterator[Operators]:
    """The country, with nobody working yet."""
    async with a_country(url, database, clock) as country:
        tool = await country.pharmacy("tool", kind="operator")
        made = Country(market="FI", rules=rules or load_rules("FI"), zone=ZoneInfo("Europe/Helsinki"))
        yield Operators(country, tool, clock, url, report_tasks(database, made, clock))
