"""Writes pack codes as text: element strings, the bracketed human form, IFA messages. The reverse of `parse`.

Values are written as given, right or wrong, since tests and demonstrations need both. Only what would break the
form itself is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sinetti.gs1.ai import PREDEFINED_LENGTHS
from sinetti.gs1.carrier import GROUP_SEPARATOR

ORDER: Final = ("product_code", "serial_number", "expiry", "batch", "nhrn")
"""Usual order: what has a fixed length stands where it saves a separator."""

RECORD_SEPARATOR: Final = "\x1e"
END_OF_TRANSMISSION: Final = "\x04"

_APPLICATION_IDENTIFIERS: Final = {"product_code": "01", "serial_number": "21", "batch": "10", "expiry": "17"}
_DATA_IDENTIFIERS: Final = {"product_code": "9N", "serial_number": "S", "batch": "1T", "expiry": "D"}
_CONTROL: Final = frozenset(GROUP_SEPARATOR + RECORD_SEPARATOR + END_OF_TRANSMISSION)


def element_string(
    product_code: str,
    serial_number: str,
    batch: str | None = None,
    expiry: str | None = None,
    nhrn: str | None = None,
    scheme: str = "gs1",
    *,
    order: Sequence[str] = ORDER,
    nhrn_identifier: str = "710",
    extra: Iterable[tuple[str, str]] = (),
    prefix: str = "",
) -> str:
    """What a scanner sends for a pack with this data.

    `order` names the parts in their order, `extra` adds further elements as pairs of identifier and value, `prefix`
    is what comes before, such as `]d2`. The scheme `ifa` gives a message of format 06 (`ifa_message`), where `extra`
    are data identifiers. Raises ValueError where a value would break the form: a control character, or a product
    code or date of wrong length.
    """
    if scheme == "ifa":
        return prefix + ifa_message(product_code, serial_number, batch, expiry, order=order, extra=extra)
    parts = _parts(product_code, serial_number, batch, expiry, nhrn)
    written = prefix
    separator = ""
    for identifier, value in [*_ordered(parts, order, nhrn_identifier), *extra]:
        _refuse_control_characters(value)
        predefined = PREDEFINED_LENGTHS.get(identifier[:2])
        if predefined is not None and len(value) != predefined:
            raise ValueError(f"({identifier}) must have {predefined} characters, not {len(value)}")
        written += separator + identifier + value
        separator = GROUP_SEPARATOR if predefined is None else ""
    return written


def bracketed(
    product_code: str,
    serial_number: str,
    batch: str | None = None,
    expiry: str | None = None,
    nhrn: str | None = None,
    *,
    order: Sequence[str] = ORDER,
    nhrn_identifier: str = "710",
    extra: Iterable[tuple[str, str]] = (),
) -> str:
    """The human form, `(01)05060141900022(21)AB-7(17)270300(10)L1`. It has no way to mark brackets in a value."""
    parts = _parts(product_code, serial_number, batch, expiry, nhrn)
    return "".join(
        f"({identifier}){value}" for identifier, value in [*_ordered(parts, order, nhrn_identifier), *extra]
    )


def ifa_message(
    product_code: str,
    serial_number: str,
    batch: str | None = None,
    expiry: str | None = None,
    *,
    order: Sequence[str] = ORDER,
    extra: Iterable[tuple[str, str]] = (),
) -> str:
    """A message of format 06 with a PPN (ISO/IEC 15434; IFA PPN-Code Specification for Retail Packaging §4).

    Raises ValueError where a value holds a control character.
    """
    parts = _parts(product_code, serial_number, batch, expiry, None)
    elements = [(_DATA_IDENTIFIERS[name], parts[name]) for name in order if name in parts]
    for _, value in (elements := [*elements, *extra]):
        _refuse_control_characters(value)
    body = GROUP_SEPARATOR.join(identifier + value for identifier, value in elements)
    return f"[)>{RECORD_SEPARATOR}06{GROUP_SEPARATOR}{body}{RECORD_SEPARATOR}{END_OF_TRANSMISSION}"


def _parts(
    product_code: str, serial_number: str, batch: str | None, expiry: str | None, nhrn: str | None
) -> dict[str, str]:
    """The parts that there are, by name."""
    every = {
        "product_code": product_code,
        "serial_number": serial_number,
        "batch": batch,
        "expiry": expiry,
        "nhrn": nhrn,
    }
    return {name: value for name, value in every.items() if value is not None}


def _ordered(parts: dict[str, str], order: Sequence[str], nhrn_identifier: str) -> list[tuple[str, str]]:
    identifiers = _APPLICATION_IDENTIFIERS | {"nhrn": nhrn_identifier}
    return [(identifiers[name], parts[name]) for name in order if name in parts]


def _refuse_control_characters(value: str) -> None:
    if not _CONTROL.isdisjoint(value):
        raise ValueError("a value must not hold a separator of the code")
