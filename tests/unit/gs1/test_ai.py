"""The table of application identifiers: complete, and consistent with the rules that name prefixes."""

from __future__ import annotations

import csv
from importlib import resources
from itertools import pairwise

import pytest

from sinetti.gs1.ai import (
    PREDEFINED_LENGTHS,
    application_identifier_at,
    application_identifiers,
    data_identifiers,
    identifier_lengths,
)


def _rows() -> list[dict[str, str]]:
    table = resources.files("sinetti.gs1") / "tables" / "application_identifiers.csv"
    return list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))


def test_every_row_names_its_meaning_and_source() -> None:
    assert all(row["title"] and row["meaning"] and row["source"] for row in _rows())


def test_the_table_has_every_assigned_identifier_once() -> None:
    assert len(application_identifiers()) == 541
    codes = [row["ai"] for row in _rows()]
    assert len(codes) == len(set(codes))


def test_no_identifier_is_the_beginning_of_another() -> None:
    codes = sorted(application_identifiers())
    assert not any(after.startswith(code) for code, after in pairwise(codes))


def test_all_identifiers_with_the_same_two_digits_are_equally_long() -> None:
    for code in application_identifiers():
        assert identifier_lengths()[code[:2]] == len(code)


def test_the_flag_of_a_predefined_length_agrees_with_the_prefix_and_the_format() -> None:
    for row in _rows():
        code = row["ai"].partition("-")[0]
        predefined = row["predefined_length"] == "yes"
        assert predefined is (code[:2] in PREDEFINED_LENGTHS), code
        if predefined:
            assert application_identifiers()[code].fixed_length == PREDEFINED_LENGTHS[code[:2]], code


@pytest.mark.parametrize(
    ("code", "title", "shortest", "longest"),
    [
        ("00", "SSCC", 18, 18),
        ("01", "GTIN", 14, 14),
        ("10", "BATCH/LOT", 1, 20),
        ("17", "USE BY or EXPIRY", 6, 6),
        ("21", "SERIAL", 1, 20),
        ("240", "ADDITIONAL ID", 1, 30),
        ("253", "GDTI", 13, 30),
        ("3103", "NET WEIGHT (kg)", 6, 6),
        ("3922", "PRICE", 1, 15),
        ("3932", "PRICE", 4, 18),
        ("423", "COUNTRY - INITIAL PROCESS", 3, 15),
        ("4309", "SHIP TO GEO", 20, 20),
        ("4330", "MAX TEMP F.", 6, 7),
        ("7003", "EXPIRY TIME", 10, 10),
        ("7004", "ACTIVE POTENCY", 1, 4),
        ("710", "NHRN PZN", 1, 20),
        ("717", "NHRN SRN", 1, 20),
        ("7235", "CERT # n", 3, 30),
        ("8003", "GRAI", 14, 30),
        ("8006", "ITIP", 18, 18),
        ("8008", "PROD TIME", 8, 12),
        ("8200", "PRODUCT URL", 1, 70),
        ("90", "INTERNAL", 1, 30),
        ("99", "INTERNAL", 1, 90),
    ],
)
def test_identifiers_have_the_lengths_of_the_general_specifications(
    code: str, title: str, shortest: int, longest: int
) -> None:
    identifier = application_identifiers()[code]
    assert (identifier.title, identifier.length_min, identifier.length_max) == (title, shortest, longest)


@pytest.mark.parametrize(
    "code", ["04", "05", "14", "18", "23", "3106", "38", "394", "3944", "44", "718", "7260", "9"]
)
def test_what_is_not_assigned_is_no_identifier(code: str) -> None:
    assert code not in application_identifiers()
    assert application_identifier_at(code + " ", 0) is None


def test_data_identifiers_are_those_that_medicine_packs_carry() -> None:
    assert {"9N", "S", "1T", "D", "16D", "8P"} <= set(data_identifiers())
