"""The interface to alerts: a pharmacy's, a company's, the operator's and the authority's system work on the same ones."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.http import country as countries
from tests.http.country import GTIN, Pharmacy, a_country

from sinetti.alerts.analysis import analyser_of
from sinetti.alerts.intake import analyse_waiting, take_in
from sinetti.kit.exports import XLSX
from sinetti.rules.load import load_rules

RULES = load_rules("FI")
STORED = "AbCdEfGh"
QUERY = {"batch": "LOT-42/A", "expiry": "291200"}


@dataclass
class Parties:
    """The systems of all parties, and an alert of pharmacy A about the company's product."""

    country: countries.TestCountry
    clock: Any
    a: Pharmacy
    b: Pharmacy
    company: Pharmacy
    other_company: Pharmacy
    operator: Pharmacy
    authority: Pharmacy
    alert_id: str

    async def raised(self, serial: str, by: Pharmacy | None = None) -> str:
        """A verification that does not match; its alert, taken over and analysed."""
        answer = await (by or self.a).get(serial, batch="LOT-42/A", expiry="291200")
        alert_id: str = answer.json()["alertId"]
        await self.taken_over()
        return alert_id

    async def taken_over(self) -> None:
        """What the worker does within a second."""
        async with self.country.database.transaction() as tx:
            await take_in(tx, RULES, self.clock())
            await analyse_waiting(tx, RULES, analyser_of(RULES), self.clock())

    def path(self, below: str = "", alert_id: str | None = None) -> str:
        return f"/ams/alerts/{alert_id or self.alert_id}{below}"

    async def seen(self, by: Pharmacy) -> dict[str, Any]:
        answer = await by.raw("GET", self.path())
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def order(
        self, by: Pharmacy, below: str, alert_id: str | None = None, key: str | None = None, **order: Any
    ) -> httpx.Response:
        headers: dict[str, str | None] = {"Idempotency-Key": key} if key else {}
        return await by.raw("POST", self.path(below, alert_id), json=order, headers=headers)


@pytest.fixture
async def parties(database_url, database, clock):
    async with a_country(database_url, database, clock) as country:
        names = ("a", "b", "company", "other_company", "operator", "authority")
        kinds = ("pharmacy", "pharmacy", "mah_obp", "mah_obp", "operator", "authority")
        systems = {
            name: await country.pharmacy(name, kind=kind) for name, kind in zip(names, kinds, strict=True)
        }
        await country.batch("LOT-42/A", "291200", [STORED, "7K2/9aQ-0001"])
        async with database.transaction() as tx:
            await tx.execute("UPDATE product SET organisation_id = %s", (systems["company"].organisation_id,))
        made = Parties(country=country, clock=clock, alert_id="", **systems)
        made.alert_id = await made.raised(STORED.swapcase())
        yield made


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["type"].rpartition("/")[2], body.get("refusal")


async def test_each_party_reads_the_alert_as_its_people_do_and_nobody_else_knows_of_it(parties):
    mine, companys = await parties.seen(parties.a), await parties.seen(parties.company)
    operators, authoritys = await parties.seen(parties.operator), await parties.seen(parties.authority)
    assert mine["cause"] == "case_swap"
    assert mine["sentSerialNumber"] == STORED.swapcase()
    assert mine["location"]["name"] == "a"
    assert mine["link"].endswith(f"/alerts/{parties.alert_id}")
    assert mine["outcome"] == "must_not_be_supplied"
    assert mine["outcomeText"].startswith("Pakkausta ei saa toimittaa")
    assert [step["isDone"] for step in mine["guidance"]].count(True) == 0
    assert mine["guidance"][0]["text"]
    assert (
        "isoja ja pieniä" in " ".join(mine["explanation"][0]["because"]) or mine["explanation"][0]["because"]
    )
    assert STORED not in str(mine), "a stored serial number helps whoever guesses"
    assert companys["storedSerialNumber"] == operators["storedSerialNumber"] == STORED
    assert [one["stored"] for one in companys["differences"]] == [STORED]
    assert companys.keys().isdisjoint({"location", "organisation", "equipment", "software", "setAside"})
    assert operators["location"]["id"] == authoritys["location"]["id"] == parties.a.location_id
    assert "guidance" not in authoritys
    for stranger in (parties.b, parties.other_company):
        answers = [
            await stranger.raw("GET", parties.path()),
            await parties.order(stranger, "/messages", body="Who are you?"),
            await parties.order(stranger, "/set-aside"),
            await parties.order(stranger, "/request-for-investigation", body="Please"),
            await stranger.raw("GET", parties.path("/photos/0199c0de-0000-7000-8000-000000000001")),
        ]
        assert [refusal(one)[:2] for one in answers] == [(404, "unknown-alert")] * len(answers)
        listed = await stranger.raw("GET", "/ams/alerts?status=any")
        assert listed.json() == {"alerts": []}
    read = await parties.country._rows("SELECT user_name, actor, object_id FROM audit_entry")
    assert read == [{"user_name": "authority", "actor": "client_equipment", "object_id": parties.alert_id}]


