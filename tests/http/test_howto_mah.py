"""The calls and the program of docs/howto/connect-a-mah.md, as they stand there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.http.test_cases_interface import Parties, parties  # noqa: F401 - a fixture
from tests.http.test_howto_alerts import commands, read
from tests.http.test_messages_interface import handed_over

from sinetti.webhooks.deliveries import WAITS
from sinetti.webhooks.signing import headers_of, new_secret

GUIDE = Path(__file__).parents[2] / "docs" / "howto" / "connect-a-mah.md"
SENT_AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BODY = b'{"type":"test"}'


async def test_the_calls_give_what_happened_and_then_nothing_new(parties: Parties):  # noqa: F811 - the fixture
    await handed_over(parties)
    first, then = commands(GUIDE)
    values = {"S": "http://test", "TOKEN": parties.company.headers["Authorization"].removeprefix("Bearer ")}

    async def called(command: str) -> dict[str, Any]:
        call = read(command, values)
        answer = await parties.company.raw(
            call.method, call.target, headers={"emvs-data-entry-mode": None, **call.headers}
        )
        assert answer.status_code == call.status, answer.text
        return dict(answer.json())

    page = await called(first)
    assert page["messages"][0]["type"] == "alert.raised"
    said = GUIDE.read_text("utf-8")
    assert {message["type"] for message in page["messages"]} <= set(re.findall(r"`([a-z_.]+)`", said))
    values["NEXT"] = page["next"]
    assert (await called(then))["messages"] == []


@pytest.fixture
def is_genuine() -> Callable[..., bool]:
    (program,) = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(program, names)
    found: Callable[..., bool] = names["is_genuine"]
    return found


def test_the_program_knows_what_we_sign_also_while_the_secret_changes(is_genuine):
    old, new = new_secret(), new_secret()
    headers = dict(headers_of(uuid4(), BODY, SENT_AT, [new, old]))
    now = SENT_AT.timestamp()
    assert is_genuine(old, headers, BODY, now)
    assert is_genuine(new, headers, BODY, now + 299)
    assert not is_genuine(new_secret(), headers, BODY, now)
    assert not is_genuine(new, headers, BODY + b" ", now)
    assert not is_genuine(new, headers | {"webhook-id": "msg_0"}, BODY, now)
    assert not is_genuine(new, headers, BODY, now + 301), "somebody sends again what he has overheard"


def test_the_waits_are_those_that_we_keep():
    assert [wait.total_seconds() / 3600 for wait in WAITS[3:]] == [2, 5, 10, 14, 20, 24]
    assert [wait.total_seconds() for wait in WAITS[:3]] == [5, 300, 1800]
    assert "5 seconds, 5 minutes, half an hour, 2, 5, 10, 14, 20 and 24 hours" in GUIDE.read_text("utf-8")
