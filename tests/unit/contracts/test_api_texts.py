"""Everything of the interface is told in fi, sv and en, and nothing is told that is not there."""

from __future__ import annotations

import pytest

from sinetti.contracts.cases import NoticeTold
from sinetti.contracts.endpoints import ENDPOINTS
from sinetti.contracts.parameters import ANSWER_HEADERS, PARAMETERS
from sinetti.contracts.schemas import shape_schemas
from sinetti.contracts.texts import api_texts
from sinetti.contracts.uploads import BatchHead
from sinetti.rules.vocabulary import Language

SCHEMAS = shape_schemas(
    {shape for endpoint in ENDPOINTS for answer in endpoint.answers for shape in answer.shapes}
    | {endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None}
    | {BatchHead, NoticeTold}
)


@pytest.mark.parametrize("language", Language)
def test_every_part_of_the_interface_has_its_text_and_no_text_is_left_over(language):
    texts = api_texts(language)
    assert set(texts.operation) == {endpoint.name for endpoint in ENDPOINTS}
    assert set(texts.tag) == {endpoint.tag for endpoint in ENDPOINTS}
    assert set(texts.parameter) == set(PARAMETERS)
    assert set(texts.header) == set(ANSWER_HEADERS)
    statuses = {str(answer.status) for endpoint in ENDPOINTS for answer in endpoint.answers}
    assert set(texts.status) == statuses | {"405"}


@pytest.mark.parametrize("language", [Language.FI, Language.SV])
def test_every_shape_and_field_is_translated(language):
    texts = api_texts(language)
    assert set(texts.shape) == set(SCHEMAS)
    missing = [
        f"{shape}.{field}"
        for shape, schema in SCHEMAS.items()
        for field in schema["properties"]
        if not texts.of_field(shape, field, "")
    ]
    assert missing == []


@pytest.mark.parametrize("language", [Language.FI, Language.SV])
def test_no_translated_field_has_gone(language):
    known = {field for schema in SCHEMAS.values() for field in schema["properties"]}
    known |= {f"{shape}.{field}" for shape, schema in SCHEMAS.items() for field in schema["properties"]}
    assert set(api_texts(language).field) - known == set()


def test_a_field_that_means_something_else_in_one_shape_has_a_text_of_its_own_in_all_languages():
    own = [
        {key for key in api_texts(language).field if "." in key} for language in (Language.FI, Language.SV)
    ]
    assert own[0] == own[1]
    plain = {
        (field, part["description"])
        for schema in SCHEMAS.values()
        for field, part in schema["properties"].items()
    }
    ambiguous = {field for field, _ in plain if len([other for other, _ in plain if other == field]) > 1}
    told_apart = {key.partition(".")[2] for key in own[0]}
    # The shortest way to say the same differs a little between shapes; these need no text of their own.
    assert ambiguous - told_apart <= {"pack", "transactionId", "recordedAt", "detail"}