async def test_the_parties_work_on_an_alert_until_it_is_closed_and_all_is_told_under_their_systems_names(
    parties,
):
    a, company, operator = parties.a, parties.company, parties.operator
    seen = await parties.seen(a)
    opened = await parties.order(a, "/status", status="active", changes=seen["changes"])
    assert opened.json()["status"] == "active"
    step = opened.json()["guidance"][0]["step"]
    ticked = await parties.order(a, "/steps", step=step, isDone=True)
    assert {one["step"] for one in ticked.json()["guidance"] if one["isDone"]} == {step}
    aside = await parties.order(a, "/set-aside", place="Shelf 3")
    assert aside.json()["setAside"][0]["place"] == "Shelf 3"
    asked = await parties.order(a, "/request-for-investigation", body="It looks right to us.")
    assert asked.json()["status"] == "under_investigation"
    note = await parties.order(a, "/messages", body="Ours alone", isNote=True)
    assert [one["body"] for one in note.json()["notes"]] == ["Ours alone"]
    told = await parties.order(company, "/messages", body="Scan it again, please.")
    assert [one["body"] for one in told.json()["messages"]] == [
        "It looks right to us.",
        "Scan it again, please.",
    ]
    assert [one.get("person") for one in told.json()["messages"]] == [None, "company"]
    assert "notes" not in told.json() or told.json()["notes"] == []
    answered = await parties.order(company, "/investigation", investigationStatus="no_cause_on_my_side")
    assert {"side": "obp", "investigationStatus": "no_cause_on_my_side"} in answered.json()["investigations"]
    handed = await parties.order(operator, "/hand-over")
    assert handed.status_code == 200, handed.text
    late = await parties.order(
        a, "/status", status="closed", closingReason="reading_corrected", changes=seen["changes"]
    )
    assert refusal(late) == (409, "alert-change-refused", "changed_meanwhile")
    assert "sillä välin" in late.json()["detail"], "in the caller's language, as people read it"
    too_early = await parties.order(a, "/set-aside/end", end="back_to_stock")
    assert refusal(too_early) == (409, "alert-change-refused", "cause_not_known")
    closed = await parties.order(a, "/status", status="closed", closingReason="reading_corrected")
    assert (closed.json()["status"], closed.json()["outcome"]) == ("closed", "can_be_supplied")
    ended = await parties.order(a, "/set-aside/end", end="back_to_stock")
    assert ended.json()["setAside"][0]["endedAs"] == "back_to_stock"
    history = (await parties.seen(operator))["history"]
    assert {entry.get("person") for entry in history} == {None, "a", "company", "operator"}
    rows = await parties.country._rows(
        "SELECT DISTINCT party, user_id, equipment_id FROM alert_history WHERE party <> 'system' ORDER BY party"
    )
    assert rows == [
        {"party": "end_user_location", "user_id": None, "equipment_id": a.equipment_id},
        {"party": "obp", "user_id": None, "equipment_id": company.equipment_id},
        {"party": "operator", "user_id": None, "equipment_id": operator.equipment_id},
    ]
    actions = await parties.country._rows("SELECT action, user_name FROM audit_entry ORDER BY audit_number")
    assert actions == [
        {"action": "investigation_asked", "user_name": "a"},
        {"action": "set_aside_ended", "user_name": "a"},
    ]


