"""What an organisation does with its endpoints: make, prove, replace, change the secret, pause, end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from psycopg.rows import class_row

from sinetti.kit import jobs
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.kit.sealing import Sealer
from sinetti.webhooks.messages import DELIVER, TEST, tell
from sinetti.webhooks.model import Attempt, Delivery, Endpoint, EndpointState
from sinetti.webhooks.outgoing import is_public
from sinetti.webhooks.signing import new_secret

ADDRESS_CHARACTERS_MAX: Final = 500
ENDPOINTS_MAX: Final = 5
"""Of one organisation at a time."""
FORMER_SECRET_HOURS: Final = 24
"""How long a secret that was changed still signs, too: a day to bring the new one to every receiver."""
LOG_LINES_MAX: Final = 200

_NAMES_INSIDE: Final = frozenset({"localhost", "local", "internal", "lan", "home", "intranet"})
"""Last parts of names that no public name has."""

_QUERIES = load_queries("sinetti.webhooks.store", "webhooks.sql")


async def add_endpoint(
    tx: Transaction,
    sealer: Sealer,
    *,
    organisation_id: int,
    address: str,
    created_by_name: str,
    now: datetime,
    https_only: bool = True,
    replaces: Endpoint | None = None,
) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which nothing else tells. It gets a test message first, and the rest once it has
    taken that; only then does the endpoint end that it replaces.

    Problems: `webhook-address-unusable`, `webhook-address-private`, `webhook-address-twice`, `webhook-too-many`,
    `webhook-ended` for one that is to be replaced and is not there any more.
    """
    if replaces is not None:
        _living(replaces)
    address = usable_address(address, https_only=https_only)
    there = await endpoints(tx, organisation_id)
    if len(there) >= ENDPOINTS_MAX + (replaces is not None):
        raise Problem("webhook-too-many", 409, most=ENDPOINTS_MAX)
    if any(other.address == address for other in there):
        raise Problem("webhook-address-twice", 409)
    endpoint_id, secret = uuid4(), new_secret()
    await tx.execute(
        _QUERIES["add_endpoint"],
        {
            "endpoint_id": endpoint_id,
            "organisation_id": organisation_id,
            "address": address,
            "sealed_secret": sealer.seal(secret, purpose_of(endpoint_id)),
            "now": now,
            "created_by_name": created_by_name,
            "replaces": None if replaces is None else replaces.endpoint_id,
        },
    )
    made = await endpoint(tx, endpoint_id)
    await test(tx, made, now)
    return made, secret


def usable_address(address: str, *, https_only: bool = True) -> str:
    """The address as it is kept. What a name leads to is judged when the connection is made; a number or a name that
    can only be inside our own network is refused at once.

    Problems: `webhook-address-unusable`, `webhook-address-private`.
    """
    address = address.strip()
    try:
        parts = urlsplit(address)
        usable = (
            parts.scheme in ({"https"} if https_only else {"https", "http"})
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            and parts.username is None
            and not parts.fragment
        )
    except ValueError:
        usable = False
    if not usable or len(address) > ADDRESS_CHARACTERS_MAX or not address.isprintable() or " " in address:
        raise Problem("webhook-address-unusable", 422, length_max=ADDRESS_CHARACTERS_MAX)
    if https_only and _is_private(parts.hostname or ""):
        raise Problem("webhook-address-private", 422)
    return address


