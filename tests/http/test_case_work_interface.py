"""Work beside single alerts over REST: each party does what its people do in the portal, and sees no more."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.http.country import GTIN, Pharmacy
from tests.http.test_cases_interface import RULES, Parties, parties, refusal  # noqa: F401 - a fixture

from sinetti.alerts.http.refusals import GROUPS, sentences
from sinetti.rules.sales_holds.vocabulary import HoldField, HoldViewer
from sinetti.rules.vocabulary import Language

BATCH = "LOT-42/A"
HOLD = {"productCode": GTIN, "batch": BATCH, "reason": "Serial numbers are looked at."}


async def post(by: Pharmacy, path: str, **order: Any) -> httpx.Response:
    """Send an order; `key` is no field of it, but its Idempotency-Key."""
    key = order.pop("key", None)
    headers: dict[str, str | None] = {"Idempotency-Key": key} if key else {}
    return await by.raw("POST", f"/ams{path}", json=order, headers=headers)


async def get(by: Pharmacy, path: str) -> dict[str, Any]:
    answer = await by.raw("GET", f"/ams{path}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
async def wholesalers(parties: Parties) -> list[Pharmacy]:  # noqa: F811 - the fixture
    """Two wholesalers' systems, and a user of each and of the company who gets mail."""
    made = [await parties.country.pharmacy(name, kind="wholesaler") for name in ("w1", "w2")]
    async with parties.country.database.transaction() as tx:
        for role, system in (("organisation_main_user", made[0]), ("mah_obp_investigator", parties.company)):
            await tx.execute(
                "INSERT INTO person (organisation_id, email, name, role, language, password_hash, created_at)"
                " VALUES (%s, %s, %s, %s, 'en', 'x', now())",
                (system.organisation_id, f"{role}@example.fi", f"Person {role}", role),
            )
        await tx.execute(
            "INSERT INTO person (email, name, role, language, password_hash, created_at)"
            " VALUES ('inspector@example.fi', 'Inspector', 'authority_inspector', 'fi', 'x', now())"
        )
    return made


async def mails(parties: Parties) -> list[tuple[str, int]]:  # noqa: F811 - the fixture
    rows = await parties.country._rows("SELECT kind, count(*) AS mails FROM mail GROUP BY kind ORDER BY kind")
    return [(row["kind"], row["mails"]) for row in rows]


async def test_a_hold_is_asked_answered_and_lifted_and_neither_side_learns_the_others_name(
    parties,  # noqa: F811 - the fixture
    wholesalers,
):
    company, (first, second) = parties.company, wholesalers
    asked = await post(company, "/sales-holds", key="h1", **HOLD, alertId=parties.alert_id)
    assert asked.status_code == 200, asked.text
    again = await post(company, "/sales-holds", key="h1", **HOLD, alertId=parties.alert_id)
    assert again.json() == asked.json()
    hold = asked.json()
    assert (hold["state"], hold["figures"]["asked"], hold["alertId"]) == ("asked", 2, parties.alert_id)
    assert "answers" not in hold
    assert await mails(parties) == [("sales_holds.asked", 1)]
    assert refusal(await post(company, "/sales-holds", **HOLD)) == (409, "work-refused", "already_asked")

    (waiting,) = (await get(first, "/held-batches?heldState=waiting"))["heldBatches"]
    assert (waiting["batch"], waiting["possibleSteps"]) == (BATCH, ["hold", "none_in_stock"])
    assert "company" not in str(waiting)
    answer = f"/held-batches/{hold['holdId']}/answer"
    assert refusal(await post(first, answer, step="hold")) == (422, "work-refused", "packs_missing")
    held = await post(first, answer, step="hold", packs=12)
    assert (held.json()["state"], held.json()["packs"]) == ("held", 12)
    assert (await post(second, answer, step="none_in_stock")).json()["state"] == "none_in_stock"
    assert refusal(await post(first, answer, step="release"))[2] == "another_state"
    assert refusal(await post(first, answer, step="lift"))[2] == "another_state"

    seen = await get(company, f"/sales-holds/{hold['holdId']}")
    assert seen["figures"] == {
        "asked": 2, "answered": 2, "holding": 1, "packs": 12, "noneInStock": 1, "released": 0,
    }  # fmt: skip
    assert "w1" not in str(seen)
    for watching in (parties.operator, parties.authority):
        (listed,) = (await get(watching, "/sales-holds"))["salesHolds"]
        assert listed["company"]["name"] == "company"
        assert [one["location"]["name"] for one in listed["answers"]] == ["w1", "w2"]
    lifted = await post(company, f"/sales-holds/{hold['holdId']}/lift", reason="The cause is known.")
    assert (lifted.json()["state"], lifted.json()["liftReason"]) == ("lifted", "The cause is known.")
    assert (await post(first, answer, step="release")).json()["state"] == "released"
    rows = await parties.country._rows(
        "SELECT step, user_id, equipment_id IS NOT NULL AS machine, user_name FROM sales_hold_history ORDER BY entry_number"
    )
    assert [(row["step"], row["user_name"]) for row in rows] == [
        ("ask", "company"), ("hold", "w1"), ("none_in_stock", "w2"), ("lift", "company"), ("release", "w1"),
    ]  # fmt: skip
    assert all(row["user_id"] is None and row["machine"] for row in rows)
    audited = await parties.country._rows("SELECT action FROM audit_entry ORDER BY audit_number")
    assert [row["action"] for row in audited] == [
        "sales_hold_asked", "sales_hold_packs_held", "sales_hold_none_in_stock", "sales_hold_lifted",
        "sales_hold_packs_released",
    ]  # fmt: skip


