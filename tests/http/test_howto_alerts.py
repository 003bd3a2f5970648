"""The calls of docs/howto/alerts-over-the-interface.md, one after another, as they stand there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.http.portal.alerts import a_photo
from tests.http.test_cases_interface import Parties, parties  # noqa: F401 - a fixture

GUIDE = Path(__file__).parents[2] / "docs" / "howto" / "alerts-over-the-interface.md"


@dataclass(frozen=True)
class Call:
    """One call of the guide."""

    method: str
    target: str
    headers: dict[str, str | None]
    body: bytes | None
    status: int


def commands(guide: Path = GUIDE) -> Iterator[str]:
    """Each `curl …` of the guide's blocks, its lines put together."""
    text = re.sub(r"^```\w+\n.*?^```\n", "", guide.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for block in re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", " ").splitlines()


def read(command: str, values: dict[str, str]) -> Call:
    """What a command asks for; `# 409` behind it says what it is answered, when not 200."""
    said, _, remark = command.partition("   # ")
    status = int(remark[:3] or 200)
    for name, value in values.items():
        said = (
            said.replace(f"${name}", value)
            .replace(f'"{name}"', f'"{value}"')
            .replace(f" {name}}}", f" {value}}}")
        )
    words = shlex.split(said.partition(" | ")[0])
    assert words[:2] == ["curl", "-s"], command
    headers: dict[str, str | None] = {}
    body, target = None, words[2]
    for option, value in zip(words[3::2], words[4::2], strict=True):
        match option:
            case "-H":
                name, _, text = value.partition(": ")
                headers[name] = text
            case "-d":
                body = value.encode()
            case "--data-binary":
                assert value.startswith("@")
                body = a_photo()
            case _:
                assert option == "-o", command
    method = "GET" if body is None else "POST"
    return Call(method, target.removeprefix("http://test"), headers, body, status)


async def test_every_call_of_the_guide_is_answered_as_it_says(parties: Parties):  # noqa: F811 - the fixture
    wholesaler = await parties.country.pharmacy("wholesaler", kind="wholesaler")
    tokens = {
        "WHOLESALER_TOKEN": wholesaler,
        "OPERATOR_TOKEN": parties.operator,
        "COMPANY_TOKEN": parties.company,
        "TOKEN": parties.a,
    }
    values = {
        "S": "http://test",
        **{
            name: (system.headers["Authorization"]).removeprefix("Bearer ") for name, system in tokens.items()
        },
    }
    asked = []
    for command in commands():
        seen = await parties.seen(parties.a)
        # The number that the request was answered with.
        call = read(
            command.replace("/HOLD/", "/1/"),
            values | {"ALERT": parties.alert_id, "CHANGES": str(seen["changes"])},
        )
        answer = await parties.a.raw(
            call.method,
            call.target,
            headers={"emvs-data-entry-mode": None, **call.headers},
            content=call.body,
        )
        assert answer.status_code == call.status, (command, answer.text)
        asked.append(call.target)
        if call.target.startswith("/verification"):
            parties.alert_id = answer.json()["alertId"]
            await parties.taken_over()
    assert len(asked) == len(list(commands())) > 15
    last = await parties.seen(parties.operator)
    assert (last["status"], last["setAside"][0]["endedAs"]) == ("closed", "back_to_stock")
    assert [message["body"] for message in last["messages"]][-1] == "Is Caps Lock on?"
