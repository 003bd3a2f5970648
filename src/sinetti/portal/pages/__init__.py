"""All pages of the portal. A new page is a folder here and a line below."""

from __future__ import annotations

from sinetti.portal.pages.audit.routes import PAGE as AUDIT
from sinetti.portal.pages.health.routes import PAGE as HEALTH
from sinetti.portal.pages.locations.routes import PAGE as LOCATIONS
from sinetti.portal.pages.start.routes import PAGE as START
from sinetti.portal.routing import Page

PAGES: tuple[Page, ...] = (
    AUDIT,
    HEALTH,
    LOCATIONS,
    START,
)