async def test_a_hold_is_for_the_own_product_and_seen_by_those_whom_it_concerns(
    parties,  # noqa: F811 - the fixture
    wholesalers,
):
    hold_id = (await post(parties.company, "/sales-holds", **HOLD)).json()["holdId"]
    for order, status in (
        (HOLD | {"productCode": "06412345678891"}, 422),
        (HOLD | {"batch": "ä"}, 422),
        (HOLD | {"batch": "B2", "reason": " "}, 422),
        (HOLD | {"batch": "B2", "alertId": "FI-222-222-222-222-222"}, 422),
    ):
        assert (await post(parties.company, "/sales-holds", **order)).status_code == status, order
    assert (await post(parties.other_company, "/sales-holds", **HOLD)).status_code == 422
    strangers = [
        (await parties.other_company.raw("GET", f"/ams/sales-holds/{hold_id}"), 404),
        (await post(parties.other_company, f"/sales-holds/{hold_id}/lift", reason="x"), 404),
        (await parties.a.raw("GET", "/ams/sales-holds"), 403),
        (await parties.a.raw("GET", "/ams/held-batches"), 403),
        (await post(parties.operator, "/sales-holds", **HOLD), 403),
        (await post(parties.authority, f"/sales-holds/{hold_id}/lift", reason="x"), 403),
        (await wholesalers[0].raw("GET", "/ams/held-batches/999"), 404),
        (await wholesalers[0].raw("GET", "/ams/held-batches?heldState=all"), 422),
    ]
    assert [answer.status_code for answer, _ in strangers] == [status for _, status in strangers]
    assert (await get(parties.other_company, "/sales-holds"))["salesHolds"] == []
    assert HoldViewer.DISTRIBUTOR not in RULES.sales_holds.seen[HoldField.COMPANY]


async def test_lists_go_on_after_the_last_one_of_the_page(parties, wholesalers):  # noqa: F811 - the fixture
    for batch in ("B1", "B2", "B3"):
        assert (await post(parties.company, "/sales-holds", **HOLD | {"batch": batch})).status_code == 200
    for by, path, many in (
        (parties.company, "/sales-holds", "salesHolds"),
        (wholesalers[0], "/held-batches", "heldBatches"),
    ):
        first = await get(by, f"{path}?limit=2")
        rest = await get(by, f"{path}?limit=2&after={first['next']}")
        assert [one["batch"] for one in [*first[many], *rest[many]]] == ["B3", "B2", "B1"]
        assert "next" not in rest