async def test_what_a_party_may_not_do_or_says_wrongly_changes_nothing(parties):
    a, company, authority, operator = parties.a, parties.company, parties.authority, parties.operator
    before = await parties.seen(operator)
    answers = [
        (await parties.order(authority, "/messages", body="Hello"), 403, "not_for_this_party"),
        (await parties.order(authority, "/investigation", investigationStatus="pending"), 403, "not_for_this_party"),
        (await parties.order(company, "/set-aside"), 403, "not_for_this_party"),
        (await parties.order(company, "/request-for-investigation", body="x"), 403, "not_for_this_party"),
        (await parties.order(a, "/trail", ground="curious"), 403, "not_for_this_party"),
        (await parties.order(operator, "/trail", ground=" "), 422, "comment_missing"),
        (await parties.order(a, "/messages", body=" "), 422, "message_empty"),
        (await parties.order(a, "/status", status="closed"), 422, "reason_missing"),
        (await parties.order(a, "/set-aside/end", end="destroyed"), 409, "not_set_aside"),
        (await parties.order(a, "/classification", classification="suspicion", comment="x"), 403, None),
        (await parties.order(a, "/status", status="solved"), 422, None),
        (await parties.order(a, "/messages", body="a\0b"), 422, None),
        (await parties.order(a, "/messages"), 422, None),
        (await parties.order(a, "/status", alert_id="FI-222-222-222-222-222", status="active"), 404, None),
        (await parties.order(a, "/status", alert_id="R99999999999-1", status="active"), 404, None),
        (await parties.order(a, "/status", alert_id="%00", status="active"), 404, None),
        (await a.raw("POST", parties.path("/hand-over"), content=b"x", headers={"Content-Type": "text/plain"}), 415, None),
        (await a.raw("POST", parties.path("/hand-over"), content=b"{"), 400, None),
        (await a.raw("POST", parties.path("/photos"), content=b"<svg/>", headers={"Content-Type": "image/png"}), 422, None),
        (await a.raw("POST", parties.path("/photos"), content=b"<svg/>", headers={"Content-Type": "image/svg+xml"}), 415, None),
        (await a.raw("GET", "/ams/alerts?status=closed&limit=501"), 422, None),
        (await a.raw("GET", "/ams/alerts?sort=colour"), 422, None),
        (await a.raw("GET", "/ams/alerts?recordedFrom=yesterday"), 422, None),
        (await a.raw("GET", "/ams/alerts?search=%00"), 422, None),
        (await a.raw("GET", "/ams/alerts?after=W10"), 422, None),
        (await a.raw("GET", "/ams/alerts?location=0"), 422, None),
        (await a.raw("GET", "/ams/alerts?overdue=yes"), 422, None),
        (await a.raw("GET", "/ams/alerts?company=1"), 403, None),
        (await company.raw("GET", "/ams/alerts?location=1"), 403, None),
        (await company.raw("GET", "/ams/alerts/export?software=x"), 403, None),
    ]  # fmt: skip
    for answer, status, why in answers:
        body = answer.json()
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert (answer.status_code, why in {None, body.get("refusal")}) == (status, True), answer.text
    after = await parties.seen(operator)
    assert after == before


async def test_a_system_without_the_full_role_has_nothing_to_do_with_alerts(parties):
    looks_only = await parties.country.pharmacy("looks", role="verify_only")
    nobody = Pharmacy(parties.a.client, {"Authorization": "Bearer x"}, 0, 0, 0)
    assert refusal(await looks_only.raw("GET", "/ams/alerts"))[:2] == (403, "forbidden-role")
    assert (await nobody.raw("GET", "/ams/alerts")).status_code == 401


async def test_sent_again_with_the_same_key_it_is_answered_as_the_first_time_even_at_once(parties):
    order = {"body": "Once"}
    first, second = await asyncio.gather(
        *(parties.order(parties.a, "/messages", key="k1", **order) for _ in range(2))
    )
    assert (first.status_code, first.text) == (200, second.text)
    other = await parties.order(parties.a, "/messages", key="k1", body="Twice")
    assert refusal(other)[:2] == (422, "idempotency-key-reused")
    refused = await parties.order(parties.a, "/status", key="k2", status="closed")
    mended = await parties.order(
        parties.a, "/status", key="k2", status="closed", closingReason="reading_corrected"
    )
    assert (refused.status_code, mended.status_code) == (422, 200), "what was refused is not kept"
    assert [one["body"] for one in (await parties.seen(parties.a))["messages"]] == ["Once"]


