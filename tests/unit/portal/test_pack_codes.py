"""What people type or scan as data of a pack."""

from __future__ import annotations

import pytest

from sinetti.portal.pack_codes import read_expiry


@pytest.mark.parametrize(
    ("given", "expiry"),
    [
        ("301231", "301231"),
        ("301200", "301200"),
        ("12/2030", "301200"),
        ("12.2030", "301200"),
        ("12 / 30", "301200"),
        ("1-2030", "300100"),
        ("2030-12", "301200"),
        ("2030-12-31", "301231"),
        ("31.12.2030", "301231"),
        ("1.2.2030", "300201"),
        ("301232", None),
        ("13/2030", None),
        ("30.2.2030", None),
        ("12/1930", None),
        ("2030", None),
        ("٣٠١٢٣١", None),
        ("EXP 12/2030", None),
        ("", None),
    ],
)
def test_an_expiry_date_as_in_the_code_or_as_printed(given, expiry):
    assert read_expiry(given) == expiry
