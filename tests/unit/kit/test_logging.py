"""What is logged, in which form, and what never is."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog

from sinetti.kit.logging import configure_logging, current_transaction

ID = UUID("01932e4c-7a1b-7def-8123-456789abcdef")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged in the test, which leaves logging as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure_logging("INFO", stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_and_name(log):
    structlog.get_logger("sinetti.test").info("packs supplied", packs=3)
    (line,) = lines(log)
    assert str(line.pop("time")).endswith("Z")
    assert line == {"event": "packs supplied", "level": "info", "logger": "sinetti.test", "packs": 3}


def test_a_line_carries_the_transaction_it_belongs_to(log):
    token = current_transaction.set(ID)
    structlog.get_logger("sinetti.test").info("inside")
    current_transaction.reset(token)
    structlog.get_logger("sinetti.test").info("outside")
    assert [line.get("transaction_id") for line in lines(log)] == [str(ID), None]


def test_libraries_log_in_the_same_form(log):
    logging.getLogger("uvicorn.error").info("Started %s", "server", extra={"port": 8080})
    logging.getLogger("uvicorn.access").info("GET /secret-serial")
    (line,) = lines(log)
    assert (line["event"], line["logger"], line["level"], line["port"]) == (
        "Started server", "uvicorn.error", "info", 8080,
    )  # fmt: skip


def test_a_line_of_uvicorn_is_logged_once_and_without_colours(log):
    logging.getLogger("uvicorn.error").info(
        "Started process [%d]", 7, extra={"color_message": "Started process [\x1b[36m%d\x1b[0m]"}
    )
    (line,) = lines(log)
    assert line["event"] == "Started process [7]"
    assert "color_message" not in line


def test_an_exception_is_logged_with_where_it_happened(log):
    try:
        int("bad")
    except ValueError:
        structlog.get_logger("sinetti.test").exception("failed")
    (line,) = lines(log)
    assert "test_logging.py" in str(line["exception"])
    assert str(line["exception"]).endswith("invalid literal for int() with base 10: 'bad'")


SECRET = "hunter2-5vQ"


@pytest.mark.parametrize(
    "logged",
    [
        {"authorization": f"Bearer {SECRET}"},
        {"Authorization": SECRET},
        {"client_secret": SECRET},
        {"clientSecret": SECRET},
        {"access_token": SECRET},
        {"password": SECRET},
        {"headers": {"authorization": SECRET}},
        {"headers": [("Authorization", f"Bearer {SECRET}")]},
        {"headers": [(b"authorization", f"Bearer {SECRET}".encode())]},
        {"form": {"deep": [{"client_secret": SECRET}]}},
        {"body": f"grant_type=client_credentials&client_id=a&client_secret={SECRET}&x=1"},
        {"body": f'{{"access_token": "{SECRET}"}}'},
        {"error": f"Authorization: Basic {SECRET}"},
        {"url": f"postgresql://sinetti:{SECRET}@db.example/sinetti"},
        {"error": ValueError(f"password={SECRET}")},
    ],
    ids=str,
)
def test_a_secret_is_never_logged(log, logged):
    structlog.get_logger("sinetti.test").warning("look", **logged)
    assert SECRET not in log.getvalue()
    assert "[hidden]" in log.getvalue()


def test_a_secret_is_hidden_in_the_message_and_in_tracebacks_too(log):
    try:
        int(f"postgresql://me:{SECRET}@db/x")
    except ValueError:
        logging.getLogger("library").exception("token was Bearer %s", SECRET)
    assert SECRET not in log.getvalue()


def test_a_terminal_gets_lines_for_people(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = Terminal()
    configure_logging("INFO", stream)
    structlog.get_logger("sinetti.test").info("packs supplied", packs=3)
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    assert not stream.getvalue().startswith("{")
    assert "packs supplied" in stream.getvalue()
