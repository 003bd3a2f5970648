"""Messages fetched over the interface: those of one's own products, page by page, and nobody else's."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tests.http.test_cases_interface import RULES, STORED, Parties, parties  # noqa: F401 - a fixture

from sinetti.alerts.notices.handing import hand_over_all
from sinetti.nmvs.packs import Country


async def handed_over(parties: Parties) -> None:  # noqa: F811 - the fixture
    """What the worker does with notices."""
    system = parties.country
    country = Country(market="FI", rules=RULES, zone=ZoneInfo("Europe/Helsinki"))
    await hand_over_all(system.database, country, parties.clock)


async def test_a_company_fetches_what_happened_page_by_page(parties: Parties):  # noqa: F811 - the fixture
    await parties.order(parties.a, "/messages", body="It looks right to us.")
    await handed_over(parties)
    everything = (await parties.company.raw("GET", "/ams/messages")).json()
    kinds = [message["type"] for message in everything["messages"]]
    assert kinds[0] == "alert.raised"
    assert "alert.message_sent" in kinds
    assert everything["hasMore"] is False
    assert len({message["id"] for message in everything["messages"]}) == len(kinds)
    raised = everything["messages"][0]
    assert raised["data"]["alert"]["alertId"] == parties.alert_id
    assert raised["data"]["analysis"] == "done"
    assert "location" not in raised["data"]["alert"]

    got, after, more = [], "0", True
    while more:
        page = (await parties.company.raw("GET", f"/ams/messages?after={after}&limit=1")).json()
        got += page["messages"]
        after, more = page["next"], page["hasMore"]
    assert got == everything["messages"]
    nothing = (await parties.company.raw("GET", f"/ams/messages?after={after}")).json()
    assert nothing == {"messages": [], "next": after, "hasMore": False}
    others = (await parties.other_company.raw("GET", "/ams/messages")).json()
    assert others["messages"] == []


async def test_who_may_not_and_what_is_no_number_is_told_so(parties: Parties):  # noqa: F811 - the fixture
    for stranger in (parties.a, parties.operator, parties.authority):
        answer = await stranger.raw("GET", "/ams/messages")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (
            403,
            "forbidden-organisation",
        )
    for query, field in (
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=" + "9" * 19, "after"),
        ("after=" + "9" * 300, "after"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
    ):
        answer = await parties.company.raw("GET", f"/ams/messages?{query}")
        assert (answer.status_code, answer.json()["field"]) == (422, field), query
