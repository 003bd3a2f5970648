"""Serial numbers as the 128-bit keys that packs are stored under. Why, and what it saves: docs/adr/0003.

A serial number of 1 to 20 characters of GS1 set 82 is read as a number of base 83: each character is a digit
from 1 to 82 in ASCII order, and 0 fills up to 20 digits on the right. The first ten digits make the upper 64
bits, the other ten the lower (83**10 is less than 2**64). So keys sort as serial numbers do, no two serial
numbers share a key, and every key takes 16 bytes. `sinetti_serial()` in SQL turns a key back.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Final

from sinetti.gs1.charset import SET_82

KEY_BYTES: Final = 16
LENGTH_MAX: Final = 20
"""Characters of a serial number at most (Delegated Regulation (EU) 2016/161 art. 4(b)(i))."""

_BASE: Final = len(SET_82) + 1
_HALF_DIGITS: Final = LENGTH_MAX // 2
_NO_DIGIT: Final = b"\xff"
_DIGITS: Final = bytes(SET_82.find(chr(code)) + 1 or _NO_DIGIT[0] for code in range(256))
_pack_halves: Final = Struct(">QQ").pack
_unpack_halves: Final = Struct(">QQ").unpack


def serial_key(serial_number: str) -> bytes | None:
    """The key of a serial number, 16 bytes; `None` where it has no form that could ever have been stored."""
    try:
        digits = serial_number.encode("ascii").translate(_DIGITS)
    except UnicodeEncodeError:
        return None
    if not digits or len(digits) > LENGTH_MAX or _NO_DIGIT in digits:
        return None
    # Written out, because this runs for every pack asked about and a loop takes twice as long.
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t = digits.ljust(LENGTH_MAX, b"\0")  # noqa: E741
    return _pack_halves(
        ((((((((a * 83 + b) * 83 + c) * 83 + d) * 83 + e) * 83 + f) * 83 + g) * 83 + h) * 83 + i) * 83 + j,
        ((((((((k * 83 + l) * 83 + m) * 83 + n) * 83 + o) * 83 + p) * 83 + q) * 83 + r) * 83 + s) * 83 + t,
    )


def serial_number(key: bytes) -> str:
    """The serial number that has this key; ValueError where none has."""
    upper, lower = _unpack_halves(key)
    shown = (_characters(upper) + _characters(lower)).rstrip("\0")
    if serial_key(shown) != key:
        raise ValueError(f"{key.hex()} is the key of no serial number")
    return shown


def _characters(half: int) -> str:
    characters = []
    for _ in range(_HALF_DIGITS):
        half, digit = divmod(half, _BASE)
        characters.append(SET_82[digit - 1] if digit else "\0")
    return "".join(reversed(characters))


# ---------------------------------------------------------------- many at once
#
# A whole slice of serial numbers is one very long integer whose bytes are their digits. Shifts, masks and
# multiplications then work on all of them in one go, in a quarter of the time that one after the other takes.

_SLICE: Final = 1024
_FEW: Final = 8
_FILLER: Final = "\0"
_FILLED_DIGITS: Final = b"\0" + _DIGITS[1:]
_PAIR_BASE: Final = _BASE**2
_BITS: Final = 8 * LENGTH_MAX
_EVERY_SECOND_DIGIT: Final = int.from_bytes(b"\x00\xff" * (_HALF_DIGITS * _SLICE))
_LAST_PAIR_OF_HALF: Final = int.from_bytes((bytes(8) + b"\xff\xff") * (2 * _SLICE))
_halves: Final = Struct("2x8s2x8s").iter_unpack


def serial_keys(serial_numbers: Sequence[str]) -> list[bytes | None]:
    """The key of each serial number, as `serial_key` gives it; four times as fast for a hundred or more."""
    if len(serial_numbers) < _FEW:
        return [serial_key(one) for one in serial_numbers]
    keys: list[bytes | None] = []
    for start in range(0, len(serial_numbers), _SLICE):
        some = serial_numbers[start : start + _SLICE]
        keys.extend(_keys_of_slice(some) or map(serial_key, some))
    return keys


def _keys_of_slice(some: Sequence[str]) -> list[bytes] | None:
    """The keys of up to `_SLICE` serial numbers, or `None` if any of them has none."""
    filled = "".join([one.ljust(LENGTH_MAX, _FILLER) for one in some])
    lengths = list(map(len, some))
    if not filled.isascii() or 0 in lengths or max(lengths, default=0) > LENGTH_MAX:
        return None
    if filled.count(_FILLER) != len(filled) - sum(lengths):
        return None
    digits = filled.encode("ascii").translate(_FILLED_DIGITS)
    if _NO_DIGIT in digits:
        return None
    return [upper + lower for upper, lower in _halves(_horner(digits, len(some)))]


def _horner(digits: bytes, count: int) -> bytes:
    """Two numbers of ten digits each for every twenty bytes, ten bytes wide, of which the first two are 0."""
    unused_bits = _BITS * (_SLICE - count)
    second_digits = _EVERY_SECOND_DIGIT >> unused_bits
    last_pairs = _LAST_PAIR_OF_HALF >> unused_bits
    number = int.from_bytes(digits)
    pairs = (number >> 8 & second_digits) * _BASE + (number & second_digits)
    halves = pairs >> 64 & last_pairs
    for shift in (48, 32, 16, 0):
        halves = halves * _PAIR_BASE + (pairs >> shift & last_pairs)
    return halves.to_bytes(LENGTH_MAX * count)


_PAIRS: Final = tuple(
    (SET_82[digit // _BASE - 1] if digit // _BASE else "")
    + (SET_82[digit % _BASE - 1] if digit % _BASE else "")
    for digit in range(_PAIR_BASE)
)
"""Two characters at a time; no digit is no character, as it stands only at the end."""
_every_two_halves: Final = Struct(">QQ").iter_unpack


def serial_numbers(keys: bytes) -> list[str]:
    """The serial numbers of many stored keys, one after the other in `keys`; several times as fast as one by one."""
    pairs, base = _PAIRS, _PAIR_BASE
    found = []
    for upper, lower in _every_two_halves(keys):
        upper, e = divmod(upper, base)  # noqa: PLW2901 - written out, as it runs for each pack of a batch
        upper, d = divmod(upper, base)  # noqa: PLW2901
        upper, c = divmod(upper, base)  # noqa: PLW2901
        a, b = divmod(upper, base)
        if lower:
            lower, j = divmod(lower, base)  # noqa: PLW2901
            lower, i = divmod(lower, base)  # noqa: PLW2901
            lower, h = divmod(lower, base)  # noqa: PLW2901
            f, g = divmod(lower, base)
            found.append(
                pairs[a] + pairs[b] + pairs[c] + pairs[d] + pairs[e]
                + pairs[f] + pairs[g] + pairs[h] + pairs[i] + pairs[j]
            )  # fmt: skip
        else:
            found.append(pairs[a] + pairs[b] + pairs[c] + pairs[d] + pairs[e])
    return found
