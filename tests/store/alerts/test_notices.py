"""Notices reach people and systems: once, never lost, gathered, and with nothing that the reader may not see."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest
from tests.store.alerts.people import Readers, text_of
from tests.store.alerts.test_cases import do
from tests.store.alerts.world import World

from sinetti.alerts import cases, talking, teams
from sinetti.alerts.deadlines import tell_of_deadlines
from sinetti.alerts.model import AlertFile
from sinetti.alerts.notices import handing
from sinetti.alerts.notices.telling import Told
from sinetti.alerts.reading import read_view
from sinetti.mail.content import as_html, as_text
from sinetti.portal.notice_mails import mail_of_notices
from sinetti.rules.alerts.vocabulary import AlertStatus, Classification, Notice
from sinetti.rules.vocabulary import Language
from sinetti.webhooks.messages import messages_after, tell


@pytest.fixture
async def readers(world, home) -> Readers:
    made = Readers(world, home)
    await made.set_up()
    return made


async def messages(world) -> list[Any]:
    async with world.database.transaction() as tx:
        return await messages_after(tx, world.obp, 0)


async def test_many_alerts_are_one_mail_for_each_of_those_who_hear_and_a_message_each_for_the_obp(
    world, readers
):
    for number in range(30):
        await world.alert("A", "verify", f"UNKNOWN{number}")
    assert await readers.told() == {}
    told = await readers.told(minutes=10)
    assert {name: len(mails) for name, mails in told.items()} == {
        "user": 1, "main": 1, "obp-main": 1, "investigator": 1,
    }  # fmt: skip
    text = text_of(told["user"][0])
    assert "30 alerts" in text
    assert "10 other alerts" in text
    assert "Location A" in text
    assert "Location A" not in text_of(told["investigator"][0])
    assert "UNKNOWN1" not in "".join(text_of(mail) for mails in told.values() for mail in mails)
    assert {message.kind for message in await messages(world)} == {"alert.raised"}
    assert len(await messages(world)) == 30
    morning = await readers.told(hours=24)
    assert list(morning) == ["administrator"]
    assert await readers.told(hours=48) == {}


async def addresses(world: World, *, location: str | None, organisation: str | None) -> None:
    """The contact addresses of location B and of its organisation, where nobody can sign in any more."""
    of = world.callers["B"]
    async with world.database.transaction() as tx:
        await tx.execute(
            "UPDATE person SET password_hash = NULL WHERE organisation_id = %s", (of.organisation_id,)
        )
        await tx.execute(
            "INSERT INTO location_details (location_id, contact_email, languages, state_at)"
            " VALUES (%s, %s, '{sv,fi}', now())",
            (of.location_id, location),
        )
        await tx.execute(
            "INSERT INTO organisation_details (organisation_id, contact_email) VALUES (%s, %s)",
            (of.organisation_id, organisation),
        )


async def untold(world: World, file: AlertFile, who: str = "operator") -> list[str]:
    async with world.database.transaction() as tx:
        view = await read_view(tx, world.country.rules.alerts, "FI", world.doer(who), file)
    return [] if view.untold is msgspec.UNSET else [one.name for one in view.untold]


@pytest.mark.parametrize(
    ("location", "organisation", "gets"),
    [("shelf@example.org", "office@example.org", "shelf"), (None, "office@example.org", "office")],
)
async def test_where_nobody_can_sign_in_the_contact_address_hears_gathered_in_its_language(
    world, readers, location, organisation, gets
):
    await addresses(world, location=location, organisation=organisation)
    file = await world.alert("B", "verify", "UNKNOWN1")
    await world.alert("B", "verify", "UNKNOWN2")
    told = await readers.told(minutes=10)
    (mail,) = told[gets]
    text = text_of(mail)
    assert "Nytt larm" in text, "in the first language of the location"
    assert "Location B" in text
    assert "kontaktadress" in text
    assert "UNKNOWN1" not in text
    assert await untold(world, file) == []
    assert gets not in await readers.told(hours=48), "once"


async def test_where_no_address_is_there_either_the_operator_sees_that_nobody_was_told(world, readers):
    await addresses(world, location=None, organisation=" ")
    file = await world.alert("B", "verify", "UNKNOWN1")
    other = await world.alert("A", "verify", "UNKNOWN2")
    told = await readers.told(minutes=10)
    assert set(told) == {"user", "main", "obp-main", "investigator"}
    assert await untold(world, file) == ["Location B"]
    assert await untold(world, file, "obp") == [], "a company does not learn where it was"
    assert await untold(world, other) == []


async def test_an_address_that_was_taken_away_before_the_mail_is_noted_too(world, readers):
    await addresses(world, location="shelf@example.org", organisation=None)
    file = await world.alert("B", "verify", "UNKNOWN1")
    await readers.hand_over()
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE location_details SET contact_email = NULL")
    world.clock.move(minutes=10)
    await readers.mail()
    assert "shelf" not in await readers.sent()
    assert await untold(world, file) == ["Location B"]
    assert await world.rows("SELECT * FROM notice_for_contact") == []


async def test_a_message_to_the_obp_has_what_its_portal_page_shows_and_no_place(world, readers):
    file = await world.alert("A", "verify", "UNKNOWN1")
    await do(world, "A", talking.send_message, file.alert_id, "Here is what we saw.")
    await readers.hand_over()
    raised, said = await messages(world)
    assert raised.body["alert"]["sentSerialNumber"] == "UNKNOWN1"
    assert said.kind == "alert.message_sent"
    assert said.body["message"]["body"] == "Here is what we saw."
    wire = msgspec.json.encode([one.body for one in (raised, said)]).decode()
    for secret in ("Location A", "Equipment A", "PharmacySystem", "Person of A"):
        assert secret not in wire


async def test_a_confirmed_falsification_is_told_at_once_and_the_authority_hears_of_nothing_else(
    world, readers
):
    file = await world.alert("A", "verify", "UNKNOWN1")
    await do(world, "operator", cases.classify, file.alert_id, Classification.SUSPICION, comment="odd")
    suspicion = await readers.told()
    assert "inspector" not in suspicion
    await do(
        world,
        "operator",
        cases.classify,
        file.alert_id,
        Classification.CONFIRMED_FALSIFICATION,
        comment="sure",
    )
    told = await readers.told()
    assert text_of(told["inspector"][0]).startswith("A falsification has been confirmed: Example 10 mg")
    assert {"user", "main", "obp-main", "investigator", "inspector"} <= set(told)
    assert "elsewhere" not in told


async def test_what_is_rolled_back_is_handed_over_later_and_once_and_two_workers_share_it(
    world, readers, monkeypatch
):
    for number in range(12):
        await world.alert("A", "verify", f"UNKNOWN{number}")

    async def crash(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("sinetti.alerts.notices.handing.tell", crash)
    await readers.hand_over()
    assert await messages(world) == []
    assert (
        len(await world.rows("SELECT 1 FROM alert_notice WHERE handed_over_at IS NULL AND party = 'obp'"))
        == 12
    )
    monkeypatch.setattr("sinetti.alerts.notices.handing.tell", tell)
    world.clock.move(seconds=11)

    async def worker() -> int:
        handed = 0
        while more := await handing.hand_over_portion(
            world.database, world.country, world.clock(), at_once=2
        ):
            handed += more
        return handed

    assert sum(await asyncio.gather(worker(), worker(), worker())) == 12
    assert len(await messages(world)) == 12
    world.clock.move(minutes=20)
    await asyncio.gather(readers.mail(), readers.mail())
    assert {name: len(mails) for name, mails in (await readers.sent()).items()}["user"] == 1


async def test_teams_share_out_the_mail_and_main_users_hear_where_no_team_does(world, readers):
    async with world.database.transaction() as tx:
        team = await teams.make_team(tx, world.obp, "Nordic", ["FI"])
        assert isinstance(team, int)
        await teams.set_members(tx, world.obp, team, [readers.ids["investigator"]])
    await world.alert("A", "verify", "UNKNOWN1")
    await readers.hand_over()
    told = await readers.told(minutes=10)
    assert "investigator" in told
    assert "obp-main" not in told
    async with world.database.transaction() as tx:
        await teams.change_team(tx, world.obp, team, "Nordic", ["SE"])
    await world.alert("A", "verify", "UNKNOWN2")
    await readers.hand_over()
    told = await readers.told(minutes=10)
    assert "obp-main" in told
    assert "investigator" not in told


async def test_whoever_has_left_the_location_meanwhile_is_not_told(world, readers):
    await world.alert("A", "verify", "UNKNOWN1")
    await readers.hand_over()
    async with world.database.transaction() as tx:
        await tx.execute("DELETE FROM person_location WHERE user_id = %s", (readers.ids["user"],))
    assert set(await readers.told(minutes=10)) == {"main", "obp-main", "investigator"}


async def test_a_transaction_with_many_notices_asks_for_one_hand_over(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    asked = "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'hand_over_notices'"
    before = len(await world.rows(asked))
    await do(world, "operator", cases.change_status, file.alert_id, AlertStatus.ESCALATED, comment="odd")
    assert (before, len(await world.rows(asked))) == (1, 2)


async def test_somebody_hears_as_chosen_and_always_at_once_of_a_suspicion(world, readers):
    async with world.database.transaction() as tx:
        for name, group, pace in (
            ("investigator", "alerts", "none"),
            ("investigator", "suspicions", "none"),
            ("obp main", "alerts", "at_once"),
            ("user", "alerts", "daily"),
        ):
            await tx.execute(
                "INSERT INTO notice_choice VALUES (%s, %s, %s)", (readers.ids[name], group, pace)
            )
    file = await world.alert("A", "verify", "UNKNOWN1")
    assert set(await readers.told()) == {"obp-main"}
    assert set(await readers.told(minutes=10)) == {"main"}
    await do(world, "operator", cases.classify, file.alert_id, Classification.SUSPICION, comment="odd")
    assert {"investigator", "obp-main"} <= set(await readers.told())
    assert "user" in await readers.told(hours=24)


async def test_whoever_does_not_answer_is_reminded_after_48_hours_and_5_days_and_each_time_once(
    world, readers
):
    """A question's life, an hour at a time: what the location's people get, in their languages, and when."""
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'sv' WHERE user_id = %s", (readers.ids["main"],))
        await tx.execute("UPDATE person SET language = 'fi' WHERE user_id = %s", (readers.ids["user"],))
    file = await world.alert("A", "verify", "UNKNOWN1")
    await do(world, "obp", talking.send_message, file.alert_id, "Is Caps Lock on?")
    await readers.told(minutes=30)
    asked_at = world.clock()
    reminded: dict[str, list[tuple[int, EmailMessage]]] = {"user": [], "main": []}
    for _ in range(24 * 8):
        async with world.database.transaction() as tx:
            await tell_of_deadlines(tx, world.country.rules, world.clock())
        for name, mails in (await readers.told(hours=1)).items():
            hour = round((world.clock() - asked_at).total_seconds() / 3600)
            if name in reminded:
                reminded[name] += [(hour, mail) for mail in mails]
        if world.clock() - asked_at == timedelta(hours=125):
            await do(world, "A", talking.send_message, file.alert_id, "It was.")
    for name, language in (("user", Language.FI), ("main", Language.SV)):
        reminder = world.country.rules.alerts.words[language]("notice", Notice.ANSWER_REMINDER)
        said = [(hour, mail) for hour, mail in reminded[name] if reminder in text_of(mail)]
        assert [hour for hour, _ in said] == [49, 121], "with what gathers, and nothing after the answer"
        assert all(file.alert_id in text_of(mail) for _, mail in said)
        assert {part.get_content_type() for part in said[0][1].walk()} >= {"text/plain", "text/html"}


async def test_a_mail_of_deviations_alone_leads_to_no_list_that_lacks_them(world):
    told = Told(
        notice=Notice.DEVIATION_RAISED,
        made_at=world.clock(),
        alert_id=None,
        kind=None,
        product_name=None,
        location_name=None,
    )
    for language in Language:
        mail = mail_of_notices(
            world.country.rules.alerts,
            language,
            "https://portal.test",
            [told, told],
            help_address="https://n.test",
        )
        assert mail.link is None
        assert "exceptions audit trail" in mail.paragraphs[0]
        assert "2" in mail.paragraphs[0]


async def test_a_mail_leads_to_the_help_page_of_what_the_system_had_answered(world):
    told = [
        Told(
            notice=Notice.ALERT_RAISED,
            made_at=world.clock(),
            alert_id=f"FI-{number}",
            kind=None,
            product_name=None,
            location_name=None,
            operation_code=code,
        )
        for number, code in enumerate(["41020011", "51220200", "41020011"])
    ]
    for language, says in ((Language.EN, "What 41020011 means"), (Language.FI, "Mitä 41020011 tarkoittaa")):
        mail = mail_of_notices(
            world.country.rules.alerts,
            language,
            "https://portal.test",
            told,
            help_address="https://nmvs.test",
        )
        assert [link.address for link in mail.more] == [
            f"https://nmvs.test/codes/{code}?lang={language}#steps" for code in ("41020011", "51220200")
        ]
        for text in (as_text(mail), as_html(mail, language)):
            assert says in text
            assert f"https://nmvs.test/codes/51220200?lang={language}#steps" in text
