"""Announcements: for whom, how long, in which language, put aside by one session; and in the status of the national system."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx
import pytest
from tests.http.portal.world import csrf_token, send_form

from sinetti.asgi import create_nmvs
from sinetti.kit.settings import Settings

FORM = {
    "level": "info",
    "text_fi": "Huoltokatko lauantaina",
    "text_sv": "Serviceavbrott på lördag",
    "text_en": "Maintenance on Saturday\nSupply <later>",
    "audience": ["everybody"],
    "starts_at": "",
}


@pytest.fixture(autouse=True)
async def in_english(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")


def local(moment: datetime) -> str:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("Europe/Helsinki")).strftime("%Y-%m-%dT%H:%M")


async def announce(portal, clock, person: str = "operator_support", **fields) -> httpx.Response:
    async with portal.browser(person) as client:
        page = (await client.get("/announcements/new")).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key
        ends_at = local(clock() + timedelta(hours=2))
        return await send_form(
            client, "/announcements/new", page, form_key=key[1], **{**FORM, "ends_at": ends_at, **fields}
        )


async def told(portal, person: str | None, path: str = "/", **session) -> list[str]:
    """What is announced to that person."""
    async with portal.browser(person, **session) as client:
        page = (await client.get(path, follow_redirects=True)).text
    return re.findall(r"<strong>(?:Announcement|Warning):</strong> ([^<]*)", page)


async def audit_of(portal):
    async with portal.world.database.transaction() as tx:
        return await (
            await tx.execute("SELECT action, new_values FROM audit_entry ORDER BY audit_number")
        ).fetchall()


TEXT = "Maintenance on Saturday\nSupply &lt;later&gt;"


async def test_what_is_for_everybody_is_told_before_sign_in_too(portal, clock):
    assert (await announce(portal, clock)).status_code == 303
    for person in (None, "location_user", "mah_obp_investigator", "authority_inspector", "operator_support"):
        assert await told(portal, person) == [TEXT], person
    assert await told(portal, "operator_administrator", second_factor_done=False) == [TEXT]
    [(action, new)] = await audit_of(portal)
    assert action == "announcement_added"
    assert (new["text_fi"], new["audience"]) == ("Huoltokatko lauantaina", ["everybody"])


async def test_each_reads_it_in_the_own_language(portal, clock):
    await announce(portal, clock)
    async with portal.browser("location_user") as client:
        assert "Serviceavbrott på lördag" in (await client.get("/?lang=sv")).text
        assert "Huoltokatko lauantaina" in (await client.get("/?lang=fi")).text


async def test_what_is_for_companies_is_told_to_them_alone(portal, clock):
    await announce(portal, clock, audience="mah_obp")
    for person, expected in {
        "mah_obp_investigator": [TEXT],
        "location_user": [],
        "operator_support": [],
        None: [],
    }.items():
        assert await told(portal, person) == expected, person
    assert await told(portal, "mah_obp_main_user", second_factor_done=False) == []


async def test_it_is_told_from_its_beginning_to_its_end(portal, clock):
    await announce(portal, clock, starts_at=local(clock() + timedelta(hours=1)))
    begin = clock().replace(second=0, microsecond=0)
    for minutes, expected in ((0, []), (59, []), (60, [TEXT]), (119, [TEXT]), (120, [])):
        clock.now = begin + timedelta(minutes=minutes)
        assert await told(portal, None) == expected, minutes


async def test_information_is_put_aside_by_a_session_and_a_warning_stays(portal, clock):
    await announce(portal, clock)
    await announce(portal, clock, level="warning", text_en="The system is slow")
    async with portal.browser("location_user") as client:
        page = (await client.get("/locations?q=a")).text
        found = re.findall(
            r'name="announcement_id" value="(\d+)"><input type="hidden" name="back" value="([^"]+)"', page
        )
        assert [back for _, back in found] == ["/locations?q=a"], "only the information has a button"
        answer = await send_form(
            client, "/announcements/dismiss", page, announcement_id=found[0][0], back=found[0][1]
        )
        assert answer.headers["location"] == "/locations?q=a"
        assert "Maintenance" not in (await client.get("/")).text
        # A warning's number in the form puts nothing aside.
        await send_form(client, "/announcements/dismiss", page, announcement_id=str(int(found[0][0]) + 1))
        assert "The system is slow" in (await client.get("/")).text
    assert await told(portal, "location_user") == ["The system is slow", TEXT], "a new session reads it again"


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "", "\\\\elsewhere"])
async def test_putting_aside_leads_nowhere_else(portal, back):
    async with portal.browser("location_user") as client:
        page = (await client.get("/")).text
        answer = await send_form(client, "/announcements/dismiss", page, announcement_id="x" * 40, back=back)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_withdrawn_one_is_told_no_more_and_is_withdrawn_once(portal, clock):
    await announce(portal, clock)
    async with portal.browser("operator_administrator") as client:
        page = (await client.get("/announcements")).text
        number = re.search(
            r'name="announcement_id" value="(\d+)"><button class="portal-linklike">Withdraw', page
        )
        assert number
        for says in ("The announcement is withdrawn.", "It was not shown any more."):
            answer = await send_form(client, "/announcements/withdraw", page, announcement_id=number[1])
            assert says in (await client.get(answer.headers["location"])).text
    assert await told(portal, None) == []
    assert [action for action, _ in await audit_of(portal)] == [
        "announcement_added",
        "announcement_withdrawn",
    ]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"level": ""}, "Choose a level"),
        ({"text_sv": " "}, "Enter 1 to 1000"),
        ({"text_fi": "x" * 1001}, "Enter 1 to 1000"),
        ({"text_fi": "a\x07"}, "Enter 1 to 1000"),
        ({"audience": ""}, "Choose either everybody"),
        ({"audience": ["everybody", "pharmacy"]}, "Choose either everybody"),
        ({"ends_at": ""}, "Enter date and time"),
        ({"ends_at": "tomorrow"}, "Enter date and time"),
        ({"ends_at": "2026-01-01T10:00+02:00"}, "Enter date and time"),
        ({"starts_at": "soon"}, "Enter date and time"),
        ({"ends_at": "2001-01-01T10:00"}, "The end must come after"),
    ],
)
async def test_a_form_with_a_mistake_announces_nothing(portal, clock, fields, says):
    answer = await announce(portal, clock, **fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert await told(portal, None) == []


async def test_a_form_sent_twice_announces_once(portal, clock):
    async with portal.browser("operator_support") as client:
        page = (await client.get("/announcements/new")).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key
        fields = {**FORM, "form_key": key[1], "ends_at": local(clock() + timedelta(hours=2))}
        for _ in range(2):
            answer = await client.post(
                "/announcements/new",
                data={"csrf_token": csrf_token(page), **fields},
                headers={"Origin": "http://portal.test"},
            )
            assert answer.headers["location"] == "/announcements"
    assert await told(portal, None) == [TEXT]


async def test_the_status_of_the_national_system_tells_what_is_for_everybody(portal, clock, database_url):
    await announce(portal, clock)
    await announce(portal, clock, audience="pharmacy", text_en="For pharmacies")
    system = create_nmvs(Settings(database_url=database_url, log_level="ERROR"), clock=clock)
    async with (
        system.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=system), base_url="http://test") as client,
    ):
        ready = (await client.get("/health/ready", headers={"Accept-Language": "sv"})).json()
        assert [(one["level"], one["text"]) for one in ready["announcements"]] == [
            ("info", "Serviceavbrott på lördag")
        ]
        assert ready["announcements"][0]["endsAt"].endswith("Z")
        assert "announcements" not in (await client.get("/health/live")).json(), "it asks no database"
        clock.now += timedelta(hours=3)
        assert "announcements" not in (await client.get("/health/ready")).json()
