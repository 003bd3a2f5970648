"""All routes of the interface to alerts."""

from __future__ import annotations

from starlette.routing import Route

from sinetti.alerts.http import (
    acting,
    holding,
    informing,
    keeping,
    messages,
    reading,
    sharing,
    uploading,
)
from sinetti.alerts.http.sender import Parts


def routes(parts: Parts) -> list[Route]:
    """What is fixed goes before what has an alert id in its place."""
    read = reading.Reading(parts)
    return [
        *messages.routes(parts),
        *sharing.routes(parts, read),
        *holding.routes(parts),
        *informing.routes(parts),
        *keeping.routes(parts),
        *uploading.routes(parts),
        *acting.routes(parts, read),
        *reading.routes(parts, read),
    ]
