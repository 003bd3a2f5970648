"""What the Data Matrix of a sample says, as a scanner sends it."""

from __future__ import annotations

from typing import Final

from sinetti.demo.tables import Pack, Sample

GROUP_SEPARATOR: Final = "\x1d"
_RECORD_SEPARATOR: Final = "\x1e"
_END: Final = "\x04"

FURTHER_ELEMENTS: Final = {
    "extra-elements": ("7112345678901234", "240AAVASET-5X2", "91SINETTI"),
}
"""Elements that some packs carry and verification passes over, by pack: a foreign national number, the maker's own."""


def sent_code(sample: Sample) -> str:
    """The code that leads to what the sample sends, be it right or wrong."""
    further = FURTHER_ELEMENTS.get(sample.pack.key, ())
    return _code(
        sample.scheme, sample.product_code, sample.serial_number, sample.batch, sample.expiry, further
    )


def printed_code(pack: Pack) -> str:
    """The code that stands on the pack."""
    further = FURTHER_ELEMENTS.get(pack.key, ())
    return _code(
        pack.product.scheme,
        pack.product.product_code,
        pack.serial_number,
        pack.batch.batch,
        pack.batch.expiry,
        further,
    )


def _code(
    scheme: str,
    product_code: str,
    serial_number: str,
    batch: str | None,
    expiry: str | None,
    further: tuple[str, ...],
) -> str:
    if scheme == "ifa":
        parts = [f"9N{product_code}", batch and f"1T{batch}", expiry and f"D{expiry}", f"S{serial_number}"]
        message = GROUP_SEPARATOR.join(part for part in parts if part)
        return f"[)>{_RECORD_SEPARATOR}06{GROUP_SEPARATOR}{message}{_RECORD_SEPARATOR}{_END}"
    # The elements of fixed length need no separator after them (GS1 General Specifications §7.8.6).
    fixed = f"17{expiry}" if expiry else ""
    variable = [f"10{batch}"] if batch else []
    return GROUP_SEPARATOR.join(
        [f"01{product_code}21{serial_number}", fixed + GROUP_SEPARATOR.join([*variable, *further])]
    )
