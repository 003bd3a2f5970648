"""States of packs that others tell of: checked out by a parallel distributor, inactive in another market."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sinetti.contracts.uploads import PackStateUpload
from sinetti.kit.db import Database
from sinetti.kit.problems import Problem
from sinetti.nmvs import upload_checks
from sinetti.nmvs.batches import NAMED_MAX
from sinetti.nmvs.changes import Change
from sinetti.nmvs.products import UploadResult, owned_product
from sinetti.nmvs.store import uploaded_packs as store
from sinetti.nmvs.store.packs import state_letter
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.vocabulary import PackState

PACKS_MAX: Final = 50_000
_SLICE: Final = 1000

OPERATIONS: Final = {PackState.CHECKED_OUT.value: "check_out", PackState.INACTIVE.value: "market_update"}
"""States that can be told of, and the operation that the record names for each."""


async def upload_pack_states(
    database: Database, change: Change, upload: PackStateUpload, rules_version: str
) -> tuple[UploadResult, int]:
    """Give active packs the state that others tell of, all or nothing; returns how many were changed.

    Packs that have the state already stay as they are. Problems: 404 for packs that are not known, 409 for
    packs in another state, both naming up to `NAMED_MAX` of them; 403 and 422.
    """
    scheme = upload.product_code_scheme
    code = upload_checks.product_code(scheme, upload.product_code)
    reason = None if upload.reason is None else upload_checks.text(upload.reason, "$.reason")
    if upload.state not in OPERATIONS:
        raise Problem("invalid-body", 422, path="$.state", reason=f"Expected one of: {', '.join(OPERATIONS)}")
    new_state = PackState(upload.state)
    serial_numbers = _by_key(upload.serial_numbers)
    changed = 0
    wrong: list[str] = []
    async with database.transaction() as tx:
        product = await owned_product(tx, change, scheme, code)
        keys = sorted(serial_numbers)
        for start in range(0, len(keys), _SLICE):
            some = keys[start : start + _SLICE]
            states = await store.lock_pack_states(tx, product.product_id, some)
            if unknown := [serial_numbers[key] for key in some if key not in states]:
                raise _refused("unknown-packs", 404, code, unknown)
            wrong += [
                serial_numbers[key] for key in some if states[key] not in {None, state_letter(new_state)}
            ]
            active = {key: serial_numbers[key] for key in some if states[key] is None}
            if active and not wrong:
                changed += len(active)
                await store.set_pack_states(
                    tx,
                    change,
                    operation=OPERATIONS[new_state],
                    product_id=product.product_id,
                    scheme=scheme,
                    product_code=code,
                    serial_numbers=active,
                    new_state=new_state,
                    reason=reason,
                    rules_version=rules_version,
                )
        if wrong:
            raise _refused("packs-not-active", 409, code, wrong)
    return (UploadResult.UPDATED if changed else UploadResult.UNCHANGED), changed


def _by_key(serial_numbers: Sequence[str]) -> dict[bytes, str]:
    if not serial_numbers:
        raise Problem("invalid-body", 422, path="$.serialNumbers", reason="Expected at least one")
    if len(serial_numbers) > PACKS_MAX:
        raise Problem("too-many-serial-numbers", 422, count=len(serial_numbers), limit=PACKS_MAX)
    found: dict[bytes, str] = {}
    for number, one in enumerate(serial_numbers):
        key = serial_key(one)
        if key is None:
            reason = upload_checks.SERIAL_NUMBER_FORM["gs1"]
            raise Problem("invalid-body", 422, path=f"$.serialNumbers[{number}]", reason=reason)
        found[key] = one
    return found


def _refused(key: str, status: int, code: str, serial_numbers: Sequence[str]) -> Problem:
    return Problem(
        key,
        status,
        product_code=code,
        count=len(serial_numbers),
        serial_numbers=list(serial_numbers[:NAMED_MAX]),
    )
