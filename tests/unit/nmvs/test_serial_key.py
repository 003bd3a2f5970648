"""Keys of serial numbers: one key each, in the order of the serial numbers, and back again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinetti.gs1.charset import SET_82
from sinetti.nmvs.store.serial_key import serial_key, serial_keys, serial_number, serial_numbers

SERIAL_NUMBERS = st.text(alphabet=SET_82, min_size=1, max_size=20)
ANY_TEXT = st.text(alphabet=st.one_of(st.sampled_from(SET_82), st.characters()), max_size=24)


def key_of(serial: str) -> bytes:
    key = serial_key(serial)
    assert key is not None
    return key


def horner(serial: str) -> bytes:
    """The definition, written for reading."""
    digits = [SET_82.index(character) + 1 for character in serial] + [0] * (20 - len(serial))
    upper = lower = 0
    for digit in digits[:10]:
        upper = upper * 83 + digit
    for digit in digits[10:]:
        lower = lower * 83 + digit
    return upper.to_bytes(8) + lower.to_bytes(8)


@given(SERIAL_NUMBERS)
def test_a_key_is_the_serial_number_in_base_83(serial):
    assert serial_key(serial) == horner(serial)


@given(SERIAL_NUMBERS)
def test_a_key_gives_its_serial_number_back(serial):
    assert serial_number(key_of(serial)) == serial


@given(st.lists(SERIAL_NUMBERS, max_size=50))
def test_many_keys_in_one_piece_give_their_serial_numbers_back(serials):
    assert serial_numbers(b"".join(map(key_of, serials))) == serials


@given(st.lists(SERIAL_NUMBERS, unique=True, max_size=50))
def test_keys_sort_as_their_serial_numbers_do(serials):
    keys = [key_of(serial) for serial in sorted(serials)]
    assert all(one < next_one for one, next_one in pairwise(keys))


@pytest.mark.parametrize("serial", ["!", "z", "!" * 20, "z" * 20, "z" * 10, "z" * 11, "0", "00"])
def test_the_ends_of_the_range_fit_into_16_bytes(serial):
    assert len(key_of(serial)) == 16
    assert serial_number(key_of(serial)) == serial


@pytest.mark.parametrize(
    "text", ["", "A" * 21, "A B", "A\0B", "A\0", "\0", "Ä", "ſ", "K\N{KELVIN SIGN}", "A#1", "A\x1d", "\ud800"]
)
def test_what_is_no_serial_number_has_no_key(text):
    assert serial_key(text) is None
    assert serial_keys(["GOOD", text, "ALSO/GOOD"]) == [serial_key("GOOD"), None, serial_key("ALSO/GOOD")]


@given(st.lists(ANY_TEXT, max_size=40))
def test_keys_of_many_are_the_keys_of_each(texts):
    assert serial_keys(texts) == [serial_key(text) for text in texts]


@pytest.mark.parametrize("count", [1, 1023, 1024, 1025, 3000])
def test_the_end_of_a_slice_is_not_seen(count):
    serials = [f"SN{number:07}/{'xyz'[: number % 3]}" for number in range(count)]
    assert serial_keys(serials) == [serial_key(serial) for serial in serials]


@pytest.mark.parametrize("key", [bytes(16), b"\xff" * 16, bytes(8) + b"\x01" + bytes(7), bytes(15) + b"\x01"])
def test_a_key_of_no_serial_number_is_refused(key):
    with pytest.raises(ValueError, match="key of no serial number"):
        serial_number(key)
