"""Master data and packs from marketing authorisation holders (Delegated Regulation (EU) 2016/161 art. 33)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sinetti.contracts.fields import BatchId, ExpiryDate, Moment, ProductCode, ProductCodeScheme, SerialNumber
from sinetti.rules.vocabulary import PackState

UPLOADABLE_STATES = (PackState.CHECKED_OUT.value, PackState.INACTIVE.value)


class ProductUpload(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Master data of one product. Sent again, it replaces what was there."""

    product_code_scheme: ProductCodeScheme
    product_code: ProductCode
    name: Annotated[str, Meta(min_length=1, description="Name of the product.", examples=["Esimerkki 10 mg"])]
    common_name: Annotated[str | None, Meta(description="Common name of the substance.")] = None
    form: Annotated[str | None, Meta(description="Pharmaceutical form.")] = None
    strength: Annotated[str | None, Meta(description="Strength.")] = None
    pack_type: Annotated[str | None, Meta(description="Type of the pack.")] = None
    pack_size: Annotated[str | None, Meta(description="Size of the pack.")] = None
    nhrn: Annotated[str | None, Meta(description="National number of the product, in Finland the Vnr.")] = (
        None
    )
    mah_name: Annotated[str | None, Meta(description="Marketing authorisation holder.")] = None


class BatchHead(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """First line of a batch that comes as a stream of lines (NDJSON); a serial number a line follows."""

    product_code_scheme: ProductCodeScheme
    product_code: ProductCode
    batch_id: BatchId
    expiry_date: ExpiryDate


class BatchUpload(BatchHead, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A batch with its serial numbers. All of it is stored, or nothing."""

    serial_numbers: Annotated[list[SerialNumber], Meta(description="Serial numbers of the packs, each once.")]


class BatchRecall(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Recall of a batch. It cannot be taken back."""

    product_code_scheme: ProductCodeScheme
    product_code: ProductCode
    batch_id: BatchId
    reason: Annotated[str, Meta(min_length=1, description="Why, as clients are told.")]


class BatchCorrection(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What is to stand instead of a batch number or expiry date that was uploaded wrongly. Its packs stay."""

    product_code_scheme: ProductCodeScheme
    product_code: ProductCode
    batch_id: BatchId
    new_batch_id: Annotated[
        str | None, Meta(description="The right batch number, where it is another.", examples=["ABC123"])
    ] = None
    new_expiry_date: Annotated[
        str | None,
        Meta(
            description="The right expiry date YYMMDD, where it is another; day 00 is the end of the month.",
            examples=["281231"],
        ),
    ] = None
    reason: Annotated[str, Meta(min_length=1, description="Why, for the record.")]


class ProductWithdrawal(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Withdrawal of a product. It cannot be taken back."""

    product_code_scheme: ProductCodeScheme
    product_code: ProductCode
    reason: Annotated[str, Meta(min_length=1, description="Why, as clients are told.")]


class PackStateUpload(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What a marketing authorisation holder or another market made of packs."""

    product_code_scheme: ProductCodeScheme
    product_code: ProductCode
    state: Annotated[
        str,
        Meta(
            description="`CheckedOut` by a parallel distributor, or `Inactive` in another market.",
            extra_json_schema={"enum": list(UPLOADABLE_STATES)},
        ),
    ]
    serial_numbers: Annotated[list[SerialNumber], Meta(description="Serial numbers of the packs, each once.")]
    reason: Annotated[str | None, Meta(description="Why, for the record.")] = None


class UploadReceipt(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What an upload did."""

    result: Annotated[
        str,
        Meta(
            description="`created`, `updated`, or `unchanged` when the same had been sent before.",
            extra_json_schema={"enum": ["created", "updated", "unchanged"]},
        ),
    ]
    transaction_id: Annotated[str, Meta(description="Id of this exchange in the system's records.")]
    number_of_packs: Annotated[int | None, Meta(description="Packs that the upload held.")] = None
    number_of_products: Annotated[int | None, Meta(description="Products that the upload held.")] = None
    recorded_at: Annotated[Moment | None, Meta(description="When it was stored (UTC).")] = None


class StoredUpload(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One upload into a batch."""

    number_of_packs: Annotated[int, Meta(description="Packs that the upload held.")]
    recorded_at: Annotated[Moment, Meta(description="When it was stored (UTC).")]
    transaction_id: Annotated[str, Meta(description="Id of that exchange in the system's records.")]


class StoredCorrection(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One correction of a batch."""

    previous_batch_id: Annotated[str, Meta(description="Batch number before, as it was uploaded.")]
    previous_expiry_date: Annotated[str, Meta(description="Expiry date YYMMDD before, as it was uploaded.")]
    batch_id: BatchId
    expiry_date: ExpiryDate
    reason: Annotated[str, Meta(description="Why.")]
    recorded_at: Annotated[Moment, Meta(description="When it was made (UTC).")]
    transaction_id: Annotated[str, Meta(description="Id of that exchange in the system's records.")]


class StoredBatch(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What the system has of one batch."""

    batch_id: BatchId
    expiry_date: ExpiryDate
    number_of_packs: Annotated[int, Meta(description="Packs of the batch, whatever their state.")]
    uploaded_at: Annotated[Moment, Meta(description="When its first packs were stored (UTC).")]
    recalled_at: Annotated[Moment | None, Meta(description="When the batch was recalled (UTC).")] = None
    recall_reason: Annotated[str | None, Meta(description="Why it was recalled.")] = None
    uploads: Annotated[tuple[StoredUpload, ...], Meta(description="Its uploads, the latest first.")] = ()
    corrections: Annotated[
        tuple[StoredCorrection, ...],
        Meta(description="Corrections of its number or expiry, the latest first."),
    ] = ()


class StoredBatches(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What the system has of the batches of one product, for its owner."""

    withdrawn_at: Annotated[Moment | None, Meta(description="When the product was withdrawn (UTC).")] = None
    withdrawal_reason: Annotated[str | None, Meta(description="Why the product was withdrawn.")] = None
    batches: Annotated[tuple[StoredBatch, ...], Meta(description="Its batches, the latest first.")] = ()
