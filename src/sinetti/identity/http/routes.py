"""`POST /identity/connect/token`: a token for client credentials (RFC 6749 §4.4)."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinetti.contracts.tokens import TokenAnswer
from sinetti.identity.faults import ascii_text
from sinetti.identity.http.token_request import TokenRequest, read_token_request
from sinetti.identity.tokens import TokenGate
from sinetti.kit import metrics
from sinetti.kit.clock import Clock
from sinetti.kit.problems import Problem, render_problem
from sinetti.kit.web import endpoint, json_response, read_body

TOKEN_PATH = "/identity/connect/token"  # noqa: S105
BODY_BYTES_MAX = 16_384
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""RFC 6749 §5.1: no cache on the way may keep a token."""


def routes(gate: TokenGate, clock: Clock) -> list[Route]:
    """Return the routes of `identity`."""

    async def get_token(request: Request) -> Response:
        body = await read_body(request, BODY_BYTES_MAX)
        try:
            issued = await gate.issue_to(_wanted(request, body).readings, clock())
        except Problem as problem:
            return _refusal(request, problem)
        answer = TokenAnswer(
            access_token=issued.token,
            expires_in=issued.lifetime_seconds,
            token_type="Bearer",  # noqa: S106 - the kind of token, not one
        )
        return json_response(answer, headers=NOT_KEPT)

    return [Route(TOKEN_PATH, endpoint(get_token, route=TOKEN_PATH), methods=["POST"], name="token")]


def _wanted(request: Request, body: bytes) -> TokenRequest:
    wanted = read_token_request(
        content_type=request.headers.get("content-type"),
        authorization=request.headers.getlist("authorization"),
        query=request.url.query,
        body=body,
    )
    if wanted.grant_type != "client_credentials":
        raise Problem("token-request-grant-type-unsupported", 400)
    return wanted


def _refusal(request: Request, problem: Problem) -> Response:
    """Return the refusal as RFC 6749 §5.2 has it, with the problem in the user's language beside it.

    `error_description` is for developers and takes only ASCII; `title`, `detail` and `action` are for users.
    """
    status, _, shown = render_problem(problem, request.state.language, request.state.transaction_id)
    _, _, in_english = render_problem(problem, "en", request.state.transaction_id)
    metrics.count_problem(problem.key)
    body = {
        "error": _error_of(problem),
        "error_description": ascii_text(msgspec.json.decode(in_english)["detail"]),
        **msgspec.json.decode(shown),
    }
    headers = {"Content-Language": request.state.language, **NOT_KEPT, **problem.headers}
    return json_response(body, status, headers)


def _error_of(problem: Problem) -> str:
    if problem.key == "token-request-grant-type-unsupported":
        return "unsupported_grant_type"
    return "invalid_client" if problem.status == 401 else "invalid_request"  # noqa: PLR2004
