"""Dates as the language writes them: expiry dates above all, which codes hold as YYMMDD."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from sinetti.portal.formats import expiry_text, formats
from sinetti.rules.vocabulary import Language


@pytest.mark.parametrize(
    ("sent", "language", "shown"),
    [
        ("301231", Language.FI, "31.12.2030"),
        ("301231", Language.SV, "31 dec. 2030"),
        ("301231", Language.EN, "31 Dec 2030"),
        # Day 00 is the end of the month: packs have the month alone.
        ("301200", Language.FI, "12/2030"),
        ("301200", Language.SV, "12/2030"),
        ("300200", Language.EN, "02/2030"),
        ("280229", Language.FI, "29.2.2028"),
        ("990101", Language.EN, "1 Jan 1999"),
        # What is no date is shown as it was sent.
        ("290229", Language.FI, "290229"),
        ("301300", Language.FI, "301300"),
        ("12/2030", Language.EN, "12/2030"),
        ("", Language.EN, "–"),
        (None, Language.EN, "–"),
    ],
)
def test_an_expiry_date_is_shown_as_a_date(sent, language, shown):
    assert expiry_text(sent, language) == shown


def test_what_was_sent_stands_beside_it_where_that_is_something_else():
    as_sent = formats(Language.FI, ZoneInfo("Europe/Helsinki"))["expiry_as_sent"]
    assert as_sent("301200") == "12/2030 (301200)"
    assert as_sent("301300") == "301300"
    assert as_sent(None) == "–"
