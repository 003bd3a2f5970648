"""Signatures as the Standard Webhooks specification (1.0) writes them, so that receivers take a library that exists."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    """A new secret in the form that receivers' libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def name_of(message_id: UUID) -> str:
    """What a message is called outside: the same each time it is sent, and when it is fetched."""
    return f"msg_{message_id.hex}"


def headers_of(message_id: UUID, body: bytes, sent_at: datetime, given: Sequence[str]) -> Mapping[str, str]:
    """Headers that let the receiver prove who sent this, and when; one signature for each secret."""
    name, timestamp = name_of(message_id), str(int(sent_at.timestamp()))
    signatures = " ".join(f"v1,{signature(secret, name, timestamp, body)}" for secret in given)
    return {"webhook-id": name, "webhook-timestamp": timestamp, "webhook-signature": signatures}


def signature(secret: str, name: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over name, time and body, in base 64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256)).decode()
