"""What a request target of the pack interface says: scheme, product code, serial number, batch and expiry.

Serial numbers may hold every character of GS1 character set 82, and clients send them percent-encoded or as they
are. So `/` and `?` may stand inside the serial number itself, and a router that splits at slashes cannot be used.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import msgspec

_PREFIXES = (b"/verification/product/", b"/product/")
_PACK = b"/pack/"


class PackTarget(msgspec.Struct, frozen=True, gc=False):
    """A pack as the target of a request names it, decoded but not judged."""

    scheme: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None


def is_pack_target(raw_path: bytes) -> bool:
    """Whether a path (without query) belongs to the single-pack interface."""
    return _PACK in raw_path and raw_path.startswith(_PREFIXES)


def parse_target(raw_path: bytes, query: bytes) -> PackTarget | None:
    """The pack that a request names, or `None` where the path is not of the form `{scheme}/{code}/pack/{serial}`.

    `raw_path` and `query` are as sent, without the `?` between them.
    """
    prefix = _PREFIXES[0] if raw_path.startswith(_PREFIXES[0]) else _PREFIXES[1]
    head, _, serial = raw_path[len(prefix) :].partition(_PACK)
    scheme, slash, product_code = head.partition(b"/")
    if not slash or b"/" in product_code:
        return None
    if b"?" in query or (query and not _is_query(query)):
        serial, query = _serial_with_question_mark(serial, query)
    batch, expiry = _parameters(query)
    return PackTarget(_text(scheme), _text(product_code), _text(serial), batch, expiry)


def _is_query(query: bytes) -> bool:
    return query.startswith((b"batch=", b"expiry=")) or b"=" in query


def _serial_with_question_mark(serial: bytes, query: bytes) -> tuple[bytes, bytes]:
    """Give back to the serial number what a raw `?` in it has moved into the query."""
    parts = query.split(b"?")
    for index, part in enumerate(parts):
        if part.startswith((b"batch=", b"expiry=")):
            return b"?".join([serial, *parts[:index]]), b"?".join(parts[index:])
    return b"?".join([serial, query]), b""


def _parameters(query: bytes) -> tuple[str | None, str | None]:
    """Batch and expiry. `+` stays `+`: a batch may hold it and never holds the space that forms write so.

    An empty value is as good as none. Where a name comes twice the first counts.
    """
    batch = expiry = None
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if not value:
            continue
        if name == b"batch":
            batch = batch or _text(value)
        elif name == b"expiry":
            expiry = expiry or _text(value)
    return batch, expiry


def _text(raw: bytes) -> str:
    """Percent-decoded text; what is not UTF-8 shows as U+FFFD, which no rule takes for a valid character."""
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    return raw.decode("utf-8", "replace")
