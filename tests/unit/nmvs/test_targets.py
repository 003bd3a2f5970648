"""Request targets of the pack interface: what clients send, and what it means."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinetti.gs1.charset import SET_82
from sinetti.nmvs.http.targets import is_pack_target, parse_target


def target(url: str):
    path, _, query = url.partition("?")
    return parse_target(path.encode(), query.encode())


@pytest.mark.parametrize(
    ("url", "serial_number", "batch", "expiry"),
    [
        (
            "/verification/product/gs1/05060141900022/pack/96392630670?batch=DemoPack&expiry=210300",
            "96392630670",
            "DemoPack",
            "210300",
        ),
        (
            "/product/gs1/05060141900022/pack/96392630670?expiry=210300&batch=DemoPack",
            "96392630670",
            "DemoPack",
            "210300",
        ),
        ("/product/gs1/05060141900022/pack/96392630670", "96392630670", None, None),
        # seen in a qualification test book: slashes on purpose, encoded and raw
        (
            "/product/gs1/05060917518062/pack/SN_IDIKA%2F1_0001?batch=IDIKA%2F1&expiry=301231",
            "SN_IDIKA/1_0001",
            "IDIKA/1",
            "301231",
        ),
        (
            "/product/gs1/05060917518062/pack/SN_IDIKA/1_0001?batch=IDIKA/1&expiry=301231",
            "SN_IDIKA/1_0001",
            "IDIKA/1",
            "301231",
        ),
        ("/product/gs1/05060917518062/pack/A/pack/B?batch=C", "A/pack/B", "C", None),
        # a raw question mark belongs to the serial number
        ("/product/gs1/05060917518062/pack/AB?CD?batch=B1&expiry=301231", "AB?CD", "B1", "301231"),
        ("/product/gs1/05060917518062/pack/AB?CD", "AB?CD", None, None),
        ("/product/gs1/05060917518062/pack/AB%3FCD?batch=B1", "AB?CD", "B1", None),
        # a batch may hold plus, percent and equals signs
        ("/product/gs1/05060917518062/pack/1?batch=A+B&expiry=301231", "1", "A+B", "301231"),
        ("/product/gs1/05060917518062/pack/1?batch=A%2BB%3DC%26D&expiry=301231", "1", "A+B=C&D", "301231"),
        ("/product/gs1/05060917518062/pack/1?batch=A=B", "1", "A=B", None),
        ("/product/gs1/05060917518062/pack/100%?batch=50%", "100%", "50%", None),
        # empty values are as good as none; of two the first counts
        ("/product/gs1/05060917518062/pack/1?batch=&expiry=", "1", None, None),
        ("/product/gs1/05060917518062/pack/1?batch=A&batch=B&other=C", "1", "A", None),
        ("/product/gs1/05060917518062/pack/", "", None, None),
    ],
)
def test_a_target_says_which_pack_is_meant(url, serial_number, batch, expiry):
    parsed = target(url)
    assert parsed is not None
    assert (parsed.serial_number, parsed.batch, parsed.expiry) == (serial_number, batch, expiry)


@pytest.mark.parametrize(
    "encode", [lambda text: quote(text, safe=""), lambda text: text], ids=["encoded", "raw"]
)
@pytest.mark.parametrize("character", [c for c in SET_82 if c != "%"])
def test_every_character_of_set_82_reaches_the_system(encode, character):
    serial_number = f"A{character}B{character}"
    url = f"/verification/product/gs1/05060141900022/pack/{encode(serial_number)}?batch={quote('L1' + character, safe='')}&expiry=301231"
    parsed = target(url)
    assert parsed is not None
    assert (parsed.serial_number, parsed.batch) == (serial_number, "L1" + character)


@pytest.mark.parametrize(
    ("path", "is_pack"),
    [
        ("/verification/product/gs1/1/pack/2", True),
        ("/product/ifa/1/pack/2", True),
        ("/product/packs", False),
        ("/verification/product/packs/5c6e", False),
        ("/identity/connect/token", False),
        ("/elsewhere/product/gs1/1/pack/2", False),
    ],
)
def test_only_the_pack_interface_is_answered_here(path, is_pack):
    assert is_pack_target(path.encode()) is is_pack


@pytest.mark.parametrize("path", ["/product/gs1/pack/2", "/product/gs1/1/2/pack/3", "/product//pack/"])
def test_other_forms_are_not_a_pack(path):
    assert parse_target(path.encode(), b"") is None or path == "/product//pack/"


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_bytes_make_it_fail(path, query):
    parse_target(b"/product/gs1/1/pack/" + path, query)


@given(st.text(alphabet=SET_82, min_size=1, max_size=20), st.text(alphabet=string.ascii_letters, min_size=1))
def test_what_was_encoded_comes_back(serial_number, batch):
    parsed = target(
        f"/product/gs1/05060141900022/pack/{quote(serial_number, safe='')}?batch={batch}&expiry=301231"
    )
    assert parsed is not None
    assert parsed.serial_number == serial_number
