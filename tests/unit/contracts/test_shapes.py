"""Shapes on the wire: what is written, what is read, and what is let pass."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime

import msgspec
import pytest

import sinetti.contracts
from sinetti.contracts import fields
from sinetti.contracts.bulk import BulkPack, BulkRequest, RecoveryRequest
from sinetti.contracts.packs import PackAnswer, StateChange
from sinetti.contracts.schemas import REQUESTS, WITH_NULL, example_of, shape_schemas
from sinetti.contracts.tokens import OAuthError, TokenAnswer, TokenRequest
from sinetti.contracts.uploads import BatchHead, BatchUpload
from sinetti.rules.load import load_rules

SHAPES = sorted(
    {
        value
        for module in pkgutil.iter_modules(sinetti.contracts.__path__)
        if module.name not in {"endpoints", "openapi", "parameters", "schemas", "texts", "codes"}
        for value in vars(importlib.import_module(f"sinetti.contracts.{module.name}")).values()
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value is not msgspec.Struct
    },
    key=lambda shape: shape.__name__,
)

WRITTEN = [
    (PackAnswer(operation_code="11110100"), '{"operationCode":"11110100"}'),
    (
        PackAnswer(
            operation_code="51220200",
            state="Supplied",
            warning="Jo toimitettu.",
            alert_id="FI-7KD-2MP-X9A-4TQ-H8C",
            is_intermarket=False,
            can_reactivate=True,
            can_reactivate_until=datetime(2026, 3, 12, 12, 0, tzinfo=UTC),
        ),
        (
            '{"operationCode":"51220200","state":"Supplied","warning":"Jo toimitettu.",'
            '"alertId":"FI-7KD-2MP-X9A-4TQ-H8C","isIntermarket":false,"canReactivate":true,'
            '"canReactivateUntil":"2026-03-12T12:00:00Z"}'
        ),
    ),
    (StateChange(state="Supplied"), '{"state":"Supplied"}'),
    (
        BulkRequest(
            state="Supplied",
            number_of_packs=1,
            packs=[
                BulkPack(
                    product_code_scheme="gs1",
                    product_code="06412345678907",
                    serial_number='A/1"',
                    batch_id="L1",
                    expiry_date="291200",
                )
            ],
        ),
        (
            '{"state":"Supplied","numberOfPacks":1,"packs":[{"productCodeScheme":"gs1","productCode":"06412345678907",'
            '"serialNumber":"A/1\\"","batchId":"L1","expiryDate":"291200"}]}'
        ),
    ),
    (
        TokenAnswer(access_token="t", token_type="Bearer", expires_in=3600),
        '{"access_token":"t","token_type":"Bearer","expires_in":3600}',
    ),
    (
        OAuthError(error="invalid_client", error_description="No.", transaction_id="1"),
        '{"error":"invalid_client","error_description":"No.","transactionId":"1"}',
    ),
    (
        BatchHead(product_code_scheme="gs1", product_code="1", batch_id="L", expiry_date="291200"),
        '{"productCodeScheme":"gs1","productCode":"1","batchId":"L","expiryDate":"291200"}',
    ),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN, ids=[type(value).__name__ for value, _ in WRITTEN])
def test_a_shape_is_written_as_clients_know_it_and_read_back_the_same(value, text):
    assert msgspec.json.encode(value).decode() == text
    assert msgspec.json.decode(text, type=type(value)) == value


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_unknown_fields_of_newer_or_chattier_clients_are_ignored(shape):
    example = example_of({"$ref": f"#/{shape.__name__}"}, shape_schemas([shape]))
    assert isinstance(example, dict)
    msgspec.convert(example | {"somethingNew": {"a": [1]}}, shape)


@pytest.mark.parametrize("body", ["{}", '{"state":null}', '{"State":"Supplied"}'])
def test_a_state_change_without_a_state_is_read_so_that_the_rules_can_answer(body):
    assert msgspec.json.decode(body, type=StateChange) == StateChange(state=None)


@pytest.mark.parametrize("shape", [BulkRequest, RecoveryRequest, TokenRequest])
def test_an_empty_request_is_read_so_that_the_rules_can_answer(shape):
    assert msgspec.json.decode("{}", type=shape) == shape()


def test_an_upload_without_its_parts_is_not_read():
    with pytest.raises(msgspec.ValidationError, match="serialNumbers"):
        msgspec.json.decode(WRITTEN[-1][1], type=BatchUpload)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_field_says_what_it_is(shape):
    schema = shape_schemas([shape])[shape.__name__]
    assert schema["description"]
    assert [name for name, part in schema["properties"].items() if not part.get("description")] == []


def test_answers_hold_no_null_and_requests_only_where_a_field_may_be_missing():
    for name, schema in shape_schemas(SHAPES).items():
        if name in WITH_NULL:
            assert set(schema["required"]) == set(schema["properties"]), "all there, and null where not known"
            continue
        nullable = {field for field, part in schema["properties"].items() if "null" in part.get("type", ())}
        optional = set(schema["properties"]) - set(schema.get("required", ()))
        assert nullable == (optional if name in REQUESTS else set()), name


def test_the_states_on_the_wire_are_those_of_the_rules():
    rules = load_rules()
    assert set(fields.WIRE_STATES) == {
        state.value for state, rule in rules.pack_states.items() if rule.on_the_wire
    }
    requestable = {state for state, rule in rules.pack_states.items() if rule.requested_by is not None}
    assert set(fields.REQUESTABLE_STATES) == {state.value for state in requestable}
    assert set(fields.TRANSITION_TYPES) == {state.name for state in requestable}
