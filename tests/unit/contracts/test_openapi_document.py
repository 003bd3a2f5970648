"""The OpenAPI document: valid, complete, with the codes that the rules can give and no others."""

from __future__ import annotations

import re

import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from sinetti.contracts.endpoints import ENDPOINTS
from sinetti.contracts.openapi import openapi_document
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language

RULES = load_rules()
BASE = "https://api.example"


@pytest.fixture(scope="module", params=list(Language))
def document(request):
    return openapi_document(RULES, request.param, version="1.0", base_url=BASE)


def test_the_document_is_valid_openapi_3_1(document):
    errors = [
        (error.message, list(error.instance_path)) for error in OPENAPI_31_VALIDATOR.iter_errors(document)
    ]
    assert errors == []


def test_every_reference_leads_somewhere(document):
    for target in set(_references(document)):
        part = document
        for step in target.removeprefix("#/").split("/"):
            part = part[step]


def test_the_pack_interface_is_there_with_and_without_its_prefix(document):
    bare = {path for path in document["paths"] if path.startswith(("/product", "/recovery"))}
    assert bare == {
        path.removeprefix("/verification") for path in document["paths"] if "/verification" in path
    }
    assert len(bare) == 5


def test_operation_ids_are_unique(document):
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


def test_every_path_parameter_is_declared(document):
    for path, item in document["paths"].items():
        for operation in item.values():
            names = {part["$ref"].rpartition("/")[2] for part in operation["parameters"]}
            assert set(re.findall(r"{(\w+)}", path)) <= names, path


def test_the_entry_mode_header_is_required_for_operations_on_packs(document):
    assert document["components"]["parameters"]["emvs-data-entry-mode"]["required"] is True


def test_each_code_is_under_the_status_that_it_is_answered_with(document):
    shown = set()
    for name, response in document["components"]["responses"].items():
        for part in response["content"].values():
            for code in part.get("examples", ()):
                assert name.endswith(str(RULES.codes[code].http_status)), (name, code)
                shown.add(code)
    assert shown == {code.code for code in RULES.codes.values() if code.texts}


@pytest.mark.parametrize(
    ("operation", "its", "not_its"),
    [
        ("verifyPack", "11110100", "11210200"),
        ("verifyPack", "41020001", "51220200"),
        ("changePack", "51220200", "11110100"),
        ("changePack", "51420200", "22100000"),
        ("changePack", "61020009", "62120001"),
        ("submitBulk", "62120000", "63120001"),
        ("submitRecovery", "63120001", "62120000"),
        ("getBulkResult", "52210000", "11110100"),
    ],
)
def test_a_route_names_its_own_codes(document, operation, its, not_its):
    responses = document["components"]["responses"]
    named = {
        code
        for name, response in responses.items()
        if re.fullmatch(rf"{operation}\d+", name)
        for part in response["content"].values()
        for code in part.get("examples", ())
    }
    assert its in named
    assert not_its not in named


def test_an_alert_is_shown_with_its_id_and_nothing_else_is(document):
    for number, example in document["components"]["examples"].items():
        assert ("alertId" in example["value"]) is RULES.codes[number].alert, number


def test_every_status_of_the_table_is_in_the_document(document):
    for endpoint in ENDPOINTS:
        for path in endpoint.paths:
            operation = document["paths"][path][endpoint.method]
            assert set(operation["responses"]) == {str(answer.status) for answer in endpoint.answers}
            assert bool(operation["security"]) is endpoint.secured


def _references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
