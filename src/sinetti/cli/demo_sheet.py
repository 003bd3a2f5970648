"""The sheet of codes of the demo in this folder, or of one that would be started now."""

from __future__ import annotations

from datetime import UTC, datetime

from sinetti.demo.demo_file import read_demo_file
from sinetti.demo.sheet import render_sheet
from sinetti.kit.settings import Settings
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language


def sheet_of(settings: Settings, language: Language) -> tuple[str, str | None]:
    """The page, and a remark where one is needed."""
    now = datetime.now(UTC)
    demo = read_demo_file(settings.home)
    page = render_sheet(
        load_rules(settings.market),
        language,
        settings.zone,
        first_day=demo.seeded_at if demo else now,
        printed_at=now,
    )
    remark = None
    if demo is None:
        remark = "No demo has been started in this folder yet; the sheet is for one that is started today."
    return page, remark