async def test_teams_and_assignments_stay_inside_the_organisation(parties, wholesalers):  # noqa: F811 - the fixture
    company = parties.company
    (person,) = (await get(company, "/assignees"))["assignees"]
    assert person["name"] == "Person mah_obp_investigator"
    number = int(person["assignee"].removeprefix("person-"))
    team = (await post(company, "/teams", name="Nordic", markets=["FI", "SE"], members=[number, 1])).json()
    assert (team["markets"], [one["userId"] for one in team["members"]]) == (["FI", "SE"], [number])
    for order, word in (
        ({"name": "nordic", "markets": ["FI"]}, "name_taken"),
        ({"name": " ", "markets": ["FI"]}, "name_missing"),
        ({"name": "Moon", "markets": ["XX"]}, "no_market"),
    ):
        assert refusal(await post(company, "/teams", **order))[1:] == ("work-refused", word)
    changed = await post(company, f"/teams/{team['teamId']}", name="North", markets=["FI"])
    assert [one["userId"] for one in changed.json()["members"]] == [number], "left out, they stay"

    path = f"/alerts/{parties.alert_id}/assignment"
    assigned = await post(company, path, assignee=f"team-{team['teamId']}")
    assert assigned.json()["assigned"] == {"assignee": f"team-{team['teamId']}", "name": "North"}
    (listed,) = (await get(company, "/alerts"))["alerts"]
    assert listed["assigned"]["name"] == "North"
    for other in (parties.a, parties.operator, parties.authority):
        assert "North" not in str(await parties.seen(other)), "nobody else learns it"
    assert (await get(company, "/alerts?assigned=nobody"))["alerts"] == []
    assert len((await get(parties.operator, "/alerts?assigned=nobody"))["alerts"]) == 1
    assert refusal(await post(company, path, assignee="team-999"))[:2] == (422, "unknown-assignee")
    assert refusal(await post(parties.operator, path, assignee=f"team-{team['teamId']}"))[0] == 422
    assert refusal(await post(parties.authority, path, assignee="nobody"))[0] == 403

    many = {"alertIds": [parties.alert_id], "assignee": "nobody"}
    shown = await post(company, "/alerts/changes", isPreview=True, **many)
    assert shown.json()["results"][0]["isMade"]
    assert "assigned" in await parties.seen(company)
    await post(company, "/alerts/changes", isPreview=False, **many)
    assert "assigned" not in await parties.seen(company)

    for stranger in (parties.a, parties.authority):
        assert (await stranger.raw("GET", "/ams/teams")).status_code == 403
    assert (await get(parties.other_company, "/teams"))["teams"] == []
    assert refusal(await post(parties.other_company, f"/teams/{team['teamId']}/removal"))[:2] == (
        404,
        "unknown-team",
    )
    assert (await post(company, f"/teams/{team['teamId']}/removal")).json() == {"teams": []}
    audited = await parties.country._rows("SELECT action FROM audit_entry ORDER BY audit_number")
    assert [row["action"] for row in audited if row["action"] != "alert_read"] == [
        "team_added", "team_changed", "alert_assigned", "alert_assigned", "team_removed",
    ]  # fmt: skip


async def test_a_notice_of_falsification_is_seen_first_and_sent_once(parties, wholesalers):  # noqa: F811 - the fixture
    company, path = parties.company, f"/alerts/{parties.alert_id}/chain-notices"
    notice = {"recipients": ["authority", "wholesalers"], "addition": "Call us."}
    early = await post(company, path, isPreview=True, **notice)
    assert refusal(early) == (409, "work-refused", "no_suspicion")
    assert "epäilyksi" in early.json()["detail"], "in the caller's language"
    await parties.order(parties.operator, "/classification", classification="suspicion", comment="odd")
    shown = await post(company, path, isPreview=True, **notice)
    assert (shown.json()["isPreview"], shown.json()["people"]) == (True, 2)
    assert BATCH in " ".join(shown.json()["paragraphs"])
    assert await mails(parties) == []
    too_many = await post(company, path, isPreview=True, recipients=["end_users"])
    assert refusal(too_many)[2] == "recipients", "a mere suspicion is not sent to all pharmacies"
    for _ in range(2):
        sent = await post(company, path, key="n1", isPreview=False, **notice)
        assert (sent.status_code, sent.json()["people"]) == (200, 2)
    assert await mails(parties) == [("chain_notices.authority", 1), ("chain_notices.chain", 1)]
    (own,) = (await get(company, "/chain-notices"))["chainNotices"]
    assert (own["people"], own["addition"], "company" in own) == (2, "Call us.", False)
    (seen,) = (await get(parties.authority, "/chain-notices"))["chainNotices"]
    assert seen["company"]["name"] == "company"
    assert (await get(parties.other_company, "/chain-notices"))["chainNotices"] == []
    assert (await parties.a.raw("GET", "/ams/chain-notices")).status_code == 403
    assert refusal(await post(parties.operator, path, isPreview=True, **notice))[2] == "not_yours"


