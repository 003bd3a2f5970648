"""Mail with the words of a page, in the reader's language: for handlers (`Visit.mail`) and for background work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sinetti.kit.db import Transaction
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.mail.content import Content, Link
from sinetti.mail.queue import queue
from sinetti.portal.words import common_words, fill, page_words
from sinetti.rules.vocabulary import Language


async def post(
    tx: Transaction,
    sealer: Sealer,
    settings: Settings,
    *,
    page: str,
    key: str,
    to: str,
    language: Language,
    path: str | None,
    now: datetime,
    values: Mapping[str, object],
) -> None:
    """Queue a mail in this transaction. Its words are the page's texts `[mail.<key>]`: `subject`, `paragraphs`, and
    `link` where the mail leads somewhere.
    """
    words = page_words(page, language)["mail"][key]
    assert ("link" in words) == (path is not None), (
        f"{page}: mail.{key} has words for a link and no path, or no words"
    )
    link = None
    if path is not None:
        link = Link(words=fill(words["link"], **values), address=f"{settings.portal_address}{path}")
    content = Content(
        subject=fill(words["subject"], **values),
        paragraphs=tuple(fill(paragraph, **values) for paragraph in words["paragraphs"]),
        link=link,
        footer=fill(common_words(language)["mail_footer"], address=settings.portal_address),
    )
    await queue(
        tx, sealer, kind=f"{page}.{key}", recipient=to, language=language.value, content=content, now=now
    )
