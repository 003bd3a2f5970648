"""What is written is read again: any valid data, in any order, form and with any further elements."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinetti.gs1.ai import PREDEFINED_LENGTHS, Identifier, application_identifiers
from sinetti.gs1.charset import SET_82
from sinetti.gs1.encode import ORDER, bracketed, element_string, ifa_message
from sinetti.gs1.identifiers import gs1_check_digit, ppn_check_digits
from sinetti.gs1.parse import TEXT_LENGTH_MAX, parse_scan
from sinetti.gs1.scan import Scan, Severity

GTIN = "05060141900022"
PACK_IDENTIFIERS = {"01", "21", "10", "17"}
NHRN = [str(code) for code in range(710, 718)]

fields = st.text(SET_82, min_size=1, max_size=20)
gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda digits: digits + gs1_check_digit(digits))
days = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(lambda day: day.strftime("%y%m%d"))
expiries = days | days.map(lambda day: day[:4] + "00")
capitals = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=20)
ifa_batches = st.text(string.ascii_uppercase + string.digits + "-_", min_size=1, max_size=20)
ppns = st.from_regex(r"[0-9]{8}", fullmatch=True).map(lambda pzn: "11" + pzn + ppn_check_digits("11" + pzn))
orders = st.permutations(ORDER)
prefixes = st.sampled_from(["", "]d2", "]C1", "]Q3", "]e0", "\x1d", "]d2\x1d"])
endings = st.sampled_from(["", "\r", "\n", "\r\n", "\t", "\x1d"])


def _value_of(identifier: Identifier) -> st.SearchStrategy[str]:
    """Some value that the identifier can have: of the right characters and length, not always with right digits."""
    return st.from_regex(identifier.form, fullmatch=True)


others = (
    st.sampled_from(sorted(application_identifiers()))
    .filter(lambda code: code not in PACK_IDENTIFIERS and code not in NHRN and code != "00")
    .flatmap(lambda code: st.tuples(st.just(code), _value_of(application_identifiers()[code])))
)


def _identity(scan: Scan) -> tuple[str | None, ...]:
    return scan.product_code, scan.serial_number, scan.batch, scan.expiry, scan.nhrn


@given(
    product_code=gtins,
    serial_number=fields,
    batch=fields,
    expiry=expiries,
    nhrn=st.none() | fields,
    nhrn_identifier=st.sampled_from(NHRN),
    order=orders,
    extra=st.lists(others, max_size=4, unique_by=lambda pair: pair[0]),
    prefix=prefixes,
    ending=endings,
)
@settings(max_examples=400, deadline=None)
def test_an_element_string_is_read_again(
    product_code, serial_number, batch, expiry, nhrn, nhrn_identifier, order, extra, prefix, ending
) -> None:
    text = element_string(
        product_code,
        serial_number,
        batch,
        expiry,
        nhrn,
        order=order,
        nhrn_identifier=nhrn_identifier,
        extra=extra,
        prefix=prefix,
    )
    scan = parse_scan(text + ending)
    assert _identity(scan) == (product_code, serial_number, batch, expiry, nhrn)
    assert scan.is_pack_code
    assert [
        (element.ai, element.value) for element in scan.elements if element.ai not in PACK_IDENTIFIERS
    ] == [
        *([(nhrn_identifier, nhrn)] if nhrn is not None else []),
        *extra,
    ]


@given(product_code=ppns, serial_number=capitals, batch=ifa_batches, expiry=expiries, order=orders)
def test_an_ifa_message_is_read_again(product_code, serial_number, batch, expiry, order) -> None:
    scan = parse_scan(ifa_message(product_code, serial_number, batch, expiry, order=order))
    assert scan.scheme == "ifa"
    assert _identity(scan) == (product_code, serial_number, batch, expiry, None)
    assert scan.all_findings == ()


@given(product_code=gtins, serial_number=fields, batch=fields, expiry=expiries, order=orders)
def test_the_human_form_is_read_again_or_said_to_be_ambiguous(
    product_code, serial_number, batch, expiry, order
) -> None:
    scan = parse_scan(bracketed(product_code, serial_number, batch, expiry, order=order))
    ambiguous = any(finding.key == "brackets-ambiguous" for finding in scan.findings)
    assert ambiguous or _identity(scan)[:4] == (product_code, serial_number, batch, expiry)


@pytest.mark.parametrize("character", SET_82)
def test_every_character_of_set_82_may_stand_anywhere_in_a_serial_number(character: str) -> None:
    for serial_number in (character, character * 20, f"A{character}1", f"{character}A", f"A{character}"):
        scan = parse_scan(element_string(GTIN, serial_number, f"L{character}", "270300", prefix="]d2"))
        assert _identity(scan) == (GTIN, serial_number, f"L{character}", "270300", None)
        assert scan.all_findings == ()


def _check_findings(text: str) -> None:
    scan = parse_scan(text)
    for finding in scan.all_findings:
        assert 0 <= finding.start <= len(text)
        assert 0 <= finding.length <= len(text) - finding.start
        assert all(isinstance(value, str) for value in finding.values.values())
    for element in scan.elements:
        assert 0 <= element.start <= element.end <= len(text)
    if not scan.is_pack_code:
        assert any(finding.severity is Severity.FATAL for finding in scan.all_findings)
    assert scan.text is text


pieces = st.sampled_from(
    [
        *[
            "]d2",
            "]D2",
            "]d1",
            "]E0",
            "¨d2",
            "[)>",
            "\x1e",
            "05",
            "06",
            "\x1d",
            "\x04",
            "<GS>",
            "␝",
            "|",
            "^]",
            "\n",
        ],
        *[
            "01",
            "01" + GTIN,
            "21",
            "10",
            "17",
            "17270331",
            "(01)",
            "(21)",
            "(10)",
            "(17)",
            "(718)",
            "718",
            "7003",
        ],
        *[
            "9N",
            "9N110375286414",
            "S",
            "1T",
            "D",
            "8P",
            "https://a.fi/01/",
            "/21/",
            "?17=",
            "%",
            "%2F",
            "%ff",
            "&10=",
        ],
        *[
            "\x00",
            "\ud800",
            "ä",
            "Σ",
            "Я",
            "٣",
            "𝟙",
            "A",
            "a",
            "0",
            "5060141900022",
            "http",
            "www.",
            ".fi",
            " ",
            "\t",
        ],
    ]
)
mixtures = st.lists(pieces | st.text(max_size=6), max_size=25).map("".join)


@given(st.text() | mixtures)
@settings(max_examples=1500, deadline=None)
def test_no_text_makes_it_fail_and_every_place_is_inside_the_text(text: str) -> None:
    _check_findings(text)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_make_it_fail_however_they_were_decoded(data: bytes) -> None:
    _check_findings(data.decode("latin-1"))
    _check_findings(data.decode("utf-8", "surrogateescape"))


@given(mixtures, st.integers(2, 400))
@settings(max_examples=50, deadline=2000)
def test_long_texts_take_no_more_than_a_moment(piece: str, times: int) -> None:
    _check_findings((piece * times)[:TEXT_LENGTH_MAX])


def test_the_order_saves_separators_and_needs_them_only_after_varying_lengths() -> None:
    assert element_string(GTIN, "A1", "L1", "270300") == f"01{GTIN}21A1\x1d1727030010L1"
    assert element_string(GTIN, "A1", "L1", "270300", "123", order=["nhrn", *ORDER[:4]]) == (
        f"710123\x1d01{GTIN}21A1\x1d1727030010L1"
    )


def test_parts_that_are_not_given_are_left_out() -> None:
    assert element_string(GTIN, "A1") == f"01{GTIN}21A1"
    assert bracketed(GTIN, "A1", batch="L1") == f"(01){GTIN}(21)A1(10)L1"


def test_the_scheme_ifa_gives_a_message_of_format_06() -> None:
    assert element_string("110375286414", "A1", "L1", "270300", scheme="ifa") == (
        "[)>\x1e06\x1d9N110375286414\x1dSA1\x1dD270300\x1d1TL1\x1e\x04"
    )


@pytest.mark.parametrize(
    ("product_code", "serial_number", "expiry"),
    [("5060141900022", "A", "270300"), (GTIN, "A", "27033"), (GTIN, "A\x1dB", "270300")],
)
def test_what_would_break_the_form_is_refused(product_code: str, serial_number: str, expiry: str) -> None:
    with pytest.raises(ValueError, match="must"):
        element_string(product_code, serial_number, "L1", expiry)


def test_wrong_check_digits_and_impossible_dates_are_written_as_given() -> None:
    scan = parse_scan(element_string("05060141900023", "A", "L", "271399"))
    assert _identity(scan) == ("05060141900023", "A", "L", "271399", None)


def test_predefined_lengths_are_those_of_the_general_specifications() -> None:
    prefixes = ["00", "01", "02", "03", "04", *map(str, range(11, 21)), *map(str, range(31, 37)), "41"]
    assert sorted(PREDEFINED_LENGTHS) == prefixes