async def test_of_two_who_change_the_same_state_at_once_one_is_told_to_look_again(parties):
    seen = await parties.seen(parties.a)
    order = {"status": "escalated", "comment": "Look at this", "changes": seen["changes"]}
    answers = await asyncio.gather(
        parties.order(parties.company, "/status", **order),
        parties.order(parties.operator, "/status", **order),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (late,) = [refusal(answer) for answer in answers if answer.status_code == 409]
    assert late == (409, "alert-change-refused", "changed_meanwhile")


async def test_lists_are_filtered_sorted_and_paged_without_losing_or_repeating_an_alert(parties):
    ids = [parties.alert_id]
    for number in range(4):
        parties.clock.move(minutes=1)
        ids.append(await parties.raised(f"WRONG-{number}"))
    await parties.order(parties.a, "/status", status="closed", closingReason="reading_corrected")

    async def listed(query: str = "", by: Pharmacy = parties.a) -> tuple[list[str], str | None]:
        answer = await by.raw("GET", f"/ams/alerts{query}")
        assert answer.status_code == 200, answer.text
        return [one["alertId"] for one in answer.json()["alerts"]], answer.json().get("next")

    assert await listed() == (ids[:0:-1], None)
    assert await listed("?status=any&sort=recordedAt") == (ids, None)
    assert await listed("?status=closed") == (ids[:1], None)
    assert await listed("?status=any&cause=case_swap") == (ids[:1], None)
    assert await listed(f"?search={ids[2]}") == ([ids[2]], None)
    assert (await listed("?search=LOT-42/A", parties.operator))[0] == ids[:0:-1]
    assert await listed("?recordedFrom=2026-03-02T12:03:00Z&recordedBefore=2026-03-02T12:04:00Z") == (
        [ids[3]],
        None,
    )
    assert await listed(f"?location={parties.a.location_id}&product={GTIN}&sentBatch=LOT-42/A") == (
        ids[:0:-1],
        None,
    )
    assert await listed(f"?location={parties.b.location_id}") == ([], None), (
        "not of others, whatever is asked"
    )
    assert await listed("?software=Kassa%2F9&overdue=own") == ([], None)
    for sort in ("recordedAt", "-recordedAt", "productCode", "-productCode"):
        found, after = await listed(f"?status=any&limit=2&sort={sort}")
        pages = 1
        while after:
            more, after = await listed(f"?status=any&limit=2&sort={sort}&after={after}")
            found += more
            pages += 1
        assert (sorted(found), pages) == (sorted(ids), 3), sort
    _, other_order = await listed("?status=any&limit=2&sort=productCode")
    assert refusal(await parties.a.raw("GET", f"/ams/alerts?after={other_order}"))[:2] == (
        422,
        "cursor-invalid",
    )
    row = (await parties.a.raw("GET", "/ams/alerts?status=any&cause=case_swap")).json()["alerts"][0]
    assert row.keys().isdisjoint(
        {"history", "messages", "storedSerialNumber", "guidance", "packTrail", "photos"}
    )
    assert (row["productCode"], row["closingReason"]) == (GTIN, "reading_corrected")


async def test_many_alerts_are_changed_together_after_a_look_at_what_would_become_of_each(parties):
    own = [parties.alert_id, await parties.raised("WRONG-1")]
    others = await parties.raised("WRONG-2", by=parties.b)
    await parties.order(
        parties.a, "/status", alert_id=own[1], status="closed", closingReason="reading_corrected"
    )

    async def change(**order: Any) -> httpx.Response:
        ids = [*own, own[0], others, "FI-222-222-222-222-222"]
        answer: httpx.Response = await parties.a.raw(
            "POST", "/ams/alerts/changes", json={"alertIds": ids, **order}
        )
        return answer

    order = {"status": "closed", "closingReason": "reading_corrected", "comment": "Caps Lock"}
    preview = await change(isPreview=True, **order)
    assert preview.status_code == 200, preview.text
    said = {one["alertId"]: one.get("refusal") for one in preview.json()["results"]}
    assert said == {own[0]: None, own[1]: "already_so"}
    assert (await parties.seen(parties.a))["status"] == "new", "a preview changes nothing"
    made = await change(isPreview=False, **order)
    assert [one["isMade"] for one in made.json()["results"] if one["alertId"] == own[0]] == [True]
    assert (await parties.seen(parties.a))["closingComment"] == "Caps Lock"
    theirs = await parties.b.raw("GET", f"/ams/alerts/{others}")
    assert theirs.json()["status"] == "new"
    neither, both = (
        await change(isPreview=True),
        await change(isPreview=True, investigationStatus="pending", **order),
    )
    assert (neither.status_code, both.status_code) == (422, 422)
    answered = await change(isPreview=True, investigationStatus="pending")
    assert {one.get("refusal") for one in answered.json()["results"]} == {"is_closed"}


async def test_photos_go_in_and_come_out_for_the_parties(parties):
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(file, "PNG")
    photo = {"content": file.getvalue(), "headers": {"Content-Type": "image/png"}}
    added = await parties.a.raw("POST", parties.path("/photos"), **photo)
    again = await parties.a.raw("POST", parties.path("/photos"), **photo)
    assert added.status_code == again.status_code == 200, added.text
    (kept,) = again.json()["photos"]
    assert (kept["width"], kept["height"], kept["person"]) == (60, 40, "a")
    assert kept["remarks"][0] == "no_code"
    shown = await parties.company.raw("GET", parties.path(f"/photos/{kept['photoId']}"))
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(shown.content)).size == (60, 40)
    assert "person" not in (await parties.seen(parties.company))["photos"][0]
    for photo_id in ("x", "0199c0de-0000-7000-8000-000000000001"):
        missing = await parties.a.raw("GET", parties.path(f"/photos/{photo_id}"))
        assert refusal(missing)[:2] == (404, "unknown-photo")


