"""Reads what a form sends: fields, and files where a route takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from sinetti.kit.problems import Problem
from sinetti.kit.web import read_body

FORM_BYTES_MAX: Final = 64 * 1024
FORM_FIELDS_MAX: Final = 200
FILES_MAX: Final = 5
FILE_NAME_CHARACTERS_MAX: Final = 200

_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


class SentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody chose. Its name and kind are what the browser says, and nothing is believed of them."""

    field: str
    name: str
    content: bytes


class SentForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a form in their order, and its files."""

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[SentFile, ...] = ()


async def read_form(request: Request, file_bytes_max: int) -> SentForm:
    """What the form says. `file_bytes_max` is 0 where it has no files.

    Problems: `form-unreadable`; 413 and 408 for a body that is too long or too slow.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _URLENCODED:
        return SentForm(fields=_fields(await read_body(request, FORM_BYTES_MAX)))
    if kind == _MULTIPART and file_bytes_max:
        return await _multipart(request, await read_body(request, FORM_BYTES_MAX + file_bytes_max))
    raise Problem("form-unreadable", 415)


def _fields(body: bytes) -> tuple[tuple[str, str], ...]:
    try:
        fields = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS_MAX
        )
    except ValueError:
        raise Problem("form-unreadable", 400) from None
    return tuple((name, _storable(value)) for name, value in fields)


async def _multipart(request: Request, body: bytes) -> SentForm:
    async def stream() -> AsyncIterator[bytes]:
        yield body

    parser = MultiPartParser(
        request.headers,
        stream(),  # type: ignore[arg-type]  # any asynchronous iterator does
        max_files=FILES_MAX,
        max_fields=FORM_FIELDS_MAX,
        max_part_size=FORM_BYTES_MAX,
    )
    try:
        sent = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError, LookupError):
        raise Problem("form-unreadable", 400) from None
    if not body.rstrip(b"\r\n").endswith(b"--"):
        # The parser takes what is cut off for the whole.
        raise Problem("form-unreadable", 400)
    fields: list[tuple[str, str]] = []
    files: list[SentFile] = []
    try:
        for field, value in sent.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                # A file input that was left empty is sent as a file without content.
                if content:
                    name = _storable(value.filename or "")[-FILE_NAME_CHARACTERS_MAX:]
                    files.append(SentFile(field=field, name=name, content=content))
            else:
                fields.append((field, _storable(value)))
    finally:
        await sent.close()
    return SentForm(fields=tuple(fields), files=tuple(files))


def _storable(value: str) -> str:
    """PostgreSQL's text takes no NUL and no half of a surrogate pair, and no field of a form has a use for either."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
