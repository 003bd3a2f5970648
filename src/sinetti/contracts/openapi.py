"""The interface as an OpenAPI 3.1 document, from the table of routes, the shapes, the texts and the rules."""

from __future__ import annotations

from typing import Any

from sinetti.contracts.cases import NoticeTold
from sinetti.contracts.codes import codes_of_endpoint, example_answer
from sinetti.contracts.endpoints import ENDPOINTS, HTML, JSON, LINES, PROBLEM, Answer, Endpoint
from sinetti.contracts.parameters import ANSWER_HEADERS, PARAMETERS, Parameter
from sinetti.contracts.problems import ProblemDetails
from sinetti.contracts.schemas import reference, shape_schemas
from sinetti.contracts.texts import ApiTexts, api_texts
from sinetti.contracts.uploads import BatchHead
from sinetti.rules.types import OperationCode, Rules
from sinetti.rules.vocabulary import Language

OPENAPI_VERSION = "3.1.0"
SECURITY = "clientCredentials"
TOKEN_PATH = "/identity/connect/token"  # noqa: S105 - a path, not a secret

Document = dict[str, Any]


def openapi_document(rules: Rules, language: Language, *, version: str, base_url: str) -> Document:
    """The whole interface. `base_url` is the address that clients reach the system at, without a slash at its end."""
    texts = api_texts(language)
    builder = _Builder(rules, language, texts)
    paths: dict[str, Document] = {}
    for endpoint in ENDPOINTS:
        for number, path in enumerate(endpoint.paths):
            paths.setdefault(path, {})[endpoint.method] = builder.operation(endpoint, is_alias=number > 0)
    return {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": texts.api.title,
            "version": version,
            "description": texts.api.description.strip(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "tags": [
            {"name": name, "x-title": tag.title, "description": tag.description}
            for name, tag in texts.tag.items()
        ],
        "paths": paths,
        "components": builder.components(base_url),
    }


class _Builder:
    """Makes operations that share their parameters, headers, answers and examples as components."""

    def __init__(self, rules: Rules, language: Language, texts: ApiTexts) -> None:
        self._rules = rules
        self._language = language
        self._texts = texts
        self._responses: dict[str, Document] = {}
        self._examples: dict[str, Document] = {}

    def operation(self, endpoint: Endpoint, *, is_alias: bool) -> Document:
        """One route with one method."""
        text = self._texts.operation[endpoint.name]
        codes = codes_of_endpoint(self._rules, endpoint)
        operation: Document = {
            "operationId": endpoint.name + ("Unprefixed" if is_alias else ""),
            "tags": [endpoint.tag],
            "summary": text.title,
            "description": text.purpose,
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in endpoint.parameters],
            "responses": {
                str(answer.status): {"$ref": self._response(endpoint, answer, codes)}
                for answer in endpoint.answers
            },
            "security": [{SECURITY: []}] if endpoint.secured else [],
        }
        if is_alias:
            operation["x-alias-of"] = endpoint.name
        if endpoint.file_media:
            # OpenAPI 3.1: a file as it is has no schema.
            content: Document = {media: {"schema": {}} for media in endpoint.file_media}
            operation["requestBody"] = {"required": True, "content": content}
        if endpoint.body is not None:
            operation["requestBody"] = {
                "required": True,
                "content": {media: _body(endpoint, media) for media in endpoint.body_media},
            }
        return operation

    def components(self, base_url: str) -> Document:
        """All that operations point to."""
        return {
            "schemas": self._schemas(),
            "parameters": {name: self._parameter(parameter) for name, parameter in PARAMETERS.items()},
            "headers": {
                name: {"description": self._texts.header[name], "schema": schema}
                for name, schema in ANSWER_HEADERS.items()
            },
            "responses": self._responses | {"MethodNotAllowed": self._method_not_allowed()},
            "examples": self._examples,
            "securitySchemes": {
                SECURITY: {
                    "type": "oauth2",
                    "description": self._texts.operation["getToken"].purpose,
                    "flows": {"clientCredentials": {"tokenUrl": base_url + TOKEN_PATH, "scopes": {}}},
                }
            },
        }

    def _response(self, endpoint: Endpoint, answer: Answer, codes: list[OperationCode]) -> str:
        name = f"{endpoint.name}{answer.status}"
        if name not in self._responses:
            self._responses[name] = {
                "description": self._texts.status[str(answer.status)],
                "headers": _header_references("X-Transaction-Id", "Content-Language", *answer.headers),
                "content": self._content(
                    answer, [code for code in codes if code.http_status == answer.status]
                ),
            }
        return f"#/components/responses/{name}"

    def _content(self, answer: Answer, codes: list[OperationCode]) -> Document:
        content: Document = {}
        for shape in answer.shapes:
            part: Document = {"schema": reference(shape)}
            if shape is ProblemDetails:
                content[PROBLEM] = part
                continue
            if codes:
                part["examples"] = {code.code: {"$ref": self._example(code)} for code in codes}
            content |= dict.fromkeys(answer.media, part)
        if HTML in answer.media:
            content[HTML] = {"schema": {}}
        return content or {
            media: {"schema": {"type": "object"} if media == JSON else {}} for media in answer.media
        }

    def _example(self, code: OperationCode) -> str:
        if code.code not in self._examples:
            self._examples[code.code] = {
                "summary": code.texts[self._language].message,
                "value": example_answer(code, self._rules, self._language),
            }
        return f"#/components/examples/{code.code}"

    def _method_not_allowed(self) -> Document:
        return {
            "description": self._texts.status["405"],
            "headers": _header_references("X-Transaction-Id", "Content-Language", "Allow"),
            "content": {PROBLEM: {"schema": reference(ProblemDetails)}},
        }

    def _parameter(self, parameter: Parameter) -> Document:
        shown: Document = {
            "name": parameter.name,
            "in": parameter.where,
            "description": self._texts.parameter[parameter.name],
            "required": parameter.required,
            "schema": parameter.schema,
        }
        example = parameter.example
        if parameter.name == "operationCode":
            example = next(code.code for code in self._rules.codes.values() if code.alert)
        if example is not None:
            shown["example"] = example
        return shown

    def _schemas(self) -> dict[str, Document]:
        shapes = {shape for endpoint in ENDPOINTS for answer in endpoint.answers for shape in answer.shapes}
        shapes |= {endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None}
        schemas = shape_schemas(sorted(shapes | {BatchHead, NoticeTold}, key=lambda shape: shape.__name__))
        for name, schema in schemas.items():
            schema["description"] = self._texts.shape.get(name) or schema["description"]
            for field, part in schema["properties"].items():
                part["description"] = self._texts.of_field(name, field, part.get("description", ""))
        return dict(sorted(schemas.items()))


def _header_references(*names: str) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _body(endpoint: Endpoint, media: str) -> Document:
    """Schema of a request body. To OpenAPI, lines of JSON are just text."""
    assert endpoint.body is not None
    if media == LINES:
        return {"schema": {"type": "string"}}
    one = reference(endpoint.body)
    return {"schema": {"anyOf": [one, {"type": "array", "items": one}]} if endpoint.body_may_be_list else one}
