"""What steps of a plan are on the wire: uploads as companies send them, and what kind of answer came back."""

from __future__ import annotations

from typing import Final

from sinetti.contracts.uploads import BatchHead, PackStateUpload, ProductUpload
from sinetti.demo.traffic.plan import Answer, StatesStep, UploadStep
from sinetti.demo.traffic.world import Product
from sinetti.rules.vocabulary import Colour, Scheme

USER_AGENT: Final = "sinetti-traffic"
_OK: Final = 200


def kind_of_answer(http_status: int, colour: Colour, *, alert: bool) -> Answer:
    """The kind of an answer by its status and colour."""
    if alert:
        return Answer.ALERT
    if http_status != _OK:
        return Answer.ERROR
    return Answer.OK if colour is Colour.GREEN else Answer.NOTICE


def master_data(product: Product) -> ProductUpload:
    """What a company tells of a product."""
    return ProductUpload(
        product_code_scheme=Scheme.GS1,
        product_code=product.product_code,
        name=product.name,
        common_name=product.common_name,
        form=product.form,
        strength=product.strength,
        pack_size=product.pack_size,
        nhrn=product.nhrn,
        mah_name=product.company.organisation,
    )


def batch_head(step: UploadStep) -> BatchHead:
    """What an upload says before its serial numbers."""
    return BatchHead(
        product_code_scheme=Scheme.GS1,
        product_code=step.product.product_code,
        batch_id=step.batch,
        expiry_date=step.expiry,
    )


def states_upload(step: StatesStep) -> PackStateUpload:
    """What a company tells of states of packs."""
    return PackStateUpload(
        product_code_scheme=Scheme.GS1,
        product_code=step.product.product_code,
        state=step.state.value,
        serial_numbers=list(step.serial_numbers),
        reason=step.reason,
    )
