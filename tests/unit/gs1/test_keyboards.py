"""Keyboard layouts: every pair of a scanner's and a computer's, and the way back."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from itertools import product

import pytest

from sinetti.gs1.charset import SET_82
from sinetti.gs1.explain import LANGUAGES
from sinetti.gs1.keyboards import AMERICAN, layout_changes, layout_names, typed, undo

LAYOUTS = (AMERICAN, *layout_names())

# What a scanner set for the first layout gives on a computer with the second.
TYPED = """
us         nordic     AB-1/2_x      AB+1-2?x
us         german     XYZ-abc       XZYßabc
us         german     a_y           a?z
us         french     QWAZ1m        AZQW&,
us         belgian    a-B_          q)B°
us         british    A"B           A@B
us         norwegian  A+B-C         A`B+C
us         danish     A(B)          A)B=
us         swiss      Y'z           Zäy
us         italian    A-B/C         A'B-C
us         spanish    A-B(C         A'B)C
us         portuguese A-B'C         A'BºC
us         czech      Y12           Z+ě
us         slovak     Y12           Z+ľ
us         hungarian  0Y9           öZ9
us         croatian   YZ-1          ZY'1
us         bulgarian  ABC           ѝФЪ
us         greek      AW            Α΅
us         russian    ABC           ФИС
german     us         XYZ-abc       XZY/abc
german     french     QWERTZ        AZERTY
french     us         AZQW          QWAZ
french     german     1M            !Ö
nordic     us         A-B_          A/B?
british    us         A"B           A@B
czech      slovak     A'B           A)B
"""


@pytest.mark.parametrize("row", [line.split() for line in TYPED.strip().splitlines()], ids=" ".join)
def test_a_scanner_set_for_one_layout_on_a_computer_with_another(row):
    scanner, computer, meant, arrived = row
    assert typed(meant, scanner, computer) == arrived


def test_the_same_layout_on_both_sides_changes_nothing():
    assert all(typed(SET_82, layout, layout) == SET_82 for layout in LAYOUTS)


def test_the_ways_to_change_set_82_hold_every_pair_that_differs_once():
    pairs = [pair for change in layout_changes() for pair in change.pairs]
    differing = [pair for pair in product(LAYOUTS, LAYOUTS) if typed(SET_82, *pair) != SET_82]
    assert sorted(pairs) == sorted(differing)
    assert len(pairs) == len(set(pairs)) > 300
    ways = {SET_82.translate(dict(change.arrives)) for change in layout_changes()}
    assert len(ways) == len(layout_changes())


def test_the_way_back_leads_back_wherever_two_characters_do_not_arrive_as_one():
    for change in layout_changes():
        everything = SET_82.translate(dict(change.arrives))
        for character, arrived in zip(SET_82, everything, strict=True):
            if everything.count(arrived) == 1 and ord(character) in change.arrives:
                assert arrived.translate(dict(change.meant)) == character


def test_what_an_american_scanner_meant_is_what_the_diagnosis_of_a_scan_says():
    for layout in layout_names():
        for character in "ABCXYZabcxyz0123456789-":
            arrived = typed(character, AMERICAN, layout)
            if sum(typed(one, AMERICAN, layout) == arrived for one in SET_82) == 1:
                assert undo(arrived, layout) == character, (layout, character)


def test_every_layout_has_47_keys_and_all_letters_and_digits_of_latin_ones():
    text = (resources.files("sinetti.gs1") / "tables" / "keyboards.toml").read_text("utf-8")
    for name, keys in tomllib.loads(text).items():
        assert {len(keys["plain"]), len(keys["shift"])} == {47}, name
        together = keys["plain"] + keys["shift"]
        assert set("0123456789") <= set(together), name
        if name not in {"greek", "russian", "bulgarian"}:
            assert set(re.findall("[A-Za-z0-9]", SET_82)) <= set(together), name


def test_every_layout_has_a_name_in_every_language():
    for language in LANGUAGES:
        text = (resources.files("sinetti.gs1") / "texts" / f"{language}.toml").read_text("utf-8")
        assert set(LAYOUTS) <= set(tomllib.loads(text)["words"]), language
