"""For whoever takes webhooks: whether a request came from the system, and what it tells (Standard Webhooks 1.0)."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from sinetti.contracts.cases import MessageSeen
from sinetti.sdk.errors import WebhookRefusedError
from sinetti.webhooks.signing import signature

AGE_SECONDS_MAX: Final = 300
"""What is older, or from so far in the future, may be a request that somebody has overheard and sends again."""


class _Pushed(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    timestamp: str
    data: dict[str, object]


def read_webhook(
    secrets: str | Sequence[str], headers: Mapping[str, str], body: bytes, *, now: float | None = None
) -> MessageSeen:
    """The message that a webhook brought, the same as `messages` gives. `body` must be the bytes as they came.

    `secrets` are the endpoint's secret or, while it changes, the new one and the former. Raises `WebhookRefusedError`
    for a request that is not genuine: answer it with 400, and believe nothing of it. The same message may come twice,
    always with the same `id`.
    """
    given = {name.lower(): value for name, value in headers.items()}
    name, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (name and sent_at.isascii() and sent_at.isdecimal()):
        raise WebhookRefusedError("it has no webhook-id or webhook-timestamp")
    if abs((time.time() if now is None else now) - int(sent_at)) > AGE_SECONDS_MAX:
        raise WebhookRefusedError("it was not sent just now")
    known = [secrets] if isinstance(secrets, str) else secrets
    expected = [f"v1,{signature(secret, name, sent_at, body)}" for secret in known]
    signed = given.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in signed for other in expected):
        raise WebhookRefusedError("its signature is not the system's")
    try:
        pushed = msgspec.json.decode(body, type=_Pushed)
        return msgspec.convert(
            {"id": name, "type": pushed.type, "timestamp": pushed.timestamp, "data": pushed.data}, MessageSeen
        )
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WebhookRefusedError(f"it is no message: {error}") from None
