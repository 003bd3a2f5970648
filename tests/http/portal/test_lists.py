"""Lists as their readers meet them: beyond the end, with nothing in them, with nothing found, with very many rows."""

from __future__ import annotations

import re

import pytest
from tests.http.portal.world import PortalClient

from sinetti.portal import lists
from sinetti.portal.lists import forgiving, like
from sinetti.portal.store import lists as run_lists


async def add_locations(portal: PortalClient, count: int) -> None:
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO location (organisation_id, name)"
            " SELECT %s, 'Sivuapteekki ' || lpad(number::text, 4, '0') FROM generate_series(1, %s) AS number",
            (portal.world.places["own"].organisation.organisation_id, count),
        )


def rows(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a[^>]*>([^<]+)</a>', page)


async def test_a_page_beyond_the_last_shows_the_last(portal):
    await add_locations(portal, 29)
    async with portal.browser("organisation_main_user") as client:
        await client.get("/?lang=en")
        last = (await client.get("/locations?page=2")).text
        assert len(rows(last)) == 5
        for page in ("3", "9999", "9" * 20):
            beyond = (await client.get(f"/locations?page={page}")).text
            assert rows(beyond) == rows(last)
            assert "26 to 30 of 30" in beyond
            assert 'aria-current="page">2</a>' in beyond


async def test_a_page_of_a_hundred_rows(portal):
    await add_locations(portal, 29)
    async with portal.browser("organisation_main_user") as client:
        await client.get("/?lang=en")
        page = (await client.get("/locations?rows=100")).text
        assert len(rows(page)) == 30
        assert '<nav class="govuk-pagination"' not in page
        assert '<input type="hidden" name="rows" value="100">' in page, "a search keeps it"


async def test_a_list_with_nothing_in_it_says_other_words_than_one_where_nothing_was_found(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute("DELETE FROM person_location")
    async with portal.browser("location_user") as client:
        await client.get("/?lang=en")
        assert "There is no location yet." in (await client.get("/locations")).text
        for narrowed in ("q=nobody", "state=locked"):
            page = (await client.get(f"/locations?{narrowed}")).text
            assert "Nothing found." in page
            assert '<a class="govuk-link" href="/locations">Show everything</a>' in page


async def test_rows_beyond_a_bound_are_not_counted(portal, monkeypatch):
    monkeypatch.setattr(lists, "COUNTED_ROWS_MAX", 50)
    monkeypatch.setattr(run_lists, "COUNTED_ROWS_MAX", 50)
    await add_locations(portal, 49)
    async with portal.browser("organisation_main_user") as client:
        await client.get("/?lang=en")
        assert "26 to 50 of 50" in (await client.get("/locations?page=2")).text
        await add_locations(portal, 1)
        page = (await client.get("/locations?page=3")).text
        assert "26 to 50 of more than 50." in page


@pytest.mark.parametrize(
    "sort", ["name", "-name", "organisation", "city", "-city", "state", "equipment", "-last_used"]
)
async def test_an_order_that_leaves_rows_equal_shows_each_of_them_once(portal, sort):
    await add_locations(portal, 40)
    async with portal.browser("operator_support") as client:
        seen = [
            name
            for page in (1, 2)
            for name in rows((await client.get(f"/locations?sort={sort}&page={page}")).text)
        ]
    assert len(seen) == len(set(seen)) == 44


async def test_the_order_is_chosen_in_the_form_too(portal):
    """Where rows are cards there are no heads; without JavaScript the form is all there is."""
    async with portal.browser("operator_support") as client:
        page = (await client.get("/locations?sort=-name&lang=sv")).text
        assert rows(page)[0].startswith("Ärlan")
        page = (await client.get("/locations?sort=-name&lang=en")).text
        assert rows(page)[-1].startswith("Ärlan")
        assert '<option value="-name" selected>Name, descending</option>' in page


FORGIVING = {
    "arla": ("Ärlan apteekki", "ÅRLA", "Arla"),
    "Ärla": ("arla", "ÄRLA"),
    "ohman": ("Öhman", "Øhman"),
    "3.1 (x)": ("Maxx/3.1 (x)",),
    "a_b%": ("xA_B%",),
    "[a]": ("[Å]",),
    "a\\d": ("a\\d",),
    "^$*+?{}|": ("^$*+?{}|",),
    "lääke keskus": ("LÄÄKE KESKUS",),
}


@pytest.mark.parametrize("search", FORGIVING)
async def test_a_search_forgives_case_and_marks_and_takes_signs_as_they_are(database, search):
    others = {name for names in FORGIVING.values() for name in names} - set(FORGIVING[search])
    async with database.transaction() as tx:
        for name in (*FORGIVING[search], *others):
            cursor = await tx.execute(
                "SELECT %(name)s ~ %(forgiving)s, sinetti_sort_key(%(name)s, 'en') LIKE sinetti_sort_key(%(like)s, 'en')",
                {"name": name, "forgiving": forgiving(search), "like": like(search)},
            )
            matches, key_matches = await cursor.fetchone()
            assert matches == key_matches, name
            assert not (name in FORGIVING[search] and not matches), name
