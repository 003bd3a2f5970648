"""How both clients are connected: address, token, language, time limits, and what they say they are."""

from __future__ import annotations

from typing import Any

import httpx

from sinetti import __version__
from sinetti.sdk.auth import TokenAuth

CONNECT_SECONDS_MAX = 3.0
"""A system that is there takes a connection at once; nobody should stand and wait for one that is not."""


def client_options(
    base_url: str, client_id: str, client_secret: str, language: str, timeout_seconds: float
) -> dict[str, Any]:
    """Options for `httpx.Client` and `httpx.AsyncClient` alike."""
    address = base_url.rstrip("/")
    return {
        "base_url": address,
        "auth": TokenAuth(f"{address}/identity/connect/token", client_id, client_secret),
        "headers": {"Accept-Language": language, "User-Agent": f"sinetti-sdk/{__version__}"},
        "timeout": httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS_MAX, timeout_seconds)),
    }