async def test_the_packs_of_the_batch_are_counted_where_that_is_asked(parties):
    path = parties.path()
    plain, counted = [
        (await parties.company.raw("GET", path + query)).json()["batches"]
        for query in ("", "?countPacks=yes")
    ]
    assert [{**one, "states": None} for one in counted] == [{**one, "states": None} for one in plain]
    assert "states" not in plain[0]
    assert counted[0]["states"][0]["packCount"] >= 1
    assert "batches" not in (await parties.a.raw("GET", path + "?countPacks=yes")).json()
    wrong = await parties.company.raw("GET", path + "?countPacks=perhaps")
    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/parameter-invalid")


async def test_the_operator_asks_another_country_and_notes_what_comes_of_it(parties):
    operator = parties.operator
    asked = await parties.order(operator, "/trail-requests", country="SE", question="Was it supplied there?")
    (request,) = asked.json()["trailRequests"]
    assert (request["country"], request["state"], request["carrier"]) == ("SE", "asked", "by_hand")
    for refused, status, word in (
        (
            await parties.order(parties.company, "/trail-requests", country="SE", question="x"),
            403,
            "not_for_this_party",
        ),
        (await parties.order(operator, "/trail-requests", country="SE", question="x"), 409, "asked_already"),
        (
            await parties.order(operator, "/trail-requests", country="FI", question="x"),
            422,
            "country_not_asked",
        ),
    ):
        assert (refused.status_code, refused.json()["refusal"]) == (status, word)
    number = request["requestId"]
    unknown = await parties.order(operator, "/trail-requests/steps", requestId=number + 1, step="send")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/unknown-trail-request")
    noted = await parties.order(
        operator, "/trail-requests/steps", requestId=number, step="answer", said="Nothing was done there."
    )
    (request,) = noted.json()["trailRequests"]
    assert [step["said"] for step in request["steps"]] == [
        "Was it supplied there?",
        "Nothing was done there.",
    ]
    for other in (parties.a, parties.company):
        seen = await parties.seen(other)
        assert "trailRequests" not in seen
        assert "trail_request" not in {entry["change"] for entry in seen["history"]}


