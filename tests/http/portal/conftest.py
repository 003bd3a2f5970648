"""The portal for tests without a browser: `async with portal.browser("location_user") as client:`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.conftest import MovableClock
from tests.http.portal.world import PortalClient, a_portal

from sinetti.kit.db import Database
from sinetti.portal import audit
from sinetti.portal.audit_words import AuditWords
from sinetti.portal.pages import PAGES
from sinetti.rules.vocabulary import Language


@pytest.fixture
async def portal(
    database_url: str, database: Database, clock: MovableClock, tmp_path: Path
) -> AsyncIterator[PortalClient]:
    """A portal with a database of its own."""
    async with a_portal(database_url, database, clock, tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def everything_that_is_recorded_has_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever reads the audit reads words, and never the program's own names: whatever a test has recorded is looked up.

    What is missing is added to a page's `[audited]` or `[audited_field]`, or to the common `[audited_object]`.
    """
    record = audit.record
    words = AuditWords(PAGES, Language.EN, ZoneInfo("Europe/Helsinki"))
    without_words: set[str] = set()

    async def recorded(*given: Any, **values: Any) -> None:
        if values["action"] not in words.actions:
            without_words.add(values["action"])
        if values["object_kind"] not in words.kinds:
            without_words.add(values["object_kind"])
        fields = {*(values.get("old") or {}), *(values.get("new") or {})}
        without_words.update(f"{values['action']}: {field}" for field in fields - words.fields.keys())
        await record(*given, **values)

    monkeypatch.setattr(audit, "record", recorded)
    yield
    assert without_words == set()
