"""R01 to R08 and R10, one block for each rule: what is stored, what was sent, and what the rule says of it.

`-` means that the rule does not fit. The last lines of each block are near misses.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.alerts.examples import sent

from sinetti.alerts.root_cause import (
    barcode_appended,
    case_swap,
    edges,
    expiry_dates,
    keyboard_layout,
    look_alike,
    lost_separator,
    residue,
    typing_error,
)
from sinetti.alerts.root_cause.changed_values import explanations, guessed_serial_numbers
from sinetti.alerts.root_cause.model import Field
from sinetti.gs1.identifiers import is_serial_number

RULES = {
    "R01 upper and lower case": (
        case_swap.explain,
        """
    serial_number  aB3dE5f            Ab3De5F               all_swapped
    serial_number  aB3dE5f            AB3DE5F               all_upper
    serial_number  aB3dE5f            ab3de5f               all_lower
    serial_number  aB3dE5f            aB3De5f               some_swapped
    batch          LOT4711            lot4711               all_swapped
    serial_number  aB3dE5f            Ab3De5G               -
    serial_number  aB3dE5f            Ab3De5                -
    serial_number  1234567            7654321               -
    """,
    ),
    "R02 keyboard layout": (
        keyboard_layout.explain,
        """
    serial_number  XYZ123             XZY123                layout us german
    serial_number  QWAZ99             AZQW((                layout french us
    serial_number  QWAB               AZQB                  layout us french
    serial_number  A1-B2              A1+B2                 layout us nordic
    serial_number  A1/B2              A1-B2                 layout us nordic
    serial_number  A1_B2              A1?B2                 layout us nordic
    batch          Y-1                z/1                   layout_and_case german us
    serial_number  XYZ-1              XYZ/1                 layout nordic us
    serial_number  XYZ123             XZY132                -
    serial_number  ABC123             ABD123                -
    """,
    ),
    "R03 lost separator": (
        lost_separator.explain,
        """
    serial_number  ABC123             ABC12317281231        swallowed expiry
    serial_number  ABC123             ABC1231728            swallowed expiry
    serial_number  ABC123             ABC12310LOT4711       swallowed batch
    serial_number  ABC123             ABC12310LOT           swallowed batch
    serial_number  ABC123             ABC1230106412345      swallowed product_code
    serial_number  ABC123             ABC123711234567       swallowed other
    serial_number  ABC123             ABC12317270331        swallowed expiry
    batch          LOT4711            LOT471121aB3dE5f      swallowed serial_number
    serial_number  ABC123             ABC12310              -
    serial_number  ABC123             ABC12317991399        -
    serial_number  ABC123             ABC123XYZ             -
    serial_number  ABC123             ABC1236412345         -
    serial_number  ABC123             ABD12317281231        -
    """,
    ),
    "R04 barcode stuck to it": (
        barcode_appended.explain,
        """
    serial_number  ABC123             ABC1236412345678907   barcode_after 13
    serial_number  ABC123             ABC123641             barcode_after 3
    serial_number  ABC123             ABC12306412345678907  barcode_after 14
    serial_number  ABC123             907ABC123             barcode_before 3
    batch          LOT4711            LOT47116412           barcode_after 4
    serial_number  ABC123             ABC1234006381333931   barcode_after 13
    serial_number  ABC123             ABC12364              -
    serial_number  ABC123             ABC123642             -
    serial_number  ABC123             ABC1234006381333930   -
    serial_number  ABC123             ABC124641             -
    """,
    ),
    "R05 truncated": (
        edges.explain_truncated,
        """
    serial_number  ABC12345           ABC1234               missing_at_end
    serial_number  ABC12345           C12345                missing_at_start
    serial_number  ABC12345           BC1234                missing_at_both
    serial_number  ABC12345           ABC1                  missing_at_end
    batch          L47                L4                    missing_at_end
    serial_number  ABC12345           ABC                   -
    serial_number  ABC12345           ABC12345              -
    serial_number  ABC12345           ABD1234               -
    """,
    ),
    "R05 extra characters": (
        edges.explain_extra,
        """
    serial_number  ABC12345           ABC12345XY            more_at_end
    serial_number  ABC12345           00ABC12345            more_at_start
    serial_number  ABC12345           0ABC12345X            more_at_both
    serial_number  ABC12345           ABBC12345             one_doubled
    serial_number  ABC12345           ABC123455             one_doubled
    serial_number  ABC12345           ABXC12345             -
    serial_number  ABC                ABC12345              -
    serial_number  ABC12345           ABC12346XY            -
    """,
    ),
    "R05 typing errors": (
        typing_error.explain,
        """
    serial_number  ABC123456          ABC123457             one_replaced
    serial_number  ABC123456          ABC12345              one_missing
    serial_number  ABC123456          ABC1234566            one_more
    serial_number  ABC123456          ABC132456             neighbours_exchanged
    serial_number  ABC123456          ABD123457             two_differ
    expiry         281231             281131                one_replaced
    expiry         281231             281321                neighbours_exchanged
    expiry         281231             271230                two_differ
    serial_number  ABC123456          ABD123498             -
    serial_number  AB12               AC13                  -
    batch          L47                L48                   -
    """,
    ),
    "R06 look-alikes": (
        look_alike.explain,
        """
    serial_number  AO1B23             A01B23                one_look_alike
    serial_number  AO1B23             A0I8Z3                look_alikes
    serial_number  AIlB23             A11B23                look_alikes
    serial_number  AB3C99             ABEC99                one_look_alike
    batch          LOTS5              LOT55                 one_look_alike
    serial_number  AO1B23             AO1B24                -
    serial_number  AO1B23             A01B2                 -
    """,
    ),
    "R07 order of the date": (
        expiry_dates.explain_order,
        """
    expiry         281231             311228                date_order DDMMYY
    expiry         281231             123128                date_order MMDDYY
    expiry         281231             283112                date_order YYDDMM
    expiry         280100             310128                date_order DDMMYY
    expiry         280100             000128                date_order DDMMYY
    expiry         281231             281130                -
    expiry         281231             311229                -
    expiry         111111             111112                -
    serial_number  281231             311228                -
    """,
    ),
    "R08 day 00": (
        expiry_dates.explain_day,
        """
    expiry         281200             281231                day_made_up
    expiry         281200             281201                day_made_up
    expiry         280200             280229                day_made_up
    expiry         281231             281200                day_left_out
    expiry         281201             281200                day_left_out
    expiry         281200             281230                -
    expiry         270200             270229                -
    expiry         281215             281200                day_left_out
    expiry         281231             281201                -
    """,
    ),
    "R10 residues": (
        residue.explain,
        """
    serial_number  ABC123             (21)ABC123            residue_before
    serial_number  ABC123             21ABC123              residue_before
    serial_number  ABC123             ABC123<GS>            residue_after
    serial_number  ABC123             *ABC123*              residue_before
    serial_number  ABC123             ABC123?               residue_after
    batch          LOT4711            10LOT4711             residue_before
    serial_number  ABC123             d2ABC123              residue_before
    serial_number  ABC123             10ABC123              -
    serial_number  ABC123             ABC123A               -
    serial_number  ABC123             ABC124?               -
    """,
    ),
}
CASES: list[tuple[Any, ...]] = [
    (rule, explain, *line.split(maxsplit=3))
    for rule, (explain, block) in RULES.items()
    for line in block.strip().splitlines()
]


@pytest.mark.parametrize(
    ("rule", "explain", "field", "stored", "value", "expected"),
    CASES,
    ids=[f"{case[0]}: {case[3]} sent as {case[4]}" for case in CASES],
)
def test_a_rule_explains_how_a_stored_value_became_what_was_sent(
    rule, explain, field, stored, value, expected
):
    a_pack = sent(**{field: value})
    found = explain(a_pack, Field(field), stored, value)
    assert ("-" if found is None else " ".join((found.how, *found.values.values()))) == expected


GUESSABLE = [
    case
    for case in CASES
    if case[2] == "serial_number" and case[5] != "-" and case[0][:3] in {"R01", "R02", "R03", "R04", "R10"}
    if case[5] != "some_swapped" and not (case[0][:3] == "R01" and case[5] in {"all_upper", "all_lower"})
]


@pytest.mark.parametrize("case", GUESSABLE, ids=[f"{case[0]}: {case[4]}" for case in GUESSABLE])
def test_the_stored_value_is_among_those_that_are_looked_up(case):
    _, _, _, stored, value, _ = case
    assert stored in guessed_serial_numbers(sent(serial_number=value))


def test_single_look_alikes_and_extra_characters_are_looked_up_and_the_batch_as_a_serial_number():
    guesses = guessed_serial_numbers(sent(serial_number="A01B23XY", batch="SERIAL99"))
    assert {"AO1B23XY", "A01B23", "01B23XY", "SERIAL99"} <= guesses


def test_guesses_are_serial_numbers_of_a_bounded_number_and_never_what_was_sent():
    for value in ("O0O0O0O0O0I1I1I1I1I1", "aB3dE5fG7hK9mN1pQrSt", "1", "6412345678907", "]_?/+'" * 3):
        guesses = guessed_serial_numbers(sent(serial_number=value))
        assert value not in guesses
        assert len(guesses) < 1500
        assert all(is_serial_number(one, "gs1") for one in guesses)


# What is stored, what was sent, and the likeliest of all rules that explain it.
FIRST = """
serial_number  ABC123      ABC12317281231     lost_separator
serial_number  ABC123      ABC1236412         barcode_appended
serial_number  ABC12399    ABC12398           typing_error
serial_number  ABC12O99    ABC12099           look_alike
serial_number  ABC12345    ABC1234            truncated
serial_number  ABC12345    ABC12345X          extra_characters
serial_number  ABC12345    ABC12345?          residue_characters
serial_number  abc12345    ABC12345           case_swap
serial_number  XYZ12345    XZY12345           keyboard_layout
expiry         281200      281231             day_zero
expiry         281231      311228             date_order
expiry         281231      281230             typing_error
"""


@pytest.mark.parametrize("line", FIRST.strip().splitlines())
def test_of_several_explanations_the_one_that_says_most_is_the_surest(line):
    from tests.unit.alerts.examples import BOOK

    field, stored, value, expected = line.split()
    found = explanations(sent(**{field: value}), Field(field), stored, value)
    surest = max(found, key=lambda one: BOOK.confidence(one.rule, one.cause))
    assert surest.cause.value == expected


def test_equal_values_need_no_explanation():
    assert explanations(sent(), Field.SERIAL_NUMBER, "ABC", "ABC") == []