def _is_private(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return host.rstrip(".").rpartition(".")[2].lower() in _NAMES_INSIDE or "." not in host.rstrip(".")


async def endpoints(tx: Transaction, organisation_id: int) -> list[Endpoint]:
    """The endpoints of an organisation that are not ended, the newest first."""
    cursor = await tx.cursor(row_factory=class_row(Endpoint)).execute(
        _QUERIES["list_endpoints"], {"organisation_id": organisation_id}
    )
    return await cursor.fetchall()


async def endpoint(tx: Transaction, endpoint_id: UUID) -> Endpoint:
    """One endpoint, locked until the transaction ends. Problem: `webhook-unknown`."""
    cursor = await tx.cursor(row_factory=class_row(Endpoint)).execute(
        _QUERIES["find_endpoint"], {"endpoint_id": endpoint_id}
    )
    found = await cursor.fetchone()
    if found is None:
        raise Problem("webhook-unknown", 404)
    return found


async def test(tx: Transaction, of: Endpoint, now: datetime) -> UUID:
    """Send it a message that says nothing but that it is a test. Problems: `webhook-ended`, `webhook-paused`."""
    _working(of)
    return await tell(tx, of.organisation_id, TEST, {"note": "test"}, now, test_of=of.endpoint_id)


async def roll_secret(tx: Transaction, sealer: Sealer, of: Endpoint, now: datetime) -> str:
    """A new secret, which nothing else tells. The former one signs beside it for a day. Problem: `webhook-ended`."""
    _living(of)
    secret = new_secret()
    await tx.execute(
        _QUERIES["roll_secret"],
        {
            "endpoint_id": of.endpoint_id,
            "sealed_secret": sealer.seal(secret, purpose_of(of.endpoint_id)),
            "former_until": now + timedelta(hours=FORMER_SECRET_HOURS),
        },
    )
    return secret


async def pause(tx: Transaction, of: Endpoint, by_name: str, now: datetime) -> None:
    """Send it nothing until `resume`. What happens meanwhile is kept for it. Problem: `webhook-ended`."""
    _living(of)
    values = {"endpoint_id": of.endpoint_id, "reason": "-", "by_name": by_name, "now": now}
    await tx.execute(_QUERIES["pause_endpoint"], values)


async def resume(tx: Transaction, of: Endpoint, now: datetime, *, since: datetime | None = None) -> int:
    """Send again, beginning with what it missed, given up or not; returns how many messages that are.

    Problem: `webhook-ended`.
    """
    _living(of)
    await tx.execute(_QUERIES["resume_endpoint"], {"endpoint_id": of.endpoint_id})
    values = {"endpoint_id": of.endpoint_id, "since": since or of.created_at, "now": now}
    cursor = await tx.execute(_QUERIES["revive_deliveries"], values)
    missed = await cursor.fetchall()
    for (message_id,) in missed:
        await jobs.defer(tx, DELIVER, message_id=str(message_id), endpoint_id=str(of.endpoint_id))
    return len(missed)


async def end(tx: Transaction, of: Endpoint, now: datetime) -> None:
    """Take it out of use for ever. What it did not get can still be fetched."""
    values = {"endpoint_id": of.endpoint_id, "now": now}
    await tx.execute(_QUERIES["end_endpoint"], values)
    await tx.execute(_QUERIES["give_up_waiting"], values)


async def send_again(tx: Transaction, of: Endpoint, message_id: UUID, now: datetime) -> None:
    """One message once more, with the same id, whether it had arrived or not.

    Problems: `webhook-ended`, `webhook-paused`, `webhook-message-unknown`.
    """
    _working(of)
    values = {"endpoint_id": of.endpoint_id, "message_id": message_id, "now": now}
    if await (await tx.execute(_QUERIES["revive_delivery"], values)).fetchone() is None:
        raise Problem("webhook-message-unknown", 404)
    await jobs.defer(tx, DELIVER, message_id=str(message_id), endpoint_id=str(of.endpoint_id))


async def delivery(tx: Transaction, of: Endpoint, message_id: UUID) -> Delivery:
    """What became of one message. Problem: `webhook-message-unknown`, for one that is forgotten, too."""
    cursor = await tx.cursor(row_factory=class_row(Delivery)).execute(
        _QUERIES["find_delivery"], {"endpoint_id": of.endpoint_id, "message_id": message_id}
    )
    found = await cursor.fetchone()
    if found is None:
        raise Problem("webhook-message-unknown", 404)
    return found


async def attempts_of(tx: Transaction, of: Endpoint, message_id: UUID) -> list[Attempt]:
    """The lines of the delivery log about one message, the newest first."""
    values = {"endpoint_id": of.endpoint_id, "message_id": message_id, "limit": LOG_LINES_MAX}
    cursor = await tx.cursor(row_factory=class_row(Attempt)).execute(_QUERIES["attempts_of_delivery"], values)
    return await cursor.fetchall()


async def attempts(tx: Transaction, of: Endpoint) -> list[Attempt]:
    """The newest lines of its delivery log."""
    cursor = await tx.cursor(row_factory=class_row(Attempt)).execute(
        _QUERIES["list_attempts"], {"endpoint_id": of.endpoint_id, "limit": LOG_LINES_MAX}
    )
    return await cursor.fetchall()


def purpose_of(endpoint_id: UUID) -> str:
    """What the secret of an endpoint is sealed for."""
    return f"webhook {endpoint_id}"


def _living(of: Endpoint) -> None:
    if of.state is EndpointState.ENDED:
        raise Problem("webhook-ended", 409)


def _working(of: Endpoint) -> None:
    _living(of)
    if of.state is EndpointState.PAUSED:
        raise Problem("webhook-paused", 409)
