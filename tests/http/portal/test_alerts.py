"""Alerts in the portal: what each party sees of one, and what each can do about it."""

from __future__ import annotations

import re

import pytest
from psycopg.types.json import Jsonb
from tests.http.portal.alerts import (
    PRODUCT_CODES,
    RULES,
    STORED_SERIAL,
    ask_pack,
    raise_alert,
    raise_alerts,
    take_over,
)
from tests.http.portal.world import PortalClient, send_form

from sinetti.rules.alerts.vocabulary import ClosingReason
from sinetti.rules.vocabulary import Language, Operation


@pytest.fixture
async def alert(portal: PortalClient) -> str:
    """An alert of the own pharmacy: letters in the other case."""
    await raise_alerts(portal.world)
    return portal.world.places["own"].alert_id


async def status(portal: PortalClient, alert_id: str) -> tuple[str, str | None]:
    async with portal.world.database.transaction() as tx:
        row = await (
            await tx.execute(
                "SELECT status, closing_reason FROM alert JOIN alert_file USING (product_id, event_number)"
                " WHERE alert.alert_id = %s",
                (alert_id,),
            )
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


@pytest.mark.parametrize(
    ("person", "sees_own", "sees_other"),
    [
        ("organisation_main_user", True, False),
        ("location_user", True, False),
        ("mah_obp_investigator", True, False),
        ("other_mah_obp_main_user", False, True),
        ("operator_support", True, True),
        ("authority_inspector", True, True),
    ],
)
async def test_the_list_has_what_is_the_readers_matter(portal, alert, person, sees_own, sees_other):
    other = portal.world.places["other"].alert_id
    async with portal.browser(person, language="en") as client:
        page = (await client.get("/alerts")).text
    assert (alert in page, other in page) == (sees_own, sees_other)


async def test_who_handles_alerts_makes_one_active_by_opening_it_and_the_authority_does_not(portal, alert):
    async with portal.browser("authority_inspector", language="en") as client:
        assert (await client.get(f"/alerts/{alert}")).status_code == 200
    assert await status(portal, alert) == ("new", None)
    async with portal.browser("location_user", language="en") as client:
        assert (await client.get(f"/alerts/{alert}")).status_code == 200
    assert await status(portal, alert) == ("active", None)


async def test_the_end_user_reads_one_sentence_first_and_never_what_is_stored(portal, alert):
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
    shown = text_of(page)
    assert "The pack must not be supplied: the cause of the alert is not known yet." in shown
    assert "is always the decision of whoever supplies it" in shown
    assert STORED_SERIAL.swapcase() in shown
    assert STORED_SERIAL not in page
    assert "hat was uploaded" not in shown.partition("What to do")[0]
    assert "1. " in shown.partition("What to do")[2], "the steps of NMVO-0048"


async def test_the_company_sees_its_uploads_and_not_the_pharmacy(portal, alert):
    async with portal.browser("mah_obp_investigator", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
    assert "Metson apteekki" not in page
    assert "PharmacySystem" not in page
    assert "The batch: what was uploaded" in page


@pytest.mark.parametrize("person", ["operator_support", "mah_obp_investigator"])
async def test_operator_and_company_see_how_the_batch_was_uploaded_and_how_its_packs_stand(
    portal, alert, person
):
    upload = "01890000-0000-7000-8000-000000000001"
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO upload (product_id, batch_id, content_sha256, pack_count, organisation_id,"
            " transaction_id, recorded_at) SELECT product_id, batch_id, sha256('x'), 1234, 1, %s, now()"
            " FROM batch JOIN product USING (product_id) WHERE product_code = %s",
            (upload, PRODUCT_CODES["own"]),
        )
        await tx.execute(
            "INSERT INTO pack (serial_key, product_id, batch_id, state, decommissioned_at)"
            " SELECT gen_random_uuid(), product_id, batch_id, state, now() FROM batch"
            " JOIN product USING (product_id), unnest('{s,s,t}'::\"char\"[]) AS state WHERE product_code = %s",
            (PRODUCT_CODES["own"],),
        )
        await tx.execute("UPDATE batch SET recalled_at = now(), recall_reason = 'cracked blisters'")
        await tx.execute("UPDATE alert_file SET expiry = '310131'")
    async with portal.browser(person, language="en") as client:
        uncounted = text_of((await client.get(f"/alerts/{alert}")).text)
        shown = text_of((await client.get(f"/alerts/{alert}?count_packs=yes")).text)
    assert "Count the packs of batch B1 by state" in uncounted
    batch = shown.partition("The batch: what was uploaded")[2].partition("Likely cause")[0]
    assert "Batch B1, as it was sent" in batch
    assert "cracked blisters" in batch
    assert "Expiry date as uploaded 31 Dec 2030 (301231)" in batch
    assert "31 Jan 2031 (310131) was sent" in batch
    assert "1,234 packs uploaded" in batch
    assert upload in batch
    assert "Supplied 2 Active 1 Stolen 1" in batch


async def test_the_trail_is_read_on_the_ground_of_the_alert_and_both_case_and_audit_say_so(portal, alert):
    async with portal.browser("operator_support", language="en") as client:
        form = (await client.get(f"/alerts/{alert}/trail")).text
        long = await send_form(client, f"/alerts/{alert}/trail", form, reference="x" * 201)
        read = await send_form(client, f"/alerts/{alert}/trail", form, reference="the pharmacy called")
        case = text_of((await client.get(f"/alerts/{alert}")).text)
    assert "Metson" not in form, "nothing before the ground is recorded"
    assert (long.status_code, "at most 200 characters" in long.text) == (422, True)
    assert "Metson apteekki, keskusta" in text_of(read.text)
    ground = f"Art. 38(2), alert {alert}, the pharmacy called"
    assert ground in read.text
    assert f"the audit trail was read (own operator support): {ground}" in case
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT object_id, ground, organisation_id FROM audit_entry WHERE action = 'trail_read'"
        )
        assert await cursor.fetchall() == [
            (f"{PRODUCT_CODES['own']} {STORED_SERIAL.swapcase()}", ground, None)
        ]


async def test_the_authority_says_for_which_purpose_it_reads_the_trail(portal, alert):
    async with portal.browser("authority_inspector", language="en") as client:
        form = (await client.get(f"/alerts/{alert}/trail")).text
        without = await send_form(client, f"/alerts/{alert}/trail", form)
        read = await send_form(client, f"/alerts/{alert}/trail", form, purpose="b")
    assert (without.status_code, "Choose a purpose" in without.text) == (422, True)
    assert f"Art. 39(b), alert {alert}" in read.text


async def test_a_refusal_is_no_ground_until_it_is_said_who_asked(portal, alert):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET alert_id = NULL")
        cursor = await tx.execute("SELECT product_id, event_number FROM alert_file LIMIT 1")
        (product_id, event_number) = await cursor.fetchone()
    path = f"/alerts/R{product_id}-{event_number}/trail"
    async with portal.browser("operator_support", language="en") as client:
        form = (await client.get(path)).text
        without = await send_form(client, path, form)
        read = await send_form(client, path, form, reference="Metson apteekki, by telephone")
    assert (without.status_code, "Say who asked" in without.text) == (422, True)
    assert "asked for by the user about R" in read.text


async def test_the_operator_asks_another_country_and_notes_its_answer_by_hand(portal, alert):
    path = f"/alerts/{alert}/trail-requests"
    async with portal.browser("operator_support", language="en") as client:
        page = (await client.get(path)).text
        assert 'value="FI"' not in page, "the own country is not asked"
        empty = await send_form(client, path, page, country="", question="x")
        assert (empty.status_code, "Choose a country from the list." in empty.text) == (422, True)
        asked = await send_form(client, path, page, country="SE", question="Was it supplied in Sweden?")
        assert asked.status_code == 303
        page = (await client.get(path)).text
        assert "Sweden waits to be carried" in text_of(page)
        assert f"Serial number: {STORED_SERIAL.swapcase()}" in page
        assert "Metson" not in page, "nothing of the place goes abroad"
        number = re.search(r'name="request" value="(\d+)"', page)
        assert number
        silent = await send_form(client, path + "/steps", page, request=number[1], step="answer", said=" ")
        assert (silent.status_code, "Write down why." in silent.text) == (422, True)
        done = await send_form(
            client, path + "/steps", page, request=number[1], step="answer", said="Supplied in Lund"
        )
        assert done.status_code == 303
        again = await send_form(client, path + "/steps", page, request=number[1], step="answer", said="Twice")
        assert "Meanwhile the request stands otherwise" in again.text
        case = text_of((await client.get(f"/alerts/{alert}")).text)
    assert "Request to another country: Sweden, answered" in case
    assert "request for another country&#39;s part of the trail: Sweden: answered" in case
    async with portal.browser("authority_inspector", language="en") as client:
        page = (await client.get(path)).text
    assert "Supplied in Lund" in page
    assert "<form" not in page.partition("<main")[2]


async def test_a_batch_that_nobody_uploaded_is_said_to_be_so(portal, alert):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET batch = 'NOT-THERE'")
    async with portal.browser("operator_support", language="en") as client:
        shown = text_of((await client.get(f"/alerts/{alert}")).text)
    assert "Batch NOT-THERE, as it was sent Nothing has been uploaded for this batch." in shown


async def test_the_operator_sees_both(portal, alert):
    async with portal.browser("operator_support", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
    assert "Metson apteekki, keskusta" in page
    assert "The batch: what was uploaded" in page


async def act(portal, person: str, alert: str, below: str, **fields: str):
    async with portal.browser(person, language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        if key:
            fields.setdefault("form_key", key[1])
        answer = await send_form(client, f"/alerts/{alert}/{below}", page, **fields)
        if answer.status_code == 303:
            return answer, (await client.get(answer.headers["location"])).text
        return answer, answer.text


async def test_from_the_alert_to_the_closed_case_with_three_parties(portal, alert):
    answer, page = await act(portal, "location_user", alert, "messages", body="We scanned it twice.")
    assert answer.status_code == 303, text_of(page)
    assert "The message is sent." in page
    _, page = await act(portal, "mah_obp_investigator", alert, "investigation", answer="no_cause_on_my_side")
    assert "We scanned it twice." in page
    assert "own location user" not in page, "the other party's name stays with the pharmacy"
    assert await status(portal, alert) == ("under_investigation", None)
    reason = ClosingReason.READING_CORRECTED
    answer, page = await act(
        portal, "location_user", alert, "status", to="closed", reason=reason, comment="Caps Lock was on"
    )
    assert answer.status_code == 303, text_of(page)
    assert await status(portal, alert) == ("closed", reason)
    assert "The alert is closed." in page
    assert RULES.alerts.words[Language.EN]("closing_reason", reason) in page
    _, page = await act(
        portal, "operator_support", alert, "status", to="under_investigation", comment="Once more"
    )
    assert await status(portal, alert) == ("under_investigation", None)


@pytest.mark.parametrize(
    ("below", "fields", "says"),
    [
        ("status", {"to": "closed"}, "Choose why the alert is closed."),
        ("status", {"to": "nowhere"}, "Choose one."),
        ("status", {"to": "closed", "reason": "falsification"}, "Only another party can give this reason."),
        ("status", {"to": "escalated"}, "Write down why."),
        ("status", {"to": "escalated", "comment": "x" * 501}, "at most 500 characters"),
        ("investigation", {"answer": "perhaps"}, "Choose one."),
        ("messages", {"body": "   "}, "Write a message."),
        (
            "classification",
            {"classification": "suspicion", "comment": "x"},
            "Another party makes this change.",
        ),
        ("steps", {"step": "no_such_step", "done": "no_such_step"}, "Another party makes this change."),
    ],
)
async def test_what_cannot_be_done_is_said_at_the_field_and_changes_nothing(
    portal, alert, below, fields, says
):
    answer, page = await act(portal, "location_user", alert, below, **fields)
    assert answer.status_code == 422
    assert says in text_of(page)
    assert await status(portal, alert) == ("active", None)


async def test_an_answer_is_taken_back_with_a_reason_and_a_closed_alert_asks_for_none(portal, alert):
    _, page = await act(portal, "location_user", alert, "investigation", answer="cause_on_my_side")
    offered = re.findall(r'name="answer" type="radio" value="(\w+)"', page)
    assert offered == ["pending", "no_cause_on_my_side", "none"], "not what has been answered already"
    answer, page = await act(portal, "location_user", alert, "investigation", answer="none")
    assert answer.status_code == 422
    assert re.search(r'id="comment-answer-error".*?Write down why', page, re.DOTALL), "beside its own field"
    answer, _ = await act(
        portal, "location_user", alert, "investigation", answer="none", comment="another pack"
    )
    assert answer.status_code == 303
    await act(portal, "location_user", alert, "status", to="closed", reason="reading_corrected")
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
    assert 'name="answer"' not in page


async def test_a_change_that_needs_a_reason_is_folded_out_again_with_what_was_written(portal, alert):
    answer, page = await act(portal, "location_user", alert, "status", to="escalated", comment="x" * 501)
    assert answer.status_code == 422
    form = page.partition('<details class="govuk-details" open>')[2].partition("</details>")[0]
    assert 'id="comment-escalated-error"' in form
    assert "x" * 501 in form
    assert 'href="#comment-escalated"' in page


async def test_two_people_at_once_notice_each_other(portal, alert):
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        await act(portal, "organisation_main_user", alert, "investigation", answer="pending")
        seen = re.search(r'name="seen" value="(\d+)"', page)
        assert seen
        answer = await send_form(
            client,
            f"/alerts/{alert}/status",
            page,
            to="closed",
            reason="reading_corrected",
            comment="x",
            seen=seen[1],
        )
    assert answer.status_code == 422
    assert "Somebody changed the alert meanwhile" in answer.text


async def test_a_message_that_is_sent_twice_is_said_once(portal, alert):
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key
        for _ in range(2):
            answer = await send_form(client, f"/alerts/{alert}/messages", page, body="Once", form_key=key[1])
            assert answer.status_code == 303
        page = (await client.get(f"/alerts/{alert}")).text
    assert page.count("Once") == 1


async def test_the_operator_writes_to_all_locations_of_the_case_after_seeing_whom_it_reaches(portal, alert):
    await ask_pack(
        portal.world,
        "other",
        Operation.VERIFY,
        STORED_SERIAL.swapcase(),
        product_code=PRODUCT_CODES["own"],
    )
    async with portal.world.database.transaction() as tx:
        await tx.execute("DELETE FROM alert_notice")
        cursor = await tx.execute(
            "SELECT alert_id FROM alert_file WHERE location_id = %s AND product_code = %s",
            (portal.world.places["other"].location.location_id, PRODUCT_CODES["own"]),
        )
        ((elsewhere,),) = await cursor.fetchall()
    wanted = {"body": "Your scanner\nswaps letters", "readers": "all"}
    async with portal.browser("operator_support", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        assert "All locations of the case (2)" in page
        asked = await send_form(client, f"/alerts/{alert}/messages", page, **wanted)
        old = await send_form(client, f"/alerts/{alert}/messages", page, **wanted, reached="7")
        form_key = re.search(r'name="form_key" value="([^"]+)"', asked.text)
        assert form_key
        sent = await send_form(
            client, f"/alerts/{alert}/messages", asked.text, **wanted, reached="2", form_key=form_key[1]
        )
        page = text_of((await client.get(f"/alerts/{alert}")).text)
    shown = text_of(asked.text)
    assert "Send the message to 2 locations?" in shown
    assert "Metson apteekki, keskusta" in shown
    assert "Meanwhile the case has other alerts" in text_of(old.text)
    assert sent.status_code == 303
    assert page.count("swaps letters") == 1, "asked twice, sent once"
    assert "to all locations Your scanner" in page
    async with portal.browser("other_location_user", language="en") as client:
        assert "swaps letters" in (await client.get(f"/alerts/{elsewhere}")).text
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT count(DISTINCT location_id) FROM alert_notice WHERE notice = 'message_sent'"
        )
        assert await cursor.fetchall() == [(2,)], "each location hears of it"


async def test_only_the_operator_writes_to_all_from_the_page_and_sees_whom_to_call(portal, alert):
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO location_details (location_id, contact_name, contact_phone, contact_email, languages, state_at)"
            " VALUES (%s, 'Aino Avain', '09 123 456', 'aino@metso.example', '{fi,sv}', now())"
            " ON CONFLICT (location_id) DO UPDATE SET contact_name = excluded.contact_name,"
            " contact_phone = excluded.contact_phone, contact_email = excluded.contact_email,"
            " languages = excluded.languages",
            (portal.world.places["own"].location.location_id,),
        )
    for person in ("operator_support", "mah_obp_investigator", "authority_inspector", "location_user"):
        async with portal.browser(person, language="en") as client:
            page = (await client.get(f"/alerts/{alert}")).text
            is_operator = person == "operator_support"
            assert ("Aino Avain" in page, "aino" in page) == (is_operator, is_operator), person
            if person == "mah_obp_investigator":
                answer = await send_form(client, f"/alerts/{alert}/messages", page, body="x", readers="all")
                assert answer.status_code == 422
                assert "Another party makes this change" in answer.text
    assert 'href="tel:09123456"' not in page
    async with portal.browser("operator_support", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
    assert 'href="tel:09123456"' in page
    assert f"mailto:aino%40metso.example?subject={alert}" in page
    assert "Works in Finnish, Swedish" in text_of(page)


async def test_a_note_stays_in_its_organisation(portal, alert):
    await act(portal, "location_user", alert, "messages", body="Our own thoughts", readers="note")
    for person, reads in (
        ("organisation_main_user", True),
        ("mah_obp_investigator", False),
        ("operator_support", False),
        ("authority_inspector", False),
    ):
        async with portal.browser(person, language="en") as client:
            page = (await client.get(f"/alerts/{alert}")).text
        assert ("Our own thoughts" in page) is reads, person


async def test_steps_are_ticked_off_and_stay_so(portal, alert):
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        steps = re.findall(r'name="step" value="(\w+)"', page)
        answer = await client.post(
            f"/alerts/{alert}/steps",
            data={
                "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],  # type: ignore[index]
                "step": steps,
                "done": steps[:2],
            },
            headers={"Origin": "http://portal.test"},
        )
        assert answer.status_code == 303
        page = (await client.get(f"/alerts/{alert}")).text
    assert len(re.findall(r'name="done"[^>]* checked', page)) == 2


async def test_a_pack_that_is_set_aside_is_said_to_be_so(portal, alert):
    _, page = await act(portal, "location_user", alert, "set-aside", place="Cold store")
    assert "The pack is in the register." in page
    assert "The pack is in your register of packs that are kept apart." in page


async def test_filters_and_search(portal, alert):
    later = await raise_alert(portal.world, "own", serial_number="ZZZZZZZZ")
    async with portal.browser("location_user", language="en") as client:
        for query, found in (
            ("", {alert, later}),
            ("?status=new", {alert, later}),
            ("?status=closed", set()),
            ("?status=any", {alert, later}),
            ("?kind=unknown_serial_number", {alert, later}),
            ("?kind=other_batch", set()),
            (f"?q={later}", {later}),
            (f"?q={later.lower()}", {later}),
            ("?q=ZZZZZZZZ", {later}),
            ("?q=6412345678907", {alert, later}),
            ("?q=B1", {alert, later}),
            ("?q=B", set()),
            ("?q=%25", set()),
            ("?status=nonsense&kind=1", {alert, later}),
        ):
            page = (await client.get(f"/alerts{query}")).text
            assert {one for one in (alert, later) if f"/alerts/{one}" in page} == found, query


async def keep_analysis(portal: PortalClient, alert_id: str) -> None:
    """What the analysis keeps of letters in the other case."""
    whole = {
        "hypotheses": [
            {
                "cause": "case_swap",
                "rule": "R01",
                "evidence": [],
                "differences": [
                    {
                        "field": "serial_number",
                        "how": "all_swapped",
                        "values": {},
                        "sent": STORED_SERIAL.swapcase(),
                        "stored": STORED_SERIAL,
                        "spans": [{"sent_start": 0, "sent_end": 8, "stored_start": 0, "stored_end": 8}],
                    }
                ],
                "corrected": {"serial_number": STORED_SERIAL, "batch": "B1", "expiry": "301231"},
            }
        ]
    }
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO alert_analysis (product_id, event_number, analysed_at, rules_version, analysis)"
            " SELECT product_id, event_number, recorded_at, 'x', %s FROM alert WHERE alert_id = %s",
            (Jsonb(whole), alert_id),
        )


async def test_the_cause_is_told_to_all_and_the_stored_value_only_to_those_who_may_see_it(portal, alert):
    await keep_analysis(portal, alert)
    for person, sees in (
        ("location_user", False),
        ("organisation_main_user", False),
        ("mah_obp_investigator", True),
        ("operator_support", True),
        ("authority_inspector", True),
    ):
        async with portal.browser(person, language="en") as client:
            page = (await client.get(f"/alerts/{alert}")).text
        assert "Upper and lower case exchanged." in page, person
        assert (f"<mark>{STORED_SERIAL}</mark>" in page) is sees, person
        assert (STORED_SERIAL in page) is sees, person


async def test_the_link_of_the_answer_opens_at_once_and_only_for_those_whose_matter_it_is(portal):
    world = portal.world
    outcome = await ask_pack(world, "own", Operation.VERIFY, STORED_SERIAL.swapcase(), is_taken_over=False)
    alert_id = outcome.alert_id
    path = f"/alerts/{alert_id}"
    async with portal.browser("location_user", language="en") as client:
        page = await client.get(path)
        assert page.status_code == 200
        assert f"The alert {alert_id} has been raised and is being prepared." in text_of(page.text)
        assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.text
        again = await client.get(path, headers={"HX-Request": "true"})
        assert ("hx-refresh" in again.headers, 'id="coming"' in again.text) == (False, True)
        for name in ("other_location_user", "other_mah_obp_main_user"):
            async with portal.browser(name, language="en") as stranger:
                assert (await stranger.get(path)).status_code == 404
        async with portal.browser("mah_obp_investigator", language="en") as company:
            assert "is being prepared" in (await company.get(path)).text
        await take_over(world)
        ready = await client.get(path, headers={"HX-Request": "true"})
        assert ready.headers["hx-refresh"] == "true"
        assert "The pack must not be supplied" in text_of((await client.get(path)).text)


async def ids(client, query: str) -> set[str]:
    page = (await client.get(f"/alerts?{query}")).text
    return set(re.findall(r'href="/alerts/([^"?/]+)"', page))


async def test_the_list_is_filtered_by_what_an_alert_is_about_and_when_it_was_raised(portal, alert):
    world = portal.world
    own, other = world.places["own"], world.places["other"]
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET cause = 'case_swap' WHERE alert_id = %s", (alert,))
        await tx.execute(
            "UPDATE alert_file SET user_agent = 'Kassa/2 (fi)', recorded_at = '2020-05-17 21:30+00' WHERE alert_id = %s",
            (other.alert_id,),
        )
        await tx.execute(
            "INSERT INTO alert_deadline (product_id, event_number, deadline, side, due_at)"
            " SELECT product_id, event_number, 'first_answer', side, '2020-05-20' FROM alert_file,"
            " unnest(ARRAY['nmvo', 'mah']) AS side WHERE alert_id = %s AND side = 'nmvo' OR alert_id = %s AND side = 'mah'"
            " ON CONFLICT (product_id, event_number, side, deadline) DO UPDATE SET due_at = excluded.due_at, met_at = NULL",
            (alert, other.alert_id),
        )
    for query, found in {
        "cause=case_swap": {alert},
        "cause=replay": set(),
        "overdue=own": {alert},
        "overdue=any": {alert, other.alert_id},
        f"location={own.location.location_id}": {alert},
        f"organisation={other.organisation.organisation_id}": {other.alert_id},
        f"company={world.places['own_obp'].organisation.organisation_id}": {alert},
        f"equipment={other.equipment.equipment_id}": {other.alert_id},
        "software=Kassa/2 (fi)": {other.alert_id},
        "software=Kassa/2": set(),
        "place=METSON": {alert},
        f"place=metson&location={other.location.location_id}": set(),
        f"product={PRODUCT_CODES['own']}&batch=B1": {alert},
        "batch=b1": set(),
        "from=2020-05-18&until=2020-05-18": {other.alert_id},  # its day in Finland
        "until=2020-05-17": set(),
        "until=9999-12-31": {alert, other.alert_id},
        "location=99999999999&cause=none&overdue=x&from=17.5.2020": {alert, other.alert_id},
    }.items():
        async with portal.browser("operator_support", language="en") as client:
            assert await ids(client, query) == found, query
            page = (await client.get(f"/alerts?location={own.location.location_id}&cause=case_swap")).text
    assert f"Location: <strong>{own.location.name}</strong>" in page
    assert '<a class="govuk-link" href="/alerts?cause=case_swap&amp;sort=-recorded_at">Leave out' in page


async def test_nobody_filters_by_what_is_not_seen(portal, alert):
    own = portal.world.places["own"]
    elsewhere = f"location={own.location.location_id + 100}&organisation=999&equipment=999&software=X"
    async with portal.browser("mah_obp_investigator", language="en") as client:
        assert await ids(client, f"{elsewhere}&place=nowhere&company=999") == {alert}
        page = (await client.get(f"/alerts?location={own.location.location_id}")).text
        assert own.location.name not in page
        assert 'name="place"' not in page
        assert 'name="cause"' in page
    async with portal.browser("location_user", language="en") as client:
        assert await ids(client, "company=999") == {alert}
        other = portal.world.places["other"]
        page = (await client.get(f"/alerts?location={other.location.location_id}")).text
        assert other.location.name not in page
        assert alert not in page
        assert 'name="company"' not in page
