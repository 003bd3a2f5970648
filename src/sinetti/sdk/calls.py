"""Requests of the interface, built from what a client knows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

import msgspec

from sinetti.contracts.bulk import BulkPack, BulkRequest, RecoveryPack, RecoveryRequest
from sinetti.contracts.packs import StateChange
from sinetti.contracts.uploads import (
    BatchCorrection,
    BatchHead,
    BatchRecall,
    BatchUpload,
    PackStateUpload,
    ProductUpload,
    ProductWithdrawal,
)
from sinetti.rules.vocabulary import EntryMode, PackState
from sinetti.sdk.exchange import Call
from sinetti.sdk.pack import Pack

API_VERSION = "3.1"
"""Version of the interface that this client was made for."""

_JSON = {"Content-Type": "application/json"}

UPLOAD_PATHS: Mapping[type, str] = {
    ProductUpload: "/upload/products",
    BatchUpload: "/upload/batches",
    BatchCorrection: "/upload/batches/correct",
    BatchRecall: "/upload/batches/recall",
    ProductWithdrawal: "/upload/products/withdraw",
    PackStateUpload: "/upload/packs/state",
}

Upload = ProductUpload | BatchUpload | BatchCorrection | BatchRecall | ProductWithdrawal | PackStateUpload


def new_idempotency_key() -> str:
    """A key for one thing that a person wants done."""
    return str(uuid.uuid4())


def verify_call(pack: Pack) -> Call:
    """Ask about a pack. Not repeatable: a verification that finds a deviation raises an alert each time."""
    return Call(method="GET", url=pack_url(pack), headers=_headers(pack.entry_mode))


def change_call(pack: Pack, state: PackState, idempotency_key: str) -> Call:
    """Ask for a new state of a pack."""
    return Call(
        method="PATCH",
        url=pack_url(pack),
        headers=_headers(pack.entry_mode) | _JSON | {"Idempotency-Key": idempotency_key},
        content=msgspec.json.encode(StateChange(state=state.value)),
        repeatable=True,
    )


def bulk_call(packs: Sequence[Pack], state: PackState | None, idempotency_key: str) -> Call:
    """Send many packs for one state; without a state they are verified."""
    request = BulkRequest(
        state=None if state is None else state.value,
        number_of_packs=len(packs),
        packs=[_bulk_pack(pack) for pack in packs],
    )
    return _post("/verification/product/packs", request, packs, idempotency_key)


def recovery_call(changes: Sequence[tuple[Pack, PackState]], idempotency_key: str) -> Call:
    """Send what was done to packs while the system was out of reach, in the order of what was done."""
    packs = [pack for pack, _ in changes]
    request = RecoveryRequest(
        number_of_packs=len(changes),
        packs=[
            RecoveryPack(transition_type=state.name, **msgspec.structs.asdict(_bulk_pack(pack)))
            for pack, state in changes
        ],
    )
    return _post("/verification/recovery/packs", request, packs, idempotency_key)


def result_call(location: str) -> Call:
    """Fetch the outcome of a request for many packs from the address that its receipt gave."""
    return Call(method="GET", url=location, repeatable=True)


def upload_call(upload: Upload) -> Call:
    """Send data of products or packs. Repeatable: the same again changes nothing."""
    return Call(
        method="POST",
        url=UPLOAD_PATHS[type(upload)],
        headers=_JSON,
        content=msgspec.json.encode(upload),
        repeatable=True,
    )


def upload_lines_call(head: BatchHead, serial_numbers: Iterable[str]) -> Call:
    """Send a large batch as lines of JSON."""
    return Call(
        method="POST",
        url=UPLOAD_PATHS[BatchUpload],
        headers={"Content-Type": "application/x-ndjson"},
        content=msgspec.json.Encoder().encode_lines([head, *serial_numbers]),
        repeatable=True,
    )


def pack_url(pack: Pack) -> str:
    """Path and query of a pack.

    Everything but letters and digits is encoded, dots too: `..` would be taken for a folder.
    """
    scheme, code, serial = (_encoded(part) for part in (pack.scheme, pack.product_code, pack.serial_number))
    compared = {"batch": pack.batch, "expiry": pack.expiry}
    query = "&".join(f"{name}={_encoded(value)}" for name, value in compared.items() if value is not None)
    return f"/verification/product/{scheme}/{code}/pack/{serial}" + (f"?{query}" if query else "")


def _encoded(text: str) -> str:
    return quote(text, safe="").replace(".", "%2E")


def _headers(entry_mode: EntryMode) -> dict[str, str]:
    return {"emvs-data-entry-mode": entry_mode.value, "emvs-api-version": API_VERSION}


def _bulk_pack(pack: Pack) -> BulkPack:
    return BulkPack(
        product_code_scheme=pack.scheme.value,
        product_code=pack.product_code,
        serial_number=pack.serial_number,
        batch_id=pack.batch,
        expiry_date=pack.expiry,
    )


def _post(path: str, request: msgspec.Struct, packs: Sequence[Pack], idempotency_key: str) -> Call:
    # One header speaks for all packs: a single one typed by hand makes the request a manual one.
    manual = any(pack.entry_mode is EntryMode.MANUAL for pack in packs)
    entry_mode = EntryMode.MANUAL if manual else EntryMode.NON_MANUAL
    return Call(
        method="POST",
        url=path,
        headers=_headers(entry_mode) | _JSON | {"Idempotency-Key": idempotency_key},
        content=msgspec.json.encode(request),
        repeatable=True,
    )
