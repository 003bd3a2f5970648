"""What has been uploaded of a batch: the question that the national organisation is asked most (NMVO-0048 §6.2-6.5).

It says nothing of single packs nor of who uses the system, so it needs no ground; product code and batch may stand in
the address.
"""

from __future__ import annotations

from starlette.responses import Response

from sinetti.gs1.identifiers import is_batch
from sinetti.nmvs.store.batches import read_batches
from sinetti.nmvs.trail import find_product
from sinetti.portal.pack_codes import PackCode, read_pack_code
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill


async def show(visit: Visit) -> Response:
    """The form, and below it the answer where something was asked."""
    asked = {name: visit.request.query_params.get(name, "").strip() for name in ("product_code", "batch")}
    if not any(asked.values()):
        return visit.render(
            "batches.html", errors={}, asked=asked, code=None, product=None, batches=[], may_correct=False
        )
    code = read_pack_code(asked["product_code"])
    batch = asked["batch"] or code.batch or ""
    errors = _faults(visit, code, batch)
    product = None if errors else await find_product(visit.tx, code.product_code)
    reach = visit.reach
    if product is not None and not (reach.everything or product.organisation_id == reach.organisation_id):
        product = None
    found = await read_batches(visit.tx, product.product_id, batch or None) if product else []
    return visit.render(
        "batches.html",
        status=422 if errors else 200,
        errors=errors,
        asked={"product_code": asked["product_code"], "batch": batch},
        code=None if errors else code,
        product=product,
        batches=found,
        may_correct=visit.may("correct_batch"),
    )


def _faults(visit: Visit, code: PackCode, batch: str) -> dict[str, str]:
    if code.fault is not None:
        words = common_words(visit.language)["product_code_fault"]
        return {"product_code": fill(words[code.fault], expected=code.expected)}
    return {"batch": visit.words["fault"]["batch"]} if batch and not is_batch(batch, code.scheme) else {}


PAGE = Page(
    name="batches",
    menu=MenuEntry(route="batches", group=MenuGroup.PACKS, order=20),
    routes=(Route(name="batches", path="/batches", action="look_up_batches", handler=show),),
)
