"""What the Data Matrix of a sample says, as a scanner sends it."""

from __future__ import annotations

from typing import Final

from sinetti.demo.tables import Sample
from sinetti.gs1.encode import element_string

FURTHER_ELEMENTS: Final = {
    "extra-elements": (("711", "2345678901234"), ("240", "AAVASET-5X2"), ("91", "SINETTI")),
}
"""Elements that some packs carry and verification passes over, by pack: a foreign national number, the maker's own."""


_TYPED: Final = str.maketrans({"\x1d": "<GS>", "\x1e": "<RS>", "\x04": "<EOT>"})


def typed_code(code: str) -> str:
    """A code with names for its control characters, as a person can type it and commands understand it."""
    return code.translate(_TYPED)


def sent_code(sample: Sample) -> str:
    """The code from which a scanner reads what the sample sends, be that right or wrong."""
    return element_string(
        sample.product_code,
        sample.serial_number,
        sample.batch,
        sample.expiry,
        scheme=sample.scheme,
        extra=FURTHER_ELEMENTS.get(sample.pack.key, ()),
    )


def printed_code(sample: Sample) -> str:
    """The code that stands on the sample's pack."""
    return element_string(
        sample.pack.product.product_code,
        sample.pack.serial_number,
        sample.pack.batch.batch,
        sample.pack.batch.expiry,
        scheme=sample.pack.product.scheme,
        extra=FURTHER_ELEMENTS.get(sample.pack.key, ()),
    )
