"""What a form may send: fields with every character, files where a route takes them, and nothing that harms."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from sinetti.kit.problems import Problem
from sinetti.portal.forms import FORM_BYTES_MAX, FORM_FIELDS_MAX, SentForm, read_form


async def sent(kind: str, body: bytes, file_bytes_max: int = 0) -> SentForm:
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode("latin-1"))]}
    return await read_form(Request(scope, receive), file_bytes_max)


def multipart(*parts: tuple[str, str | None, bytes]) -> bytes:
    made = b""
    for name, file, content in parts:
        made += f'--limit\r\nContent-Disposition: form-data; name="{name}"'.encode()
        made += f'; filename="{file}"\r\nContent-Type: image/jpeg'.encode() if file is not None else b""
        made += b"\r\n\r\n" + content + b"\r\n"
    return made + b"--limit--\r\n"


MULTIPART = "multipart/form-data; boundary=limit"
URLENCODED = "application/x-www-form-urlencoded"


async def test_fields_come_in_their_order_with_every_character():
    form = await sent(URLENCODED, b"a=%C3%A4+%2B&a=2&b=%00x&c=%F0%9F%92%8A&empty=")
    assert form.fields == (("a", "ä +"), ("a", "2"), ("b", "x"), ("c", "💊"), ("empty", ""))


async def test_files_come_as_they_are_and_an_empty_file_input_is_none():
    body = multipart(
        ("note", None, "Åke".encode()),
        ("photo", "C:\\fakepath\\päkki.jpg", b"\xff\xd8\x00\r\n--limi"),
        ("photo", "", b""),
    )
    form = await sent(MULTIPART, body, 1000)
    assert form.fields == (("note", "Åke"),)
    (file,) = form.files
    assert (file.field, file.content) == ("photo", b"\xff\xd8\x00\r\n--limi")
    assert file.name.endswith(".jpg")


@pytest.mark.parametrize(
    ("kind", "body", "file_bytes_max", "status"),
    [
        (MULTIPART, multipart(("a", None, b"b")), 0, 415),
        ("application/json", b"{}", 1000, 415),
        ("", b"a=b", 0, 415),
        (URLENCODED, b"a=%FF%FE", 0, 400),
        (URLENCODED, b"\xff\xfe=b", 0, 400),
        (URLENCODED, b"&".join(b"f%d=" % n for n in range(FORM_FIELDS_MAX + 1)), 0, 400),
        (URLENCODED, b"a=" + bytes(FORM_BYTES_MAX), 0, 413),
        (MULTIPART, bytes(FORM_BYTES_MAX + 1001), 1000, 413),
        ("multipart/form-data", multipart(("a", None, b"b")), 1000, 400),
        (MULTIPART, b"--limit\r\nrubbish", 1000, 400),
        (MULTIPART, multipart(*[("p", f"{n}.jpg", b"x") for n in range(6)]), 1000, 400),
        (MULTIPART, multipart(*[("p", None, b"x") for n in range(FORM_FIELDS_MAX + 1)]), 100_000, 400),
        (MULTIPART, multipart(("a", None, bytes(FORM_BYTES_MAX + 10))), 100_000, 400),
        (MULTIPART, b"--limit\r\nContent-Disposition: form-data\r\n\r\nx\r\n--limit--\r\n", 1000, 400),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(kind, body, file_bytes_max, status):
    with pytest.raises(Problem) as refused:
        await sent(kind, body, file_bytes_max)
    assert refused.value.status == status
