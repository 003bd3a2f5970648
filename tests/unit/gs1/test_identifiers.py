"""Forms of product codes, serial numbers, batches and expiries, on both sides of each limit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinetti.gs1.charset import SET_82
from sinetti.gs1.identifiers import (
    expires_at,
    full_year,
    gs1_check_digit,
    is_batch,
    is_expiry,
    is_gtin,
    is_ppn,
    is_pzn,
    is_serial_number,
    last_day,
    pad_gtin,
    ppn_check_digits,
)

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("text", "padded"),
    [
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("4006381333931", "04006381333931"),
        ("05060141900022", "05060141900022"),
        ("123456", "123456"),
        ("40063813339", "40063813339"),
        ("400638133393A", "400638133393A"),
        ("４００６３８１３３３９３１", "４００６３８１３３３９３１"),
        ("", ""),
    ],
)
def test_gtins_of_8_12_and_13_digits_are_padded_to_14_and_other_texts_left_alone(
    text: str, padded: str
) -> None:
    assert pad_gtin(text) == padded


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("05060141900022", True),
        ("05060141900023", False),
        ("05000456013482", True),
        ("05060917518062", True),
        ("00000096385074", True),
        ("96385074", False),
        ("5060141900022", False),
        ("0506014190002X", False),
        ("050601419000220", False),
        ("0506014190002２", False),
        ("", False),
    ],
)
def test_a_gtin_is_14_digits_with_its_check_digit(text: str, right: bool) -> None:
    assert is_gtin(text) is right


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_a_gtin_with_one_digit_changed_is_wrong(digits: str, position: int, change: int) -> None:
    gtin = digits + gs1_check_digit(digits)
    assert is_gtin(gtin)
    changed = str((int(gtin[position]) + change) % 10)
    assert not is_gtin(gtin[:position] + changed + gtin[position + 1 :])


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("110375286414", True),
        ("110375286415", False),
        ("111234567842", True),
        ("AB0", False),
        ("11037528641", False),
        ("110375286414 ", False),
        ("11037528641a", False),
        ("", False),
    ],
)
def test_a_ppn_ends_in_two_check_digits(text: str, right: bool) -> None:
    assert is_ppn(text) is right


def test_a_ppn_has_5_to_22_characters() -> None:
    for length, right in [(4, False), (5, True), (22, True), (23, False)]:
        stem = "A" * (length - 2)
        assert is_ppn(stem + ppn_check_digits(stem)) is right, length


@pytest.mark.parametrize(
    ("text", "right"), [("03752864", True), ("27580899", True), ("27580898", False), ("2758089", False)]
)
def test_a_pzn_is_eight_digits_of_which_the_last_checks_the_others(text: str, right: bool) -> None:
    assert is_pzn(text) is right


@pytest.mark.parametrize(
    ("text", "scheme", "serial_number", "batch"),
    [
        ("A", "gs1", True, True),
        ("A" * 20, "gs1", True, True),
        ("A" * 21, "gs1", False, False),
        ("", "gs1", False, False),
        ("aB-/_(1)", "gs1", True, True),
        ("A B", "gs1", False, False),
        ("A#B", "gs1", False, False),
        ("Ä", "gs1", False, False),
        ("A\n", "gs1", False, False),
        ("A", "ifa", True, True),
        ("a", "ifa", False, False),
        ("A-B_C", "ifa", False, True),
        ("A/B", "ifa", False, False),
        ("A" * 21, "ifa", False, False),
        ("A", "ndc", False, False),
    ],
)
def test_serial_numbers_and_batches_have_the_form_of_their_scheme(
    text: str, scheme: str, serial_number: bool, batch: bool
) -> None:
    assert is_serial_number(text, scheme) is serial_number
    assert is_batch(text, scheme) is batch


@given(st.text(SET_82, min_size=1, max_size=20))
def test_any_text_of_set_82_is_a_gs1_serial_number(text: str) -> None:
    assert is_serial_number(text, "gs1")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("250331", True),
        ("250300", True),
        ("250332", False),
        ("250431", False),
        ("250400", True),
        ("251231", True),
        ("251301", False),
        ("250001", False),
        ("250000", False),
        ("240229", True),
        ("250229", False),
        ("250228", True),
        ("000229", True),
        ("25033", False),
        ("2503311", False),
        ("25033X", False),
        ("２５０３３１", False),
        ("250331\n", False),
        ("", False),
    ],
)
def test_an_expiry_is_a_real_day_or_the_whole_month(text: str, right: bool) -> None:
    assert is_expiry(text) is right


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_of_the_century_is_an_expiry(day: date) -> None:
    assert is_expiry(day.strftime("%y%m%d"))


@pytest.mark.parametrize(
    ("expiry", "day"),
    [
        ("250331", date(2025, 3, 31)),
        ("250300", date(2025, 3, 31)),
        ("240200", date(2024, 2, 29)),
        ("250200", date(2025, 2, 28)),
        ("251200", date(2025, 12, 31)),
    ],
)
def test_day_00_is_the_last_of_the_month(expiry: str, day: date) -> None:
    assert last_day(expiry) == day


@pytest.mark.parametrize(
    ("expiry", "expired_from"),
    [
        # Summer time: three hours before midnight in Greenwich. It begins on 30 March 2025.
        ("250331", datetime(2025, 3, 31, 21, tzinfo=UTC)),
        ("250300", datetime(2025, 3, 31, 21, tzinfo=UTC)),
        ("250329", datetime(2025, 3, 29, 22, tzinfo=UTC)),
        ("250330", datetime(2025, 3, 30, 21, tzinfo=UTC)),
        # Winter time again from 26 October.
        ("251026", datetime(2025, 10, 26, 22, tzinfo=UTC)),
        ("251231", datetime(2025, 12, 31, 22, tzinfo=UTC)),
    ],
)
def test_a_pack_expires_when_its_last_day_has_ended_in_the_country(
    expiry: str, expired_from: datetime
) -> None:
    assert expires_at(expiry, HELSINKI) == expired_from
    assert expires_at(expiry, HELSINKI).tzinfo is UTC


@pytest.mark.parametrize(
    ("two_digits", "this_year", "year"),
    [
        (25, 2025, 2025),
        (75, 2025, 2075),
        (76, 2025, 1976),
        (0, 2025, 2000),
        (99, 2025, 1999),
        (0, 2051, 2100),
        (1, 2051, 2101),
        (2, 2051, 2002),
        (99, 2051, 2099),
    ],
)
def test_two_digits_mean_a_year_from_49_back_to_50_ahead(two_digits: int, this_year: int, year: int) -> None:
    assert full_year(two_digits, this_year) == year


def test_an_expiry_that_is_no_date_has_no_last_day() -> None:
    with pytest.raises(ValueError, match="month"):
        last_day("251301")
