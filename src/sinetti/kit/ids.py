"""Transaction ids: UUIDs that sort by time (RFC 9562 §5.7), so that an index on them grows at its end."""

from __future__ import annotations

import random
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_RFC_VARIANT = 0b10 << 62

_last_tick = 0


def new_transaction_id() -> UUID:
    """A new UUIDv7; within one process each is greater than the one before.

    The 60 bits of time count 1/4096 ms (RFC 9562 §6.2 method 3). The other 62 bits are random, so two processes do
    not meet. `random` is seeded from the operating system, afresh after a fork; an id is a name and not a secret.
    """
    return UUID(int=_new_number())


def new_transaction_text() -> str:
    """The same as text, without the detour over a `UUID`, which costs more than all the rest."""
    digits = f"{_new_number():032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _new_number() -> int:
    global _last_tick  # noqa: PLW0603 - one integer, and a lock would cost more than the whole function
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    tick = (milliseconds << 12) + rest * 4096 // 1_000_000
    if tick <= _last_tick:
        tick = _last_tick + 1
    _last_tick = tick
    return (
        (tick >> 12 & 0xFFFF_FFFF_FFFF) << 80
        | _VERSION_7
        | (tick & 0xFFF) << 64
        | _RFC_VARIANT
        | random.getrandbits(62)
    )
