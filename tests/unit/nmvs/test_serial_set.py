"""Serial numbers of an upload: all of them, once, in order, whatever order and pieces they came in."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinetti.gs1.charset import SET_82, character_classes
from sinetti.nmvs.store import serial_set
from sinetti.nmvs.store.serial_key import serial_key, serial_number
from sinetti.nmvs.store.serial_set import SerialSet

SERIALS = st.lists(st.text(alphabet=SET_82, min_size=1, max_size=20), max_size=60)


async def collected(serials: list[str], piece: int = 7) -> SerialSet:
    found = SerialSet("gs1")
    for start in range(0, len(serials), piece):
        assert found.add(serials[start : start + piece]) == []
    await found.sort()
    return found


def key_of(serial: str) -> bytes:
    key = serial_key(serial)
    assert key is not None
    return key


async def keys_of(found: SerialSet) -> list[bytes]:
    return [key async for keys in found.slices() for key in keys]


@pytest.fixture
def small_slices(monkeypatch):
    monkeypatch.setattr(serial_set, "SLICE", 5)


@pytest.mark.usefixtures("small_slices")
@given(serials=SERIALS, piece=st.integers(1, 20))
@settings(deadline=None)
async def test_what_was_added_comes_out_in_order_and_once(serials, piece):
    found = await collected(serials, piece)
    assert await keys_of(found) == sorted({key_of(serial) for serial in serials})
    assert found.count == len(serials)
    assert [serial_number(key) for key in found.repeated] == sorted(
        {one for one in serials if serials.count(one) > 1}
    )


@pytest.mark.usefixtures("small_slices")
@given(serials=SERIALS.filter(bool))
@settings(deadline=None)
async def test_statistics_are_those_of_all_serial_numbers(serials):
    found = await collected(serials)
    assert (found.length_min, found.length_max) == (min(map(len, serials)), max(map(len, serials)))
    assert found.character_classes == character_classes("".join(serials))


@pytest.mark.usefixtures("small_slices")
@given(serials=SERIALS.filter(lambda serials: "Z" * 20 not in serials), data=st.data())
@settings(deadline=None)
async def test_the_digest_does_not_depend_on_the_order(serials, data):
    shuffled = data.draw(st.permutations(serials))
    digest = await (await collected(serials)).digest(b"head")
    assert await (await collected(list(shuffled), 3)).digest(b"head") == digest
    assert await (await collected([*serials, "Z" * 20])).digest(b"head") != digest
    assert await (await collected(serials)).digest(b"other") != digest


def test_what_is_no_serial_number_is_told_and_left_out():
    found = SerialSet("gs1")
    assert found.add(["A", "", "B C", "B", "x" * 21, "\u00e4", "C\0"]) == [1, 2, 4, 5, 6]
    assert (found.count, found.length_max, found.character_classes) == (2, 1, 2)


def test_a_ppn_has_only_capitals_and_digits():
    found = SerialSet("ifa")
    assert found.add(["AB1", "ab1", "A-1", "C"]) == [1, 2]
    assert (found.count, found.character_classes) == (2, 3)


async def test_large_sets_are_sorted_in_slices_of_bounded_size():
    serials = [f"{number:08}" for number in range(60_000)]
    random.Random(3).shuffle(serials)
    for order in (serials, sorted(serials), sorted(serials, reverse=True)):
        found = await collected(order, 1500)
        sizes = [len(keys) async for keys in found.slices()]
        assert max(sizes) <= 2 * serial_set.SLICE
        keys = await keys_of(found)
        assert len(keys) == len(serials)
        assert all(one < following for one, following in pairwise(keys))


async def test_the_same_serial_number_over_and_over_takes_no_room():
    found = await collected(["SAME"] * 50_000, 5000)
    assert await keys_of(found) == [serial_key("SAME")]
    assert found.repeated == [serial_key("SAME")]
