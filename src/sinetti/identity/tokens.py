"""Who a request comes from, by its bearer token: from memory where that is safe, else from the database.

docs/adr/0005 says why tokens are opaque, and why what is remembered holds for less than a second.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

import structlog

from sinetti.identity import faults, secrets
from sinetti.identity.epoch import TRUST_SECONDS, EpochWatch
from sinetti.identity.model import Caller, IssuedToken
from sinetti.identity.secrets import Credentials
from sinetti.identity.store import tokens as store
from sinetti.kit.db import Database, Transaction

REMEMBERED_MAX = 100_000
"""Callers remembered by one process at most; some 40 MB."""
REFUSAL_SECONDS = 0.1
"""When wrong credentials are answered, counted from the question, whatever was wrong with them."""

# RFC 6750 §2.1: b64token.
_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr](?: +([A-Za-z0-9\-._~+/]+=*) *)?(.*)", re.DOTALL)

_logger = structlog.get_logger(__name__)


class TokenGate:
    """Issues tokens and tells whose they are. One for each process, between `start` and `stop`.

    A lock, a role, a deletion or a token taken back holds in every process within a second, whoever made it
    and however: callers are remembered only while the identity epoch was confirmed in the last 0.7 s.
    """

    def __init__(
        self,
        database: Database,
        *,
        url: str,
        token_lifetime: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
        remembered_max: int = REMEMBERED_MAX,
        note_refusal: Callable[[int, datetime], None] = lambda equipment_id, now: None,  # noqa: ARG005
    ) -> None:
        """`url` is that of the same database, for the one connection that must not wait behind requests.

        `note_refusal` is told of client equipment that is known and was refused because of a lock.
        """
        self._database = database
        self._lifetime_seconds = int(token_lifetime.total_seconds())
        self._monotonic = monotonic
        self._remembered_max = remembered_max
        self._note_refusal = note_refusal
        self._remembered: dict[bytes, tuple[Caller, datetime]] = {}
        self._asked: dict[bytes, asyncio.Task[store.FoundToken | None]] = {}
        self._watch = EpochWatch(url, forget=self._remembered.clear, monotonic=monotonic)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to remember callers. Before this, and without a database, every call is asked for."""
        await self._watch.start()

    async def stop(self) -> None:
        """Forget everybody, and end the connection."""
        await self._watch.stop()
        self._remembered.clear()

    def known(self, authorization: bytes, now: datetime) -> Caller | None:
        """Return the caller of a header `Authorization` seen before; `None` means: ask `authenticate`."""
        remembered = self._remembered.get(authorization)
        if (
            remembered is None
            or remembered[1] <= now
            or self._monotonic() - self._watch.confirmed_at >= TRUST_SECONDS
        ):
            return None
        return remembered[0]

    async def authenticate(self, authorization: bytes | None, now: datetime) -> Caller:
        """Return the caller of a header `Authorization`, from the database.

        Raises `Problem` 401: `unauthorised-missing`, `-malformed`, `-unknown`, `-expired`, or `-locked` with
        the reason of the lock.
        """
        token = _bearer_token(authorization)
        if not secrets.looks_like_token(token):
            raise faults.token_unknown()
        found = await self._find(secrets.digest(token))
        if found is None:
            raise faults.token_unknown()
        if found.lock is not None:
            self._note_refusal(found.caller.equipment_id, now)
            raise faults.token_locked(found.lock)
        if found.expires_at <= now:
            raise faults.token_expired()
        # The answer may be older than the newest epoch we know of: a lock can have come in between.
        if authorization is not None and found.epoch == self._watch.epoch:
            self._remember(authorization, found.caller, found.expires_at)
        return found.caller

    async def _find(self, token_sha256: bytes) -> store.FoundToken | None:
        """What the database has of a token. Whoever asks while the answer is on its way shares it.

        Without this, a process that is too busy to confirm the epoch would ask once for each request, and the
        asking alone would keep it too busy.
        """
        asked = self._asked.get(token_sha256)
        if asked is None:
            asked = asyncio.create_task(self._ask(token_sha256), name="token look-up")
            self._asked[token_sha256] = asked
            asked.add_done_callback(lambda _: self._asked.pop(token_sha256, None))
        return await asyncio.shield(asked)

    async def _ask(self, token_sha256: bytes) -> store.FoundToken | None:
        async with self._database.connection() as connection:
            return await store.find(connection, token_sha256)

    async def issue(self, client_id: str, client_secret: str, now: datetime) -> IssuedToken:
        """Return a new token for the client with these credentials; see `issue_to`."""
        return await self.issue_to((Credentials(client_id, client_secret),), now)

    async def issue_to(self, readings: Sequence[Credentials], now: datetime) -> IssuedToken:
        """Return a new token for the first reading of the credentials that is right.

        Raises `Problem` 401: `client-refused`, the same and after the same time for an unknown client and for
        a wrong secret; `unauthorised-locked` to one who knows the secret; `client-credentials-missing` when
        there is no reading.
        """
        if not readings:
            raise faults.credentials_missing()
        loop = asyncio.get_running_loop()
        answer_at = loop.time() + REFUSAL_SECONDS
        for reading in readings:
            async with self._database.transaction() as tx:
                client = (
                    await store.find_client(tx, reading.client_id)
                    if secrets.could_be_client_id(reading.client_id)
                    else None
                )
                right = secrets.matches(reading.client_secret, client.secret_sha256 if client else None)
                if client is not None and right:
                    if client.lock is not None:
                        self._note_refusal(client.equipment_id, now)
                        raise faults.client_locked(client.lock)
                    return await self._add_token(tx, client.equipment_id, now)
                if client is not None:
                    _logger.warning("wrong client secret", equipment_id=client.equipment_id)
        await asyncio.sleep(max(0.0, answer_at - loop.time()))
        raise faults.client_refused()

    async def _add_token(self, tx: Transaction, equipment_id: int, now: datetime) -> IssuedToken:
        token = secrets.new_token()
        expires_at = now + timedelta(seconds=self._lifetime_seconds)
        await store.add(
            tx, token_sha256=secrets.digest(token), equipment_id=equipment_id, now=now, expires_at=expires_at
        )
        return IssuedToken(
            token=token,
            equipment_id=equipment_id,
            expires_at=expires_at,
            lifetime_seconds=self._lifetime_seconds,
        )

    def _remember(self, authorization: bytes, caller: Caller, expires_at: datetime) -> None:
        if len(self._remembered) >= self._remembered_max:
            self._remembered.clear()  # who still calls comes back with one question each
        # In the very zone object of the clock, because comparing times of two zones costs more than all the rest.
        self._remembered[authorization] = (caller, expires_at.astimezone(UTC))


def _bearer_token(authorization: bytes | None) -> str:
    match = _BEARER.fullmatch((authorization or b"").strip())
    if match is None:
        # Nothing sent, or another way of authentication: RFC 6750 §3.1 asks for a challenge without an error.
        raise faults.token_missing()
    token, rest = match.groups()
    if token is None or rest:
        raise faults.token_malformed()
    return str(token, "ascii")