async def test_the_register_of_packs_set_aside_is_the_locations_own(parties):  # noqa: F811 - the fixture
    await parties.order(parties.a, "/set-aside", place="Shelf 3")
    (pack,) = (await get(parties.a, "/set-aside"))["packsSetAside"]
    assert (pack["alertId"], pack["place"]) == (parties.alert_id, "Shelf 3")
    assert "back_to_stock" not in pack["mayEndAs"]
    assert "sent_to_mah" in pack["mayEndAs"]
    assert (await get(parties.b, "/set-aside"))["packsSetAside"] == []
    assert (await parties.company.raw("GET", "/ams/set-aside")).status_code == 403
    for watching in (parties.operator, parties.authority):
        assert (await get(watching, "/set-aside"))["packsSetAside"][0]["location"]["name"] == "a"
    await parties.order(parties.a, "/status", status="closed", closingReason="reading_corrected")
    assert "back_to_stock" in (await get(parties.a, "/set-aside"))["packsSetAside"][0]["mayEndAs"]
    await parties.order(parties.a, "/set-aside/end", end="back_to_stock")
    assert (await get(parties.a, "/set-aside"))["packsSetAside"] == []
    (gone,) = (await get(parties.a, "/set-aside?registerState=gone"))["packsSetAside"]
    assert (gone["endedAs"], gone.get("mayEndAs", [])) == ("back_to_stock", [])
    actions = await parties.country._rows("SELECT action FROM audit_entry WHERE user_name = 'authority'")
    assert [row["action"] for row in actions] == ["set_aside_listed"]


async def test_a_company_sees_what_alerts_tell_of_its_uploads_and_nobody_elses(parties):  # noqa: F811 - the fixture
    for serial, by in (("LOST-1", parties.a), ("LOST-2", parties.b), ("LOST-3", parties.b)):
        await by.get(serial, batch="NEVER-1", expiry="291200")
    await parties.taken_over()
    company = parties.company
    (gap,) = (await get(company, "/upload-gaps"))["uploadGaps"]
    assert (gap["gap"], gap["sentBatch"], gap["packs"], gap["locations"]) == ("not_uploaded", "NEVER-1", 3, 2)
    missing = await get(company, f"/upload-gaps/serial-numbers?product={GTIN}&sentBatch=NEVER-1")
    assert [one["sentSerialNumber"] for one in missing["serialNumbers"]] == ["LOST-1", "LOST-2", "LOST-3"]
    (near,) = (await get(company, "/near-misses"))["nearMisses"]
    assert (near["cause"], near["telling"], near["alerts"]) == ("case_swap", "one_place", 1)
    assert near["says"]
    for wrong in ("?alertState=closed", "?page=0", "?limit=501"):
        assert (await company.raw("GET", f"/ams/upload-gaps{wrong}")).status_code == 422
    assert (await company.raw("GET", "/ams/upload-gaps/serial-numbers?product=1")).status_code == 422
    other = parties.other_company
    assert (await get(other, "/upload-gaps"))["uploadGaps"] == []
    assert (await get(other, "/near-misses"))["nearMisses"] == []
    assert (await get(other, f"/upload-gaps/serial-numbers?product={GTIN}&sentBatch=NEVER-1"))[
        "serialNumbers"
    ] == []
    for path in ("/upload-gaps", "/near-misses", "/upload-gaps/serial-numbers"):
        assert (await parties.operator.raw("GET", f"/ams{path}")).status_code == 403
    for by in (parties.operator, parties.authority, company):
        stored = await get(by, f"/uploaded-batches?product={GTIN}")
        assert BATCH in [one["batchId"] for one in stored["batches"]]
    assert (await other.raw("GET", f"/ams/uploaded-batches?product={GTIN}")).status_code == 404
    assert (await parties.a.raw("GET", f"/ams/uploaded-batches?product={GTIN}")).status_code == 403


async def test_an_alert_says_with_which_reasons_it_can_be_closed(parties):  # noqa: F811 - the fixture
    mine = (await parties.seen(parties.a))["closingReasons"]
    assert "reading_corrected" in mine
    assert "reactivated_here" not in mine
    assert "data_corrected" in (await parties.seen(parties.company))["closingReasons"]
    assert "closingReasons" not in await parties.seen(parties.authority)
    wrong = await parties.order(parties.a, "/status", status="closed", closingReason="reactivated_here")
    assert refusal(wrong) == (409, "alert-change-refused", "reason_does_not_fit_kind")


@pytest.mark.parametrize("language", Language)
def test_every_refusal_has_its_sentence(language):
    assert {group: set(words) for group, words in sentences(language).items()} == {
        group: {word.value for word in kind.__members__.values()} for kind, group in GROUPS.items()
    }
