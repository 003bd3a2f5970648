"""Files that pages need. Their addresses hold a digest of their content, so browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "txt": "text/plain"}


@cache
def contents() -> Mapping[str, bytes]:
    """All files by their address below `/static/`."""
    entries = [
        (entry.name, entry.read_bytes()) for entry in files("sinetti.portal").joinpath("static").iterdir()
    ]
    return {f"{hashlib.sha256(content).hexdigest()[:16]}/{name}": content for name, content in entries}


@cache
def address_of(name: str) -> str:
    """The address of a file. Raises `StopIteration` where there is none, which the templates' tests find."""
    return "/static/" + next(address for address in contents() if address.endswith(f"/{name}"))


async def serve(request: Request) -> Response:
    """The file, or 404. Served before anything asks who is there."""
    address = request.path_params["address"]
    content = contents().get(address)
    if content is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    kind = _TYPES[address.rpartition(".")[2]]
    return Response(
        content,
        media_type=f"{kind}; charset=utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"},
    )
