"""The interface for people, read out of the OpenAPI document, so that page and document cannot differ."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from sinetti.contracts.schemas import example_of
from sinetti.rules.types import OperationCode
from sinetti.rules.vocabulary import Colour, Language

Document = dict[str, Any]

_JSON = "application/json"
_REFERENCE = "#/components/schemas/"


class Field(Struct, frozen=True, kw_only=True):
    """One field of a shape."""

    name: str
    kind: str
    shape: str | None
    """Name of the shape that it holds."""
    required: bool
    description: str


class Shape(Struct, frozen=True, kw_only=True):
    """What a request or an answer consists of."""

    name: str
    description: str
    fields: tuple[Field, ...]


class ParameterRow(Struct, frozen=True, kw_only=True):
    """One parameter or header."""

    name: str
    place: str
    required: bool
    description: str
    example: str | None


class CodeLink(Struct, frozen=True, kw_only=True):
    """An operation code that an answer may have."""

    code: str
    colour: Colour
    message: str


class AnswerRow(Struct, frozen=True, kw_only=True):
    """One status that a route may answer with."""

    status: str
    description: str
    shapes: tuple[str, ...]
    media: tuple[str, ...]
    headers: tuple[str, ...]
    codes: tuple[CodeLink, ...]


class Body(Struct, frozen=True, kw_only=True):
    """What a request carries."""

    shape: str
    media: tuple[str, ...]


class EndpointPart(Struct, frozen=True, kw_only=True):
    """One route."""

    name: str
    title: str
    purpose: str
    method: str
    path: str
    aliases: tuple[str, ...]
    secured: bool
    parameters: tuple[ParameterRow, ...]
    body: Body | None
    curl: str
    answers: tuple[AnswerRow, ...]
    always: tuple[str, ...]
    """Headers that all its answers have."""


class Section(Struct, frozen=True, kw_only=True):
    """Routes that belong together."""

    name: str
    title: str
    description: str
    endpoints: tuple[EndpointPart, ...]


class Guide(Struct, frozen=True, kw_only=True):
    """The whole page."""

    introduction: str
    sections: tuple[Section, ...]
    shapes: tuple[Shape, ...]


def guide_of(document: Document, codes: Mapping[str, OperationCode], language: Language, base: str) -> Guide:
    """What the page tells; `base` is the address that its examples begin with."""
    reader = _Reader(document, codes, language, base)
    return Guide(
        introduction=document["info"]["description"],
        sections=tuple(reader.section(tag) for tag in document["tags"]),
        shapes=tuple(reader.shape(name) for name in document["components"]["schemas"]),
    )


class _Reader:
    def __init__(
        self, document: Document, codes: Mapping[str, OperationCode], language: Language, base: str
    ) -> None:
        self._document = document
        self._codes = codes
        self._language = language
        self._base = base

    def section(self, tag: Document) -> Section:
        """All routes of a tag. A path that repeats another's operation is told as its alias."""
        found: dict[str, list[tuple[str, str, Document]]] = {}
        for path, item in self._document["paths"].items():
            for method, operation in item.items():
                if tag["name"] in operation["tags"]:
                    key = operation.get("x-alias-of", operation["operationId"])
                    found.setdefault(key, []).append((path, method, operation))
        return Section(
            name=tag["name"],
            title=tag["x-title"],
            description=tag["description"],
            endpoints=tuple(self._endpoint(group) for group in found.values()),
        )

    def shape(self, name: str) -> Shape:
        """One shape with its fields."""
        schema = self._document["components"]["schemas"][name]
        required = schema.get("required", ())
        return Shape(
            name=name,
            description=schema["description"],
            fields=tuple(
                Field(
                    name=field,
                    kind=_kind(part),
                    shape=_shape_in(part),
                    required=field in required,
                    description=part["description"],
                )
                for field, part in schema["properties"].items()
            ),
        )

    def _endpoint(self, group: list[tuple[str, str, Document]]) -> EndpointPart:
        (path, method, operation), *others = group
        parameters = [self._resolved(part) for part in operation["parameters"]]
        answers = tuple(
            self._answer(status, self._resolved(part)) for status, part in operation["responses"].items()
        )
        return EndpointPart(
            name=operation["operationId"],
            title=operation["summary"],
            purpose=operation["description"],
            method=method.upper(),
            path=path,
            aliases=tuple(other for other, _, _ in others),
            secured=bool(operation["security"]),
            parameters=tuple(_parameter(part) for part in parameters),
            body=_body(operation),
            curl=self._curl(path, method, operation, parameters),
            answers=answers,
            always=tuple(name for name in answers[0].headers if all(name in one.headers for one in answers)),
        )

    def _answer(self, status: str, response: Document) -> AnswerRow:
        content: Document = response["content"]
        return AnswerRow(
            status=status,
            description=response["description"],
            shapes=tuple(shape for part in content.values() if (shape := _shape_in(part["schema"]))),
            media=tuple(content),
            headers=tuple(response["headers"]),
            codes=tuple(self._code(code) for part in content.values() for code in part.get("examples", ())),
        )

    def _code(self, number: str) -> CodeLink:
        code = self._codes[number]
        return CodeLink(code=number, colour=code.colour, message=code.texts[self._language].message)

    def _curl(self, path: str, method: str, operation: Document, parameters: list[Document]) -> str:
        for part in parameters:
            if part["in"] == "path":
                path = path.replace(f"{{{part['name']}}}", quote(str(part.get("example", "")), safe=""))
        asked = [part for part in parameters if part["in"] == "query" and "example" in part]
        query = "&".join(f"{part['name']}={quote(part['example'], safe='')}" for part in asked)
        address = self._base + path + (f"?{query}" if query else "")
        lines = [f"curl {'' if method == 'get' else f'-X {method.upper()} '}{shlex.quote(address)}"]
        headers = ["Authorization: Bearer TOKEN"] if operation["security"] else []
        headers += [f"{part['name']}: {part['example']}" for part in parameters if part["in"] == "header"]
        lines += [f"-H {shlex.quote(header)}" for header in headers]
        lines += self._curl_body(operation)
        return " \\\n  ".join(lines)

    def _curl_body(self, operation: Document) -> list[str]:
        if "requestBody" not in operation:
            return []
        media, part = next(iter(operation["requestBody"]["content"].items()))
        if not part["schema"]:
            file = f"@pack.{media.rpartition('/')[2]}"
            return [f"-H {shlex.quote(f'Content-Type: {media}')}", f"--data-binary {file}"]
        example = example_of(part["schema"], self._document["components"]["schemas"])
        if media == _JSON:
            text = json.dumps(example, ensure_ascii=False)
            return [f"-H {shlex.quote(f'Content-Type: {media}')}", f"-d {shlex.quote(text)}"]
        fields = example if isinstance(example, dict) else {}
        return [f"-d {shlex.quote(f'{name}={value}')}" for name, value in fields.items()]

    def _resolved(self, part: Document) -> Document:
        found: Document = self._document
        if "$ref" not in part:
            return part
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found


def _parameter(part: Document) -> ParameterRow:
    return ParameterRow(
        name=part["name"],
        place=part["in"],
        required=part["required"],
        description=part["description"],
        example=part.get("example"),
    )


def _body(operation: Document) -> Body | None:
    if "requestBody" not in operation:
        return None
    content = operation["requestBody"]["content"]
    shape = _shape_in(next(iter(content.values()))["schema"])
    return None if shape is None else Body(shape=shape, media=tuple(content))


def _shape_in(schema: Document) -> str | None:
    """Name of the shape that a schema is, or is a list of."""
    (schema, *_) = schema.get("anyOf", [schema])
    target = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
    return target.removeprefix(_REFERENCE) or None


def _kind(schema: Document) -> str:
    """What a field holds, in the words of JSON Schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REFERENCE)
    if schema.get("type") == "array":
        return f"[ {_kind(schema['items'])} ]"
    if "enum" in schema:
        return " | ".join(value for value in schema["enum"] if value is not None)
    (kind, *_) = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return str(schema.get("const") or schema.get("format") or kind)
