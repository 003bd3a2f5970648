"""Correct a batch: its number or its expiry date, where print and upload differ (NMVO-0048 §6.4 and 6.5).

What will be changed is shown before it is done, because pharmacies rely on it from the next moment on.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from sinetti.contracts.uploads import BatchCorrection
from sinetti.gs1.identifiers import is_batch, is_expiry
from sinetti.kit.db import load_queries, text_array
from sinetti.kit.problems import Problem
from sinetti.nmvs.batches import correct_batch_within
from sinetti.nmvs.changes import Change
from sinetti.nmvs.store.batches import UploadedBatch, read_batches
from sinetti.nmvs.trail import KnownProduct, find_product
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.pack_codes import read_pack_code
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill

REASON_CHARACTERS_MAX = 500
_QUERIES = load_queries("sinetti.portal.pages.batch_correction", "correction.sql")
_FAULT_OF = {
    "batch-exists": "exists",
    "batch-recalled": "ended",
    "product-withdrawn": "ended",
    "unknown-batch": "gone",
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The batch that is to be corrected, and what the form says."""

    product: KnownProduct
    scheme: str
    product_code: str
    batch: UploadedBatch
    new_batch: str
    new_expiry: str
    reason: str


async def show_form(visit: Visit) -> Response:
    """The form, with what is stored."""
    wanted = await _wanted(visit, visit.request.query_params)
    return _form(visit, wanted, {}) if wanted else _no_batch(visit, visit.request.query_params)


async def correct(visit: Visit) -> Response:
    """Show what will be changed, or, once that has been confirmed, change it."""
    wanted = await _wanted(visit, visit.form)
    if wanted is None:
        return _no_batch(visit, visit.form)
    errors = _faults(visit, wanted)
    if errors:
        return _form(visit, wanted, errors)
    if visit.form.get("step") != "confirm":
        return await _preview(visit, wanted, {})
    if visit.form.get("compared") != "yes":
        return await _preview(visit, wanted, {"compared": visit.words["fault"]["compared"]})
    correction = BatchCorrection(
        product_code_scheme=wanted.scheme,
        product_code=wanted.product_code,
        batch_id=wanted.batch.batch,
        new_batch_id=wanted.new_batch,
        new_expiry_date=wanted.new_expiry,
        reason=wanted.reason,
    )
    change = Change(
        organisation_id=visit.person.organisation_id,
        person=visit.person.name,
        transaction_id=visit.transaction_id,
        at=visit.now,
    )
    try:
        await correct_batch_within(visit.tx, change, correction)
    except Problem as problem:
        fault = _FAULT_OF.get(problem.key)
        if fault is None:
            raise
        said = fill(visit.words["fault"][fault], batch=wanted.new_batch)
        return _form(visit, wanted, {"new_batch": said})
    await _record(visit, wanted)
    address = _query(wanted.product_code, wanted.new_batch)
    return visit.redirect(visit.url("batches") + address, done="corrected")


async def _record(visit: Visit, wanted: Wanted) -> None:
    old = {"batch": wanted.batch.batch, "expiry": wanted.batch.expiry}
    new = {"batch": wanted.new_batch, "expiry": wanted.new_expiry}
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="batch_corrected",
        object_kind="batch",
        object_id=f"{wanted.product_code} {wanted.batch.batch}",
        object_name=f"{wanted.product.name}, {wanted.batch.batch}",
        concern=Concern(organisation_id=visit.person.organisation_id),
        old={name: value for name, value in old.items() if new[name] != value},
        new={name: value for name, value in new.items() if old[name] != value},
        reason=wanted.reason,
    )


async def _wanted(visit: Visit, given: Mapping[str, str]) -> Wanted | None:
    """What the form is about; `None` for a batch that the person's organisation has not uploaded."""
    code, number = read_pack_code(given.get("product_code", "")), given.get("batch", "")
    product = None if code.fault else await find_product(visit.tx, code.product_code)
    if product is None or not number or product.organisation_id != visit.person.organisation_id:
        return None
    for batch in await read_batches(visit.tx, product.product_id, number):
        return Wanted(
            product=product,
            scheme=code.scheme,
            product_code=code.product_code,
            batch=batch,
            new_batch=given.get("new_batch", batch.batch).strip(),
            new_expiry=given.get("new_expiry", batch.expiry).strip(),
            reason=given.get("reason", "").strip(),
        )
    return None


def _faults(visit: Visit, wanted: Wanted) -> dict[str, str]:
    fault, errors = visit.words["fault"], dict[str, str]()
    if not is_batch(wanted.new_batch, wanted.scheme):
        errors["new_batch"] = fault["batch"]
    if not is_expiry(wanted.new_expiry):
        errors["new_expiry"] = fault["expiry"]
    if not errors and (wanted.new_batch, wanted.new_expiry) == (wanted.batch.batch, wanted.batch.expiry):
        errors["new_batch"] = fault["same"]
    if not wanted.reason:
        errors["reason"] = fault["reason"]
    elif len(wanted.reason) > REASON_CHARACTERS_MAX or not wanted.reason.replace("\r\n", "").isprintable():
        errors["reason"] = fill(fault["long"], most=REASON_CHARACTERS_MAX)
    return errors


def _no_batch(visit: Visit, given: Mapping[str, str]) -> Response:
    """Without a batch there is nothing to correct; somebody else's is as unknown as one that nobody uploaded."""
    is_asked = bool(given.get("product_code") or given.get("batch"))
    status = 404 if is_asked else 200 if visit.request.method == "GET" else 422
    return visit.render("none.html", status=status, is_asked=is_asked)


def _form(visit: Visit, wanted: Wanted, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        wanted=wanted,
        errors=errors,
        back=visit.url("batches") + _query(wanted.product_code, wanted.batch.batch),
        most=REASON_CHARACTERS_MAX,
    )


async def _preview(visit: Visit, wanted: Wanted, errors: Mapping[str, str]) -> Response:
    values = {
        "product_id": wanted.product.product_id,
        "batches": text_array(sorted({wanted.batch.batch, wanted.new_batch})),
    }
    row = await (await visit.tx.execute(_QUERIES["open_alerts"], values)).fetchone()
    assert row is not None, "a count has one row"
    return visit.render(
        "preview.html", status=422 if errors else 200, wanted=wanted, errors=errors, open_alerts=row[0]
    )


def _query(product_code: str, batch: str) -> str:
    return f"?{urlencode({'product_code': product_code, 'batch': batch})}"


_PATH = "/batches/correct"

PAGE = Page(
    name="batch_correction",
    routes=(
        Route(name="ask_correct_batch", path=_PATH, action="correct_batch", handler=show_form),
        Route(name="correct_batch", path=_PATH, action="correct_batch", handler=correct, method="POST"),
    ),
)
