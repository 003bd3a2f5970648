"""Character sets: the 82 characters of GS1 and the kinds that tell formats apart."""

from __future__ import annotations

import string

import pytest

from sinetti.gs1.charset import SET_39, SET_64, SET_82, character_classes


def test_set_82_has_letters_digits_and_twenty_signs_in_ascii_order() -> None:
    assert len(SET_82) == 82
    assert "".join(sorted(SET_82)) == SET_82
    assert set(SET_82) == set(string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_")


def test_the_smaller_sets_have_the_size_of_their_name() -> None:
    assert len(SET_39) == 39
    assert len(SET_64) == 64 + len("=")


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("", 0),
        ("0123456789", 1),
        ("ABCXYZ", 2),
        ("abcxyz", 4),
        ("-/_", 8),
        ("A1", 3),
        ("a1", 5),
        ("aA1", 7),
        ("aA1-", 15),
        ("Ä", 8),
        ("\udc80", 8),
        ("𝟙", 8),
        ("١", 8),
    ],
)
def test_kinds_of_characters_add_up(text: str, mask: int) -> None:
    assert character_classes(text) == mask
