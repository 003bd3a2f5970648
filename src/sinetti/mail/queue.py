"""The queue of mail: a mail is written in the transaction of what it tells, and sent by a worker after the commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec
import structlog

from sinetti.kit import jobs
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction, load_queries
from sinetti.kit.sealing import Sealer
from sinetti.mail.content import Content, message_of
from sinetti.mail.transport import MailRefusedError, Transport

SEND_MAIL: Final = "send_mail"
ATTEMPTS_MAX: Final = 8
"""Over almost four days, with waits that grow: a mail server that is away for a week-end loses nothing."""

_WAIT_BASE_SECONDS: Final = 6
KEPT_DAYS: Final = 90

_QUERIES = load_queries("sinetti.mail.store", "queue.sql")
_logger = structlog.get_logger(__name__)


async def queue(
    tx: Transaction,
    sealer: Sealer,
    *,
    kind: str,
    recipient: str,
    language: str,
    content: Content,
    now: datetime,
) -> UUID:
    """Have a mail sent once this transaction has committed. `kind` says what it is about, for those on call."""
    mail_id = uuid4()
    sealed = sealer.seal(msgspec.json.encode(content).decode(), _purpose(mail_id))
    await tx.execute(
        _QUERIES["add_mail"],
        {
            "mail_id": mail_id,
            "kind": kind,
            "recipient": recipient,
            "language": language,
            "now": now,
            "sealed_content": sealed,
        },
    )
    await jobs.defer(tx, SEND_MAIL, mail_id=str(mail_id))
    return mail_id


def send_mail_task(
    database: Database, sealer: Sealer, transport: Transport, sender: str, clock: Clock
) -> jobs.Task:
    """The task that sends one mail. A worker that dies between server and database sends it twice."""

    async def send_mail(mail_id: str) -> None:
        await _send(database, sealer, transport, sender, clock, UUID(mail_id))

    return jobs.Task(
        name=SEND_MAIL, run=send_mail, attempts_max=ATTEMPTS_MAX, wait_base_seconds=_WAIT_BASE_SECONDS
    )


def forget_mail_task(database: Database, clock: Clock) -> jobs.Task:
    """The task that forgets, once a day, to whom mail was sent long ago."""

    async def forget_mail() -> None:
        async with database.transaction() as tx:
            await tx.execute(_QUERIES["remove_old_mail"], {"before": clock() - timedelta(days=KEPT_DAYS)})

    return jobs.Task(name="forget_mail", run=forget_mail, every="41 3 * * *")


async def _send(
    database: Database, sealer: Sealer, transport: Transport, sender: str, clock: Clock, mail_id: UUID
) -> None:
    async with database.transaction() as tx:
        cursor = await tx.execute(_QUERIES["begin_attempt"], {"mail_id": mail_id})
        row = await cursor.fetchone()
    if row is None:
        return  # Sent already, or given up.
    recipient, language, sealed, attempts = row
    opened = sealer.open(sealed, _purpose(mail_id))
    if opened is None:
        await _end(
            database, "give_up", mail_id, clock(), fault="seal.key is not the one that it was sealed with"
        )
        return
    message = message_of(
        msgspec.json.decode(opened, type=Content),
        mail_id=mail_id,
        sender=sender,
        recipient=recipient,
        language=language,
        sent_at=clock(),
    )
    try:
        # Outside any transaction: a slow mail server holds no lock.
        await transport.send(message)
    except MailRefusedError as refused:
        _logger.warning("mail_refused", mail=str(mail_id), fault=str(refused))
        await _end(database, "give_up", mail_id, clock(), fault=str(refused))
        return
    except Exception as error:
        final = attempts >= ATTEMPTS_MAX
        await _end(database, "give_up" if final else "keep_fault", mail_id, clock(), fault=f"{error!r}"[:300])
        raise
    await _end(database, "end_mail", mail_id, clock(), fault=None)


async def _end(database: Database, query: str, mail_id: UUID, now: datetime, *, fault: str | None) -> None:
    async with database.transaction() as tx:
        await tx.execute(_QUERIES[query], {"mail_id": mail_id, "now": now, "fault": fault})


def _purpose(mail_id: UUID) -> str:
    return f"mail {mail_id}"
