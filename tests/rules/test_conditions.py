"""Each condition by itself: where it holds, and one step past its edge. `conditions.csv` says what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.rules.cases import (
    BATCH,
    GTIN,
    NOW,
    PPN,
    SERIAL,
    a_batch,
    a_pack,
    a_request,
    a_situation,
    the_facts,
)

from sinetti.gs1.charset import DIGIT, LOWER_CASE, UPPER_CASE
from sinetti.nmvs import conditions
from sinetti.nmvs.conditions import (
    IDENTITY_CONDITIONS,
    REQUEST_CONDITIONS,
    RESTRICTION_CONDITIONS,
    TRANSITION_CONDITIONS,
)
from sinetti.rules.vocabulary import Operation, PackState

# condition, what the request has otherwise, whether it holds
# fmt: off
REQUESTS = [
    ("entry_mode_missing", {"entry_mode": None}, True),
    ("entry_mode_missing", {"entry_mode": ""}, True),
    ("entry_mode_missing", {"entry_mode": "manual"}, False),
    ("entry_mode_unknown", {"entry_mode": "2d_two_dimensional_barcode"}, True),
    ("entry_mode_unknown", {"entry_mode": "Manual"}, True),
    ("entry_mode_unknown", {"entry_mode": "manual"}, False),
    ("entry_mode_unknown", {"entry_mode": "non-manual"}, False),
    ("scheme_missing_or_unknown", {"scheme": ""}, True),
    ("scheme_missing_or_unknown", {"scheme": "GS1"}, True),
    ("scheme_missing_or_unknown", {"scheme": "ppn"}, True),
    ("scheme_missing_or_unknown", {"scheme": "gs1"}, False),
    ("scheme_missing_or_unknown", {"scheme": "ifa"}, False),
    ("product_code_missing", {"product_code": ""}, True),
    ("product_code_missing", {"product_code": "0"}, False),
    ("serial_number_missing", {"serial_number": ""}, True),
    ("serial_number_missing", {"serial_number": "0"}, False),
    ("batch_missing", {"batch": None}, True),
    ("batch_missing", {"batch": ""}, True),
    ("batch_missing", {"batch": None, "entry_mode": "manual"}, False),
    ("batch_missing", {"batch": "B1"}, False),
    ("expiry_missing", {"expiry": None}, True),
    ("expiry_missing", {"expiry": ""}, True),
    ("expiry_missing", {"expiry": None, "entry_mode": "manual"}, False),
    ("expiry_missing", {"expiry": "281231"}, False),
    ("scheme_does_not_fit", {"product_code": PPN}, True),
    ("scheme_does_not_fit", {"product_code": "00" + PPN}, True),
    ("scheme_does_not_fit", {"product_code": GTIN, "scheme": "ifa"}, True),
    ("scheme_does_not_fit", {"product_code": GTIN.removeprefix("0"), "scheme": "ifa"}, True),
    ("scheme_does_not_fit", {"product_code": GTIN}, False),
    ("scheme_does_not_fit", {"product_code": PPN, "scheme": "ifa"}, False),
    ("scheme_does_not_fit", {"product_code": "nonsense"}, False),
    ("scheme_does_not_fit", {"product_code": "09520000000012"}, False),
    ("product_code_invalid", {"product_code": "09520000000012"}, True),
    ("product_code_invalid", {"product_code": "0952000000001"}, True),
    ("product_code_invalid", {"product_code": PPN}, True),
    ("product_code_invalid", {"product_code": "111234567843", "scheme": "ifa"}, True),
    ("product_code_invalid", {"product_code": GTIN}, False),
    ("product_code_invalid", {"product_code": PPN, "scheme": "ifa"}, False),
    ("batch_invalid", {"batch": "A" * 21}, True),
    ("batch_invalid", {"batch": "A B"}, True),
    ("batch_invalid", {"batch": "Ä"}, True),
    ("batch_invalid", {"batch": "b1", "scheme": "ifa"}, True),
    ("batch_invalid", {"batch": "A" * 20}, False),
    ("batch_invalid", {"batch": None}, False),
    ("batch_invalid", {"batch": ""}, False),
    ("expiry_invalid", {"expiry": "281301"}, True),
    ("expiry_invalid", {"expiry": "270229"}, True),
    ("expiry_invalid", {"expiry": "28123"}, True),
    ("expiry_invalid", {"expiry": "281200"}, False),
    ("expiry_invalid", {"expiry": "280229"}, False),
    ("expiry_invalid", {"expiry": None}, False),
    ("serial_number_invalid", {"serial_number": "A" * 21}, True),
    ("serial_number_invalid", {"serial_number": "A#"}, True),
    ("serial_number_invalid", {"serial_number": "a", "scheme": "ifa"}, True),
    ("serial_number_invalid", {"serial_number": "!\"%&'()*+,-./0"}, False),
    ("serial_number_invalid", {"serial_number": ":;<=>?_aZ"}, False),
    ("requested_state_missing", {"operation": None}, True),
    ("requested_state_missing", {"operation": None, "requested_state": ""}, True),
    ("requested_state_missing", {"operation": Operation.VERIFY}, False),
    ("requested_state_missing", {"operation": None, "requested_state": "Sold"}, False),
    ("requested_state_unknown", {"operation": None, "requested_state": "Sold"}, True),
    ("requested_state_unknown", {"operation": None}, False),
    ("requested_state_unknown", {"operation": Operation.SUPPLY, "requested_state": "Supplied"}, False),
]
# fmt: on


@pytest.mark.parametrize(("name", "changes", "holds"), REQUESTS)
def test_form_of_the_request(name: str, changes: dict[str, object], holds: bool):
    assert REQUEST_CONDITIONS[name](a_request(**changes)) is holds


UNKNOWN = {"pack": None}
NOWHERE = {"pack": None, "asked_batch": None}
DIGITS_10_TO_12 = a_batch(serial_length_min=10, serial_length_max=12, serial_format=DIGIT)
EMPTY = a_batch(serial_length_min=0, serial_length_max=0, serial_format=0)
LOT_1A = a_pack(batch=a_batch(batch="LOT1a"))

# condition, what the request has otherwise, what the repository has otherwise, whether it holds
# fmt: off
IDENTITIES = [
    ("non_fmd_batch", {}, {**NOWHERE, "non_fmd": True}, True),
    ("non_fmd_batch", {}, {"non_fmd": True}, False),
    ("non_fmd_batch", {}, NOWHERE, False),
    ("product_unknown", {}, {"product": None}, True),
    ("product_unknown", {}, {}, False),
    ("batch_and_serial_unknown", {}, NOWHERE, True),
    ("batch_and_serial_unknown", {"batch": None}, NOWHERE, False),
    ("batch_and_serial_unknown", {}, UNKNOWN, False),
    ("batch_and_serial_unknown", {}, {"asked_batch": None}, False),
    ("serial_unknown", {}, UNKNOWN, True),
    ("serial_unknown", {"batch": None}, NOWHERE, True),
    ("serial_unknown", {}, {}, False),
    ("serial_unknown_length_differs", {"serial_number": "1" * 9}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, True),
    ("serial_unknown_length_differs", {"serial_number": "1" * 10}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, False),
    ("serial_unknown_length_differs", {"serial_number": "1" * 11}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, False),
    ("serial_unknown_length_differs", {"serial_number": "1" * 12}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, False),
    ("serial_unknown_length_differs", {"serial_number": "1" * 13}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, True),
    ("serial_unknown_length_differs", {"serial_number": "1"}, {**UNKNOWN, "asked_batch": EMPTY}, False),
    ("serial_unknown_length_differs", {"serial_number": "1"}, NOWHERE, False),
    ("serial_unknown_length_differs", {"serial_number": "1"}, {}, False),
    ("serial_unknown_format_differs", {"serial_number": "1A"}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, True),
    ("serial_unknown_format_differs", {"serial_number": "12"}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, False),
    ("serial_unknown_format_differs", {"serial_number": "12"}, UNKNOWN, False),
    ("serial_unknown_format_differs", {"serial_number": SERIAL.lower()}, UNKNOWN, True),
    ("serial_unknown_format_differs", {"serial_number": "12-"}, UNKNOWN, True),
    ("serial_unknown_format_differs", {"serial_number": "-"}, {**UNKNOWN, "asked_batch": EMPTY}, False),
    ("serial_unknown_format_differs", {"serial_number": "-"}, {}, False),
    ("serial_unknown_length_and_format_differ", {"serial_number": "1A"}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, True),
    ("serial_unknown_length_and_format_differ", {"serial_number": "11"}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, False),
    ("serial_unknown_length_and_format_differ", {"serial_number": "A" * 10}, {**UNKNOWN, "asked_batch": DIGITS_10_TO_12}, False),
    ("batch_differs", {"batch": "LOT1b"}, {"pack": LOT_1A}, True),
    ("batch_differs", {"batch": "LOT1a"}, {"pack": LOT_1A}, False),
    ("batch_differs", {"batch": None}, {"pack": LOT_1A}, False),
    ("batch_differs", {"batch": ""}, {"pack": LOT_1A}, False),
    ("batch_length_differs", {"batch": "LOT1"}, {"pack": LOT_1A}, True),
    ("batch_length_differs", {"batch": "LOT1ab"}, {"pack": LOT_1A}, True),
    ("batch_length_differs", {"batch": "XXXXX"}, {"pack": LOT_1A}, False),
    ("batch_length_differs", {"batch": None}, {"pack": LOT_1A}, False),
    ("batch_format_differs", {"batch": "LOT1A"}, {"pack": LOT_1A}, True),
    ("batch_format_differs", {"batch": "lot1a"}, {"pack": LOT_1A}, True),
    ("batch_format_differs", {"batch": "LOT1a-"}, {"pack": LOT_1A}, True),
    ("batch_format_differs", {"batch": "LOX2b"}, {"pack": LOT_1A}, False),
    ("batch_format_differs", {"batch": "LOT1a"}, {"pack": LOT_1A}, False),
    ("batch_format_differs", {"batch": None}, {"pack": LOT_1A}, False),
    ("batch_length_and_format_differ", {"batch": "LOT1"}, {"pack": LOT_1A}, True),
    ("batch_length_and_format_differ", {"batch": "LOT1A"}, {"pack": LOT_1A}, False),
    ("batch_length_and_format_differ", {"batch": "LOT11a"}, {"pack": LOT_1A}, False),
    ("expiry_differs", {"expiry": "281230"}, {}, True),
    ("expiry_differs", {"expiry": "281200"}, {}, True),
    ("expiry_differs", {"expiry": "281231"}, {}, False),
    ("expiry_differs", {"expiry": None}, {}, False),
    ("expiry_differs", {"expiry": ""}, {}, False),
]
# fmt: on


@pytest.mark.parametrize(("name", "changes", "known", "holds"), IDENTITIES)
def test_identity(name: str, changes: dict[str, object], known: dict[str, object], holds: bool):
    assert IDENTITY_CONDITIONS[name](a_request(**changes), the_facts(**known)) is holds


def test_an_expiry_with_day_00_differs_from_the_last_day_of_that_month():
    for uploaded, sent in (("250300", "250331"), ("250331", "250300")):
        facts = the_facts(pack=a_pack(batch=a_batch(expiry=uploaded)))
        assert conditions.expiry_differs(a_request(expiry=sent), facts)


def test_restrictions():
    recalled, withdrawn = (
        RESTRICTION_CONDITIONS["batch_recalled"],
        RESTRICTION_CONDITIONS["product_withdrawn"],
    )
    assert not recalled(the_facts())
    assert not withdrawn(the_facts())
    assert recalled(the_facts(pack=a_pack(batch=a_batch(recalled=True))))
    # It is the batch that the pack is in which counts, not the one that was asked for.
    assert not recalled(the_facts(asked_batch=a_batch(recalled=True)))
    product = the_facts().product
    assert product is not None
    assert withdrawn(
        the_facts(
            product=type(product)(product_id=1, name="X", nhrn=None, withdrawn=True, withdrawal_reason=None)
        )
    )


@pytest.mark.parametrize(
    ("expiry", "last_second"),
    [
        ("261120", datetime(2026, 11, 20, 21, 59, 59, tzinfo=UTC)),  # winter time, two hours before UTC
        ("260720", datetime(2026, 7, 20, 20, 59, 59, tzinfo=UTC)),  # summer time, three
        ("261025", datetime(2026, 10, 25, 21, 59, 59, tzinfo=UTC)),  # clocks go back that day
        ("270328", datetime(2027, 3, 28, 20, 59, 59, tzinfo=UTC)),  # clocks go forward that day
        ("261100", datetime(2026, 11, 30, 21, 59, 59, tzinfo=UTC)),
        ("280200", datetime(2028, 2, 29, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_pack_expires_when_its_last_day_has_ended_in_helsinki(expiry: str, last_second: datetime):
    batch = a_batch(expiry=expiry)
    assert not conditions.expired(a_situation(now=last_second, batch=batch))
    assert not conditions.expired(a_situation(now=last_second + timedelta(microseconds=999_999), batch=batch))
    assert conditions.expired(a_situation(now=last_second + timedelta(seconds=1), batch=batch))


@pytest.mark.parametrize("operation", ["supply", "decommission"])
@pytest.mark.parametrize(
    ("repeats_so_far", "before_last", "last"),
    [
        (0, True, False),
        (1, True, False),
        (2, False, True),
        (3, False, False),
        (4, False, False),
        (32_767, False, False),
    ],
)
def test_repeats_of_three_notices(operation: str, repeats_so_far: int, before_last: bool, last: bool):
    situation = a_situation(state=PackState.SUPPLIED, repeat_count=repeats_so_far)
    assert TRANSITION_CONDITIONS[f"{operation}_repeat_before_last_notice"](situation) is before_last
    assert TRANSITION_CONDITIONS[f"{operation}_repeat_is_last_notice"](situation) is last


def test_the_state_asked_for_differs_from_the_state_found():
    asked = a_request(operation=Operation.DECOMMISSION, requested_state="Sample")
    assert conditions.asked_state_differs(a_situation(asked, state=PackState.STOLEN))
    assert not conditions.asked_state_differs(a_situation(asked, state=PackState.SAMPLE))


def test_the_window_for_reactivation_closes_after_240_hours():
    since = NOW - timedelta(hours=240)
    for later, closed in (
        (timedelta(0), False),
        (timedelta(microseconds=1), True),
        (timedelta(seconds=1), True),
    ):
        situation = a_situation(state=PackState.SUPPLIED, decommissioned_at=since, now=NOW + later)
        assert conditions.reactivation_window_closed(situation) is closed


def test_a_server_whose_clock_is_behind_does_not_close_the_window():
    future = a_situation(state=PackState.SUPPLIED, decommissioned_at=NOW + timedelta(seconds=2))
    assert not conditions.reactivation_window_closed(future)


def test_the_tables_above_try_every_condition_both_ways():
    tried = {(row[0], row[-1]) for row in (*REQUESTS, *IDENTITIES)}
    for name in (*REQUEST_CONDITIONS, *IDENTITY_CONDITIONS):
        assert {(name, True), (name, False)} <= tried, name


def test_the_batch_of_these_tests_has_capitals_and_digits():
    assert BATCH.serial_format == DIGIT | UPPER_CASE
    assert not BATCH.serial_format & LOWER_CASE
