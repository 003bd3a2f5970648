"""The mail that waits to be sent, opened as the worker opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
from tests.http.portal.world import PortalClient

from sinetti.mail.content import Content


@dataclass(frozen=True)
class Letter:
    """A mail as its reader gets it."""

    kind: str
    recipient: str
    language: str
    content: Content

    @property
    def text(self) -> str:
        """Subject and paragraphs."""
        return "\n".join([self.content.subject, *self.content.paragraphs])

    @property
    def path(self) -> str:
        """Where its link leads."""
        assert self.content.link is not None
        return re.sub(r"^https?://[^/]+", "", self.content.link.address)


async def letters(portal: PortalClient) -> list[Letter]:
    """All mail, the oldest first."""
    sealer = portal.application.portal.sealer
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT mail_id, kind, recipient, language, sealed_content FROM mail ORDER BY queued_at, kind"
        )
        rows = await cursor.fetchall()
    found = []
    for mail_id, kind, recipient, language, sealed in rows:
        opened = sealer.open(sealed, f"mail {mail_id}")
        assert opened is not None
        found.append(Letter(kind, recipient, language, msgspec.json.decode(opened, type=Content)))
    return found
