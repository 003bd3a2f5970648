"""Faults as answers: RFC 9457 problem details in fi, sv and en. Outcomes with a code are not problems."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from uuid import UUID

import msgspec

CONTENT_TYPE = "application/problem+json"


class ProblemText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a problem says in one language. `detail` and `action` may hold `{placeholders}` for its values."""

    title: str
    """What kind of problem it is; the same for all of the kind."""
    detail: str
    """What happened this time."""
    action: str
    """What to do now, and who can help."""


class Problem(Exception):  # noqa: N818 - RFC 9457's word; it is answered, not reported as an error of ours
    """A request that cannot be served: raised anywhere, turned into an answer in one place
    (`kit.web.endpoint`).

    `key` names the texts in `texts/*.toml`. The values fill the placeholders of the texts and stand in the
    answer too, in camel case: only what the client sent or may know.
    """

    def __init__(
        self, key: str, status: int, /, *, headers: Mapping[str, str] = MappingProxyType({}), **values: object
    ) -> None:
        super().__init__(key, status)
        self.key = key
        self.status = status
        self.headers = headers
        self.values = values


@cache
def problem_texts(language: str) -> Mapping[str, ProblemText]:
    """All texts of one language by key."""
    source = files("sinetti.kit").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(source), dict[str, ProblemText])


def render_problem(
    problem: Problem, language: str, transaction_id: UUID
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of the answer.

    A key without a text is a bug that the tests find; should one be missed, the client still gets its status.
    """
    text = problem_texts(language).get(problem.key) or ProblemText(problem.key, problem.key, "")
    shown = {name: _shown(value) for name, value in problem.values.items()}
    body: dict[str, object] = {
        "type": f"/problems/{problem.key}",
        "title": text.title,
        "status": problem.status,
        "detail": _filled(text.detail, shown),
        "action": _filled(text.action, shown),
        "instance": f"urn:uuid:{transaction_id}",
        "transactionId": str(transaction_id),
    }
    for name, value in problem.values.items():
        body.setdefault(_camel(name), value)
    headers = [
        ("Content-Type", CONTENT_TYPE),
        ("Content-Language", language),
        ("Cache-Control", "no-store"),
        *problem.headers.items(),
    ]
    return problem.status, headers, msgspec.json.encode(body, enc_hook=str)


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(text: str) -> set[str]:
    """Names of the values that a text speaks of."""
    return set(_PLACEHOLDER.findall(text))


def _filled(text: str, shown: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: shown.get(match[1], "?"), text)


def _shown(value: object) -> str:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ", ".join(str(item) for item in value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
