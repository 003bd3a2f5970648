"""Client for the systems of pharmacies, hospitals, wholesalers and marketing authorisation holders.

It uses nothing that others cannot: the interface that `/openapi.json` describes.
"""

from sinetti.sdk.answers import Answer, BulkTicket, PackOutcome
from sinetti.sdk.async_client import AsyncSinetti
from sinetti.sdk.client import Sinetti
from sinetti.sdk.errors import (
    BusyError,
    ProblemError,
    RefusedError,
    SinettiError,
    TokenRefusedError,
    UnexpectedAnswerError,
    UnreachableError,
    WebhookRefusedError,
)
from sinetti.sdk.exchange import Patience
from sinetti.sdk.pack import Pack
from sinetti.sdk.webhooks import read_webhook

__all__ = [
    "Answer",
    "AsyncSinetti",
    "BulkTicket",
    "BusyError",
    "Pack",
    "PackOutcome",
    "Patience",
    "ProblemError",
    "RefusedError",
    "Sinetti",
    "SinettiError",
    "TokenRefusedError",
    "UnexpectedAnswerError",
    "UnreachableError",
    "WebhookRefusedError",
    "read_webhook",
]
