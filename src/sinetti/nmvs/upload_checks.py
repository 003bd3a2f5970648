"""Whether what was uploaded has the form it must have. Unlike scanned data, uploaded data is never kept as it came.

What is wrong is a `Problem` 422 that says where, as the path of the field, and why.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import msgspec

from sinetti.contracts.uploads import BatchCorrection, BatchHead, ProductUpload
from sinetti.gs1.identifiers import is_batch, is_expiry, is_gtin, is_ppn, pad_gtin
from sinetti.kit.problems import Problem
from sinetti.nmvs.store.products import MasterData
from sinetti.rules.vocabulary import Scheme

TEXT_CHARACTERS_MAX: Final = 1000
"""As for the longest text of the EU Hub's master data, a street."""


def master_data(product: ProductUpload, path: str = "$") -> MasterData:
    """The product as it is stored, or a problem with what is wrong in it."""
    return MasterData(
        scheme=product.product_code_scheme,
        product_code=product_code(product.product_code_scheme, product.product_code, path),
        name=text(product.name, f"{path}.name"),
        common_name=_optional_text(product.common_name, f"{path}.commonName"),
        form=_optional_text(product.form, f"{path}.form"),
        strength=_optional_text(product.strength, f"{path}.strength"),
        pack_type=_optional_text(product.pack_type, f"{path}.packType"),
        pack_size=_optional_text(product.pack_size, f"{path}.packSize"),
        nhrn=_optional_text(product.nhrn, f"{path}.nhrn"),
        mah_name=_optional_text(product.mah_name, f"{path}.mahName"),
    )


def batch_head(head: BatchHead) -> BatchHead:
    """The batch without its packs, its product code padded, or a problem with what is wrong in it."""
    code = product_code(head.product_code_scheme, head.product_code)
    batch(head.product_code_scheme, head.batch_id)
    expiry(head.expiry_date)
    return BatchHead(
        product_code_scheme=head.product_code_scheme,
        product_code=code,
        batch_id=head.batch_id,
        expiry_date=head.expiry_date,
    )


def product_code(scheme: str, code: str, path: str = "$") -> str:
    """The product code, a GTIN with 14 digits."""
    if scheme == Scheme.GS1:
        padded = pad_gtin(code)
        if not is_gtin(padded):
            raise _invalid(f"{path}.productCode", "Expected a GTIN with a right check digit")
        return padded
    if scheme == Scheme.IFA:
        if not is_ppn(code):
            raise _invalid(f"{path}.productCode", "Expected a PPN with right check digits")
        return code
    raise _invalid(f"{path}.productCodeScheme", f"Expected one of: {', '.join(Scheme)}")


def batch(scheme: str, text_: str, path: str = "$.batchId") -> str:
    """The batch number."""
    if not is_batch(text_, scheme):
        raise _invalid(path, SERIAL_NUMBER_FORM[scheme])
    return text_


def expiry(text_: str, path: str = "$.expiryDate") -> str:
    """The expiry date."""
    if not is_expiry(text_):
        raise _invalid(path, "Expected a date YYMMDD; day 00 is the end of the month")
    return text_


def batch_correction(correction: BatchCorrection) -> BatchCorrection:
    """The correction, its product code padded, or a problem with what is wrong in it."""
    scheme = correction.product_code_scheme
    code = product_code(scheme, correction.product_code)
    batch(scheme, correction.batch_id)
    if correction.new_batch_id is None and correction.new_expiry_date is None:
        raise _invalid("$", "Expected newBatchId, newExpiryDate or both")
    if correction.new_batch_id is not None:
        batch(scheme, correction.new_batch_id, "$.newBatchId")
    if correction.new_expiry_date is not None:
        expiry(correction.new_expiry_date, "$.newExpiryDate")
    return msgspec.structs.replace(correction, product_code=code, reason=text(correction.reason, "$.reason"))


SERIAL_NUMBER_FORM: Final = {
    Scheme.GS1.value: "Expected 1 to 20 characters of GS1 character set 82",
    Scheme.IFA.value: "Expected 1 to 20 capital letters and digits",
}
"""What a serial number of each scheme must be; a batch of scheme ifa may have hyphens and underscores too."""


def text(value: str, path: str) -> str:
    """The text without spaces around it; it must say something, in one line."""
    value = value.strip()
    if not value:
        raise _invalid(path, "Expected some text")
    if len(value) > TEXT_CHARACTERS_MAX:
        raise _invalid(path, f"Expected {TEXT_CHARACTERS_MAX} characters at most")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        raise _invalid(path, "Expected text without control characters")
    return value


def _optional_text(value: str | None, path: str) -> str | None:
    return None if value is None or not value.strip() else text(value, path)


def _invalid(path: str, reason: str) -> Problem:
    return Problem("invalid-body", 422, path=path, reason=reason)
