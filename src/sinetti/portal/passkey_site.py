"""Where this portal's passkeys belong: the host that people reach it at."""

from __future__ import annotations

from sinetti.identity.people.passkeys import Answer, Site, site_of
from sinetti.portal.visit import Visit


def site_of_visit(visit: Visit) -> Site | None:
    """By the settings, or else by the request; `None` where the address is a number, which can have no passkeys."""
    url = visit.request.url
    return site_of(visit.portal.settings.portal_url or f"{url.scheme}://{url.netloc}")


def answer_of(visit: Visit) -> Answer:
    """What the form of a passkey brings."""
    return Answer(credential=visit.form.get("credential", ""), sealed=visit.form.get("sealed", ""))
