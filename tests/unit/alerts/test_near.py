"""Near values in a batch: every one that is near is found, however the search is made quick."""

from __future__ import annotations

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from sinetti.alerts.root_cause.look_alike import fold
from sinetti.alerts.root_cause.near import NEAR_MAX, nearest

LETTERS = "ABC012oIl1"
VALUES = st.text(LETTERS, min_size=4, max_size=9)


def is_near(asked: str, stored: str) -> bool:
    """What `nearest` promises, said slowly."""
    parts = (asked[: len(stored)], asked[-len(stored) :]) if len(stored) < len(asked) else ()
    return asked != stored and (
        OSA.distance(asked, stored) <= 2
        or fold(asked) == fold(stored)
        or asked.casefold() == stored.casefold()
        or stored.startswith(asked)
        or stored.endswith(asked)
        or stored in parts
    )


@given(st.lists(VALUES, max_size=8), st.lists(VALUES, max_size=40))
@settings(max_examples=300, deadline=None)
def test_all_near_values_are_found_and_no_other(asked, stored):
    found = nearest(asked, sorted(set(stored)))
    for one in asked:
        assert set(found[one].serial_numbers) == {other for other in stored if is_near(one, other)}
        assert found[one].is_complete


def test_values_with_a_beginning_in_common_are_told_apart_by_the_rest():
    stored = [f"PLANT7{number:06}" for number in range(0, 900_000, 91)]
    found = nearest(["PLANT70000919"], stored)["PLANT70000919"]
    assert "PLANT7000091" in found.serial_numbers


def test_where_too_many_are_alike_the_search_says_that_it_is_not_complete():
    stored = [f"{number:08}" for number in range(20_000)]
    found = nearest(["00019999X"], stored)["00019999X"]
    assert not found.is_complete
    assert len(found.serial_numbers) <= NEAR_MAX


def test_nothing_stored_and_nothing_asked():
    assert nearest([], ["ABCD"]) == {}
    assert nearest(["ABCD"], [])["ABCD"].serial_numbers == ()


def test_a_thousand_among_a_hundred_thousand_take_no_second():
    made = random.Random(4)
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    stored = sorted({"".join(made.choices(alphabet, k=14)) for _ in range(100_000)})
    asked = []
    for one in made.sample(stored, 1000):
        at = made.randrange(14)
        asked.append(one[:at] + made.choice(alphabet) + one[at + 1 :])
    began = time.process_time()
    found = nearest(asked, stored)
    took = time.process_time() - began
    assert sum(1 for one in asked if found[one].serial_numbers) >= 960
    assert took < 2.5
