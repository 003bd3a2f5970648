"""The language of an answer by the header Accept-Language, where the default is fi."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinetti.kit.i18n import LANGUAGES, choose_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fi"),
        ("", "fi"),
        (" , ", "fi"),
        ("sv", "sv"),
        ("SV", "sv"),
        ("sv-FI", "sv"),
        ("en-GB-oed", "en"),
        ("fi-FI,fi;q=0.9,en;q=0.8", "fi"),
        ("en;q=0.8, sv;q=0.9", "sv"),
        ("en;q=0.8, sv;q=0.80", "en"),
        ("sv;q=0, en;q=0.1", "en"),
        ("sv ; q=0.3, fi ; q=0.2", "sv"),
        ("de", "en"),
        ("de, sv;q=0.1", "sv"),
        ("de-CH, fr;q=0.9", "en"),
        ("*", "fi"),
        ("de, *;q=0.5", "fi"),
        ("sv;q=0.4, *;q=0.5", "fi"),
        ("fi;q=0", "en"),
        ("sv;q=high, en;q=0.1", "en"),
        ("sv;q=7, en", "sv"),
        ("äö, sv", "sv"),
        ("sv;q=nan, en;q=0.5", "en"),
    ],
)
def test_language_by_header(header, language):
    assert choose_language(header, "fi") == language


def test_default_is_the_installations_own():
    assert choose_language(None, "sv") == "sv"


@given(st.text())
def test_no_header_is_too_strange(header):
    assert choose_language(header, "fi") in LANGUAGES
