"""Who calls a route of another part."""

from __future__ import annotations

from starlette.requests import Request

from sinetti.identity import faults
from sinetti.identity.model import Caller
from sinetti.identity.tokens import TokenGate
from sinetti.kit.clock import Clock


async def require_caller(request: Request, gate: TokenGate, clock: Clock) -> Caller:
    """Return who calls, or raise the `Problem` 401 that tells the client what is wrong with its token.

    Call it again after a wait that is the client's to end, such as for a long body: a lock may have come.
    """
    sent = [value for name, value in request.headers.raw if name == b"authorization"]
    if len(sent) > 1:
        raise faults.token_malformed()
    now = clock()
    authorization = sent[0] if sent else None
    known = gate.known(authorization, now) if authorization is not None else None
    return known or await gate.authenticate(authorization, now)
