"""Why there is no answer about a pack. An answer that says no, an alert too, is not one of these."""

from __future__ import annotations

from sinetti.contracts.bulk import CodeAnswer
from sinetti.contracts.problems import ProblemDetails


class SinettiError(Exception):
    """Base of all that the client raises."""


class UnreachableError(SinettiError):
    """The national system could not be reached, or did not answer in time, after all attempts.

    Whether a state change happened is not known: ask again with the same `idempotency_key`. If that is not
    possible, record the pack and send it when the system is back (Delegated Regulation art. 29).
    """

    def __init__(self, message: str, *, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class BusyError(SinettiError):
    """The system said to come again later (429), more often or for longer than the client's patience."""

    def __init__(self, retry_after_seconds: float, *, idempotency_key: str | None = None) -> None:
        super().__init__(f"the national system is busy; try again in {retry_after_seconds:.0f} s")
        self.retry_after_seconds = retry_after_seconds
        self.idempotency_key = idempotency_key


class ProblemError(SinettiError):
    """The request could not be judged; the problem says why (RFC 9457)."""

    def __init__(self, problem: ProblemDetails) -> None:
        told = " ".join(part for part in (problem.title, problem.detail, problem.action) if part)
        super().__init__(f"{problem.status} {told}")
        self.problem = problem


class RefusedError(SinettiError):
    """A request for many packs was refused, or its result is not there; the operation code says why."""

    def __init__(self, http_status: int, answer: CodeAnswer) -> None:
        told = (answer.operation_code, answer.information, answer.warning, answer.detail)
        super().__init__(" ".join(part for part in told if part))
        self.http_status = http_status
        self.answer = answer


class TokenRefusedError(SinettiError):
    """The client id or the secret is not right, or the client equipment is locked."""

    def __init__(self, error: str, description: str | None) -> None:
        super().__init__(description or error)
        self.error = error


class WebhookRefusedError(SinettiError):
    """A request to the caller's own endpoint is not the system's, or not from now."""


class UnexpectedAnswerError(SinettiError):
    """Something answered that does not speak the interface: the address may be wrong, or a proxy between."""

    def __init__(self, http_status: int, content_type: str) -> None:
        super().__init__(
            f"HTTP {http_status} with {content_type or 'no content type'} is no answer of the interface"
        )
        self.http_status = http_status