async def test_the_trail_of_a_pack_is_read_on_a_ground_that_is_recorded(parties):
    supplied = await parties.b.patch("7K2/9aQ-0001", "Supplied", **QUERY)
    assert supplied.status_code == 200
    parties.alert_id = (await parties.a.patch("7K2/9aQ-0001", "Supplied", **QUERY)).json()["alertId"]
    async with parties.country.database.transaction() as tx:
        await take_in(tx, RULES, parties.clock())
    assert "packTrail" not in await parties.seen(parties.operator)
    read = await parties.order(parties.operator, "/trail", ground="Investigates the alert")
    assert [one["location"]["name"] for one in read.json()["packTrail"]] == ["b", "a"]
    entries = await parties.country._rows("SELECT action, ground, organisation_id FROM audit_entry")
    assert entries == [{"action": "trail_read", "ground": "Investigates the alert", "organisation_id": None}]
    assert "trail_read" not in {entry["change"] for entry in (await parties.seen(parties.a))["history"]}


async def test_a_refusal_without_an_alert_is_found_and_its_investigation_asked_for(parties):
    await parties.a.patch("7K2/9aQ-0001", "Supplied", **QUERY)
    parties.clock.move(days=11)
    parties.a.headers["Authorization"] = await _new_token(parties, "a")
    refused = await parties.a.patch("7K2/9aQ-0001", "Active", **QUERY)
    assert "alertId" not in refused.json()
    (found,) = (await parties.a.raw("GET", "/ams/refusals")).json()["refusals"]
    assert found["operationCode"] == refused.json()["operationCode"]
    asked = await parties.order(
        parties.a, "/request-for-investigation", alert_id=found["reference"], body="It was never handed out."
    )
    assert asked.status_code == 200, asked.text
    assert asked.json()["alertId"] == found["reference"]
    assert asked.json()["messages"][0]["body"] == "It was never handed out."
    assert (await parties.a.raw("GET", "/ams/refusals")).json() == {"refusals": []}
    parties.company.headers["Authorization"] = await _new_token(parties, "company")
    assert (await parties.company.raw("GET", "/ams/refusals")).json() == {"refusals": []}


async def _new_token(parties: Parties, client_id: str) -> str:
    answer = await parties.country.client.post(
        "/identity/connect/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": "secret-of-a-test",
        },
    )
    return f"Bearer {answer.json()['access_token']}"


async def test_the_list_comes_as_a_file_in_words_with_the_columns_of_the_party_and_no_formula(parties):
    await parties.a.get("=SUM(A1:A9)", batch="LOT-42/A", expiry="291200")
    await parties.order(
        parties.a, "/status", status="closed", closingReason="other", comment="@cmd|' /C calc'!A0"
    )
    await parties.raised("WRONG-1", by=parties.b)

    async def fetched(
        by: Pharmacy, query: str = "?status=any&sort=recordedAt", language: str = "fi"
    ) -> list[dict[str, str]]:
        headers: dict[str, str | None] = {"Accept": "text/csv", "Accept-Language": language}
        answer = await by.raw("GET", f"/ams/alerts/export{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"] == 'attachment; filename="alerts.csv"'
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    mine = await fetched(parties.a)
    assert [row["Lähetetty sarjanumero"] for row in mine] == [STORED.swapcase(), "'=SUM(A1:A9)"]
    assert (mine[0]["Kommentti"], mine[0]["Tila"]) == ("'@cmd|' /C calc'!A0", "suljettu")
    assert mine[0]["Todennäköinen syy"]
    assert "Tallennettu sarjanumero" not in mine[0]
    companys = await fetched(parties.company, language="en")
    assert len(companys) == 3
    assert companys[0]["Serial number stored"] == STORED
    assert "Location" not in companys[0]
    assert [row["Verksamhetsställe"] for row in await fetched(parties.operator, language="sv")] == [
        "a",
        "a",
        "b",
    ]
    assert await fetched(parties.a, "?status=closed&search=WRONG-1") == []
    workbook = await parties.a.raw("GET", "/ams/alerts/export?status=any", headers={"Accept": XLSX})
    assert workbook.headers["content-type"] == XLSX
    with zipfile.ZipFile(io.BytesIO(workbook.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<t>=SUM(A1:A9)</t>" in sheet
    assert "<f>" not in sheet
    assert STORED not in sheet
