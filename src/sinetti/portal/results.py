"""What people of the portal wait for, with what makes each kind: for the worker, which does the making."""

from __future__ import annotations

from collections.abc import Mapping

from sinetti.nmvs.packs import Country
from sinetti.portal.pages import PAGES
from sinetti.portal.pages.alerts import exporting as alerts
from sinetti.portal.pages.authority_reports import making as authority_reports
from sinetti.reports.personal import Maker


def result_makers(country: Country) -> Mapping[str, Maker]:
    """By the kind of what is waited for."""
    pages = tuple(page.name for page in PAGES)
    return {
        authority_reports.KIND: authority_reports.maker_of(country, pages),
        alerts.KIND: alerts.maker_of(country),
    }
