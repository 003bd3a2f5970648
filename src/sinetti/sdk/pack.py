"""A pack as a client names it: what the Data Matrix says, and how it was read."""

from __future__ import annotations

from msgspec import Struct

from sinetti.rules.vocabulary import EntryMode, Scheme


class Pack(Struct, frozen=True, kw_only=True):
    """What was read from a pack, as it was read: odd values are sent too, for the system to judge."""

    product_code: str
    serial_number: str
    batch: str | None = None
    """Must be there unless the data was typed by hand."""
    expiry: str | None = None
    """YYMMDD, day 00 as it stands on the pack. Must be there unless the data was typed by hand."""
    scheme: Scheme = Scheme.GS1
    entry_mode: EntryMode = EntryMode.NON_MANUAL
