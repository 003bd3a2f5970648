"""What the address of a list asks for, and the addresses that its controls lead to."""

from __future__ import annotations

import pytest

from sinetti.portal.lists import COUNTED_ROWS_MAX, PAGE_ROWS, ListPage, like, read_list_query
from sinetti.portal.security import safe_path


def query(**given: str):
    return read_list_query("/things", given, columns=["name", "city"], filters={"state": ["open", "closed"]})


@pytest.mark.parametrize(
    ("given", "search", "sort", "descending", "page", "state"),
    [
        ({}, "", "name", False, 1, ""),
        (
            {"q": "  metso   oy ", "sort": "-city", "page": "3", "state": "open"},
            "metso oy",
            "city",
            True,
            3,
            "open",
        ),
        ({"sort": "secret; DROP TABLE", "page": "0", "state": "no such"}, "", "name", False, 1, ""),
        ({"page": "-1"}, "", "name", False, 1, ""),
        ({"page": "²"}, "", "name", False, 1, ""),
        ({"page": "9" * 30}, "", "name", False, COUNTED_ROWS_MAX, ""),
        ({"rows": "7", "q": "a\x00b"}, "ab", "name", False, 1, ""),
        ({"q": "x" * 500}, "x" * 100, "name", False, 1, ""),
    ],
)
def test_an_address_is_read_and_what_it_says_wrongly_is_passed_over(
    given, search, sort, descending, page, state
):
    read = query(**given)
    assert (read.search, read.sort, read.descending, read.page) == (search, sort, descending, page)
    assert read.filters == {"state": state}


def test_a_column_s_head_turns_the_order_round_and_keeps_the_rest():
    read = query(q="ä&b", sort="city", state="open", page="4")
    assert read.sorted_by("city") == "/things?state=open&q=%C3%A4%26b&sort=-city"
    assert read.sorted_by("name") == "/things?state=open&q=%C3%A4%26b&sort=name"
    assert (read.aria_sort("city"), read.aria_sort("name")) == ("ascending", "none")
    assert read.href(page=5).endswith("&sort=city&page=5")


def test_another_number_of_rows_begins_at_the_first_page_and_stays_in_the_addresses():
    read = query(rows="100", page="3")
    assert (read.page_rows, read.offset) == (100, 200)
    assert read.href(page=4).endswith("&rows=100&page=4")
    assert "rows" not in query(rows="7").href()
    assert "page" not in read.href(page_rows=PAGE_ROWS[0])


@pytest.mark.parametrize(
    ("given", "narrowed"),
    [({}, False), ({"sort": "city"}, False), ({"q": "a"}, True), ({"state": "open"}, True)],
)
def test_a_list_is_narrowed_by_what_leaves_something_out(given, narrowed):
    assert query(**given).narrowed is narrowed


@pytest.mark.parametrize(
    ("total", "page", "pages", "near"),
    [
        (0, 1, 1, [1]),
        (25, 1, 1, [1]),
        (26, 1, 2, [1, 2]),
        (5000, 1, 200, [1, 2, None, 200]),
        (5000, 100, 200, [1, None, 99, 100, 101, None, 200]),
        (5000, 200, 200, [1, None, 199, 200]),
    ],
)
def test_pages_near_this_one_are_shown(total, page, pages, near):
    shown = ListPage(rows=[None] * min(total, 25), total=total, query=query(page=str(page)))
    assert (shown.pages, shown.near_pages) == (pages, near)


def test_signs_of_a_pattern_are_searched_for_as_they_are():
    assert like("50%_\\") == "%50\\%\\_\\\\%"
    assert like("") == "%", "a query asks for it as '%%' to see that nothing is searched for"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/locations?q=a", "/locations?q=a"),
        (None, "/"),
        ("", "/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example/", "/"),
        ("/a\r\nSet-Cookie: b", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_nobody_is_sent_to_another_site(wanted, path):
    assert safe_path(wanted) == path
