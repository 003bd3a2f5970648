"""Marks under a scanned text: control characters are seen, and positions stay."""

from __future__ import annotations

import pytest

from sinetti.cli.caret import caret_lines, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0109\x1d17", "0109␝17"),
        ("[)>\x1e06\x1d9N\x1e\x04", "[)>␞06␝9N␞␄"),
        ("a\r\n\tb", "a␍␊␉b"),
        ("a\x00b\x7fc", "a�b�c"),
        ("ÄÖ", "ÄÖ"),
    ],
)
def test_every_character_takes_one_place(text, shown):
    assert visible(text) == shown
    assert len(shown) == len(text)


@pytest.mark.parametrize(
    ("text", "spots", "marks"),
    [
        ("0109520640000014", [(15, 1)], "               ^"),
        ("0109520640000014", [(2, 14)], "  ^^^^^^^^^^^^^^"),
        ("0109520640000014", [(16, 0)], "                ^"),
        ("0109520640000014", [(0, 2), (15, 1)], "^^             ^"),
        ("", [(0, 0)], "^"),
    ],
)
def test_the_marks_stand_under_the_spots(text, spots, marks):
    assert caret_lines(text, spots) == (text, marks)


def test_a_long_text_is_cut_to_where_the_spot_is():
    text = "".join(str(number % 10) for number in range(400))
    shown, marks = caret_lines(text, [(307, 3)])
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert [shown[place] for place, mark in enumerate(marks) if mark == "^"] == ["7", "8", "9"]
