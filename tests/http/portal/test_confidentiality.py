"""Confidentiality as a table: every field of `visible_fields.csv` for every party, over every channel: pages, REST, files, mails and webhooks.

One alert of the own pharmacy holds a value that occurs nowhere else for each field, and so does what was said about it by
each side. The other pharmacy has an alert in the same case. What each channel gives to each party is read whole: a value
is in it where the table says yes, and is not where it says no. `NOT_TOLD` has what a channel does not tell although it might.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
import pytest_asyncio
from psycopg.types.json import Jsonb
from tests.conftest import TEMPLATE, MovableClock, fresh_database
from tests.http.portal.alerts import PRODUCT_CODES, RULES, STORED_SERIAL, a_photo, ask_pack, raise_alert
from tests.http.portal.world import Place, PortalClient, World, a_portal, send_form

from sinetti.alerts import cases, register, talking
from sinetti.alerts.files import Change, files_of_case, find_file
from sinetti.alerts.model import AlertFile, Doer
from sinetti.alerts.notices.telling import told_by_mail, told_by_webhook
from sinetti.alerts.photo_cases import add_photo
from sinetti.alerts.reading import read_whole
from sinetti.alerts.trail_requests import ask_country
from sinetti.alerts.view import AlertView
from sinetti.asgi import create_nmvs
from sinetti.identity import registry, secrets
from sinetti.identity.secrets import Credentials
from sinetti.kit.db import Database, Transaction
from sinetti.kit.exports import XLSX
from sinetti.kit.settings import Settings
from sinetti.portal.notice_mails import mail_of_notices
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    ClosingReason,
    InvestigationStatus,
    Notice,
    Party,
    Side,
    Sight,
)
from sinetti.rules.vocabulary import ClientRole, Language, Operation, OrganisationKind

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

PERSONS = {
    Party.END_USER_LOCATION: "location_user",
    Party.END_USER_ORGANISATION: "organisation_main_user",
    Party.OBP: "mah_obp_investigator",
    Party.MAH: "mah_obp_main_user",
    Party.OPERATOR: "operator_support",
    Party.AUTHORITY: "authority_inspector",
}
"""Who reads for each party. MAHs are with their OBP, so that both columns of the table are the company's."""
STRANGERS = ("other_location_user", "other_organisation_main_user", "other_mah_obp_main_user")
"""The other pharmacy of the case, and another company."""
SYSTEMS = {
    Party.END_USER_LOCATION: "own",
    Party.OBP: "own_obp",
    Party.MAH: "own_obp",
    Party.OPERATOR: "operator",
    Party.AUTHORITY: "authority",
}
"""Which IT system speaks for each party. None speaks for a whole organisation of end users."""


@dataclass(frozen=True)
class Mark:
    """A value that is found wherever it gets to."""

    field: str
    looks: tuple[str, ...]
    """What it looks like, in one channel or another."""
    of: Party | None = None
    """Whose it is, where `own` in the table asks for that. End users are one."""
    never: frozenset[Party] = frozenset()
    """Who does not get this one although the field is theirs: what others said to others."""


END_USERS = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION})
COMPANY = frozenset({Party.MAH, Party.OBP})
USER, MAKER, OPERATOR = Party.END_USER_LOCATION, Party.OBP, Party.OPERATOR
ELSEWHERE = Party.OTHER_OPERATOR
"""For what is of the other pharmacy: nobody's own here."""

MARKS = {
    "case_id": Mark("case_id", ('"caseId":', '"case_id":', "\ufeffAlert id,Case,")),
    "recorded_at": Mark("recorded_at", ("2015",)),
    "level": Mark("level", ('"level":5', ",5,FI,")),
    "market": Mark("market", ('"market":"FI"', ",5,FI,")),
    "kind": Mark("kind", ('"kind":"unknown_serial_number"', "serial number is not known", "nknown serial number")),
    "operation": Mark("operation", ('"operation":"verify"', "erification", "erified", "erify")),
    "operation_code": Mark("operation_code", ("41020001",)),
    "entry_mode": Mark("entry_mode", ("ENTRY-MODE",)),
    "product_code": Mark("product_code", (PRODUCT_CODES["own"],)),
    "product_name": Mark("product_name", ("PRODUCT-NAME",)),
    "sent_serial_number": Mark("sent_serial_number", ("SENT-SERIAL",)),
    "sent_batch": Mark("sent_batch", ("SENT-BATCH",)),
    "sent_expiry": Mark("sent_expiry", ("SENT-EXPIRY",)),
    "location": Mark("location", ("LOCATION-OF-IT",)),
    "organisation": Mark("organisation", ("ORGANISATION-OF-IT",)),
    "equipment": Mark("equipment", ("EQUIPMENT-OF-IT",)),
    "software": Mark("software", ("SOFTWARE-OF-IT",)),
    "earlier_place": Mark("earlier_place", ("ELSEWHERE-LOCATION",), ELSEWHERE),
    "earlier_time": Mark("earlier_time", ("2017",), ELSEWHERE),
    "contacts": Mark("contacts", ("PERSON-TO-CALL",)),
    "untold": Mark("untold", ('"untold":[{', "UNTOLD-ORGANISATION")),
    "stored_serial_number": Mark("stored_serial_number", ("STORED-SERIAL",)),
    "stored_batch": Mark("stored_batch", ("STORED-BATCH",)),
    "stored_expiry": Mark("stored_expiry", ("STORED-EXPIRY",)),
    "uploaded": Mark("uploaded", ("2016",)),
    "batches": Mark("batches", ("RECALL-REASON",)),
    "cause": Mark("cause", ('"cause":"case_swap"', "pper and lower case")),
    "confidence": Mark("confidence", ('"confidence":87', ",87,")),
    "explanation": Mark("explanation", ("pper and lower case", '"how":"all_swapped"')),
    "differences": Mark("differences", ("DIFFERENT-STORED",)),
    "status": Mark("status", ('"status":"closed"', "closed", "Closed")),
    "closing_reason": Mark("closing_reason", ('"closingReason":"other"', '"closing_reason":"other"', "other reason", "another reason")),
    "closing_comment": Mark("closing_comment", ("CLOSING-COMMENT",)),
    "outcome": Mark("outcome", ('"outcome":"', "be supplied")),
    "classification": Mark("classification", ('"classification":"', "uspicion")),
    "investigations": Mark("investigations", ('"investigationStatus":"cause_on_my_side"', '"obp":"cause_on_my_side"', "cause is on our side")),
    "deadlines": Mark("deadlines", ("2033",)),
    "history": Mark("history", ("HISTORY-COMMENT",)),
    "people of the pharmacy": Mark("people", ("PERSON-OF-USER",), USER),
    "people of the company": Mark("people", ("PERSON-OF-COMPANY",), MAKER),
    "people of the operator": Mark("people", ("PERSON-OF-OPERATOR",), OPERATOR),
    "messages": Mark("messages", ("MESSAGE-OF-USER",)),
    "messages of the company": Mark("messages", ("MESSAGE-OF-COMPANY",)),
    "messages elsewhere": Mark("messages", ("MESSAGE-ELSEWHERE",), never=END_USERS),
    "notes of the pharmacy": Mark("notes", ("NOTE-OF-USER",), USER),
    "notes of the company": Mark("notes", ("NOTE-OF-COMPANY",), MAKER),
    "notes of the operator": Mark("notes", ("NOTE-OF-OPERATOR",), OPERATOR),
    "pack_trail": Mark("pack_trail", ("TRAIL-LOCATION",), ELSEWHERE),
    "trail_read": Mark("pack_trail", ("GROUND-OF-READING",), ELSEWHERE),
    "trail_requests": Mark("trail_requests", ("WHY-ASKED-ABROAD",)),
    "set_aside": Mark("set_aside", ("SHELF-OF-USER", "packs-set-aside/", "set-aside/1"), USER),
    "photos": Mark("photos", ("PHOTO-ID",)),
}  # fmt: skip

OF_ONE = {
    "untold", "contacts", "uploaded", "batches", "explanation", "differences", "deadlines", "history", "people of the pharmacy",
    "people of the company", "people of the operator", "messages", "messages of the company", "messages elsewhere",
    "notes of the pharmacy", "notes of the company", "notes of the operator", "pack_trail", "trail_read", "trail_requests",
    "set_aside", "photos",
}  # fmt: skip
"""What only a single alert has, and no list or file."""
NOT_TOLD = {
    "page": {"case_id", "level", "market", "confidence"},
    "rest": set[str](),
    "export": OF_ONE,
    "file": OF_ONE,
    "mail": set(MARKS) - {"kind", "product_name", "location"},
    "webhook": {
        "batches",
        "untold",
        "explanation",
        "contacts",
        "trail_requests",
        "history",
        "people of the pharmacy",
        "people of the company",
        "people of the operator",
        "messages",
        "messages of the company",
        "messages elsewhere",
        "notes of the pharmacy",
        "notes of the company",
        "notes of the operator",
        "pack_trail",
        "trail_read",
        "set_aside",
        "photos",
    },
}
"""What a channel does not tell although it may."""


@dataclass
class Told:
    """What each channel gives to each reader, whole."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    alert_id: str = ""


def url_of(server) -> Iterator[str]:
    yield from fresh_database(server, TEMPLATE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(server, tmp_path_factory) -> AsyncIterator[Told]:
    """One world for all: the alert with its values, and what was read of it in every channel."""
    clock = MovableClock(NOW)
    for database_url in url_of(server):
        home = tmp_path_factory.mktemp("portal")
        async with (
            await Database.open(database_url, pool_max=4) as database,
            a_portal(database_url, database, clock, home) as portal,
        ):
            made = Told()
            file, photo_id = await plant(portal.world)
            made.alert_id = file.reference
            systems = await add_systems(portal.world)
            await read_pages(portal, made)
            await read_notices(portal.world, made)
            nmvs = create_nmvs(Settings(database_url=database_url, log_level="ERROR"), clock=clock)
            async with nmvs.running():
                await read_interface(httpx.ASGITransport(app=nmvs), systems, made)
            made.texts = {key: text.replace(str(photo_id), "PHOTO-ID") for key, text in made.texts.items()}
            yield made


async def plant(world: World) -> tuple[AlertFile, object]:
    """The alert with a value of its own for each field, in one case with an alert of the other pharmacy."""
    async with world.database.transaction() as tx:
        # As the national system's housekeeping does before the month begins.
        await tx.execute("SELECT ensure_pack_event_month(%s)", (NOW,))
    alert_id = await raise_alert(world, "own", serial_number=STORED_SERIAL.swapcase())
    await ask_pack(
        world, "other", Operation.VERIFY, STORED_SERIAL.swapcase(), product_code=PRODUCT_CODES["own"]
    )
    async with world.database.transaction() as tx:
        file = await find_file(tx, alert_id)
        assert file is not None
        (other,) = [one for one in await files_of_case(tx, file.case) if one.key != file.key]
        assert other.location_id == world.places["other"].location.location_id
        doers = _doers(world)
        say = {who: Change(rules=RULES, doer=doer, now=NOW) for who, doer in doers.items()}
        for who in ("USER", "COMPANY", "OPERATOR"):
            assert isinstance(await talking.add_note(tx, say[who], alert_id, f"NOTE-OF-{who}"), int)
            assert isinstance(await talking.send_message(tx, say[who], alert_id, f"MESSAGE-OF-{who}"), int)
        assert isinstance(
            await talking.send_message(tx, say["ELSEWHERE"], other.reference, "MESSAGE-ELSEWHERE"), int
        )
        assert isinstance(
            await register.set_pack_aside(tx, say["USER"], alert_id, place="SHELF-OF-USER"), int
        )
        photo = await add_photo(tx, say["USER"], file, a_photo())
        ours = InvestigationStatus.CAUSE_ON_MY_SIDE
        await cases.investigate(tx, say["COMPANY"], alert_id, Side.OBP, ours)
        await cases.investigate(tx, say["USER"], alert_id, Side.END_USER, ours, comment="HISTORY-COMMENT")
        assert isinstance(
            await ask_country(tx, say["OPERATOR"], alert_id, "SE", "WHY-ASKED-ABROAD", market="FI"), int
        )
        assert not isinstance(
            await cases.note_trail_read(tx, say["OPERATOR"], alert_id, "GROUND-OF-READING"), str
        )
        await cases.change_status(
            tx,
            say["OPERATOR"],
            alert_id,
            AlertStatus.CLOSED,
            reason=ClosingReason.OTHER,
            comment="CLOSING-COMMENT",
        )
        await _write_values(tx, world, file)
        planted = await find_file(tx, alert_id)
        assert planted is not None
    return planted, photo


def _doers(world: World) -> dict[str, Doer]:
    """Who says and does something: the own pharmacy, its company, the operator, and the other pharmacy of the case."""
    people, places = world.people, world.places

    def user(whose: str, name: str, person: str) -> Doer:
        place = places[whose]
        return Doer(
            party=Party.END_USER_LOCATION,
            user_id=people[person],
            user_name=name,
            organisation_id=place.organisation.organisation_id,
            location_ids=(place.location.location_id,),
        )

    return {
        "USER": user("own", "PERSON-OF-USER", "location_user"),
        "ELSEWHERE": user("other", "PERSON-ELSEWHERE", "other_location_user"),
        "COMPANY": Doer(
            party=Party.OBP,
            user_id=people["mah_obp_investigator"],
            user_name="PERSON-OF-COMPANY",
            organisation_id=places["own_obp"].organisation.organisation_id,
        ),
        "OPERATOR": Doer(
            party=Party.OPERATOR, user_id=people["operator_support"], user_name="PERSON-OF-OPERATOR"
        ),
    }


WRITTEN = (
    """
    UPDATE alert_file SET serial_number = 'SENT-SERIAL', batch = 'SENT-BATCH', expiry = 'SENT-EXPIRY',
           entry_mode = 'ENTRY-MODE', user_agent = 'SOFTWARE-OF-IT', earlier_location_id = %(elsewhere)s,
           earlier_at = '2017-04-19T09:41:00Z', recorded_at = '2015-04-19T09:41:00Z', cause = 'case_swap', confidence = 87
     WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)
    """,
    """
    INSERT INTO alert_analysis (product_id, event_number, analysed_at, rules_version, analysis)
    VALUES (%(product_id)s, %(event_number)s, now(), 'x', %(analysis)s)
    """,
    """
    UPDATE alert_deadline SET due_at = '2033-04-19T09:41:00Z', met_at = NULL
     WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)
    """,
    """
    UPDATE product SET name = 'PRODUCT-NAME'
     WHERE product_id = %(product_id)s
    """,
    """
    UPDATE location SET name = 'LOCATION-OF-IT'
     WHERE location_id = %(own)s
    """,
    """
    INSERT INTO location_details (location_id, contact_name, state_at) VALUES (%(own)s, 'PERSON-TO-CALL', now())
        ON CONFLICT (location_id) DO UPDATE SET contact_name = 'PERSON-TO-CALL'
    """,
    """
    WITH untold AS (INSERT INTO organisation (name, kind) VALUES ('UNTOLD-ORGANISATION', 'pharmacy')
                    RETURNING organisation_id)
    INSERT INTO alert_notice (product_id, event_number, notice, party, organisation_id, made_at, handed_over_at, told_nobody)
    SELECT %(product_id)s, %(event_number)s, 'alert_raised', 'obp', organisation_id, now(), now(), true FROM untold
    """,
    """
    UPDATE location SET name = 'TRAIL-LOCATION'
     WHERE location_id = %(other)s
    """,
    """
    UPDATE organisation SET name = 'ORGANISATION-OF-IT'
     WHERE organisation_id = %(organisation)s
    """,
    """
    UPDATE client_equipment SET name = 'EQUIPMENT-OF-IT'
     WHERE equipment_id = %(equipment)s
    """,
    """
    INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min, serial_length_max, serial_format,
                       recalled_at, recall_reason)
    VALUES (%(product_id)s, 'STORED-BATCH', '301231', now(), 7, 8, 8, 1, now(), 'RECALL-REASON')
    """,
    """
    INSERT INTO upload (product_id, batch_id, content_sha256, pack_count, organisation_id, transaction_id, recorded_at)
    SELECT product_id, batch_id, sha256('x'), 7, 1, gen_random_uuid(), '2016-04-19T09:41:00Z' FROM batch
     WHERE product_id = %(product_id)s AND batch = 'STORED-BATCH'
    """,
)
"""What no use case lets a test choose."""


async def _write_values(tx: Transaction, world: World, file: AlertFile) -> None:
    """What no use case lets a test choose, written where the program reads it."""
    own, other = world.places["own"], world.places["other"]
    elsewhere = await registry.add_location(
        tx, organisation_id=other.organisation.organisation_id, name="ELSEWHERE-LOCATION", now=NOW
    )
    values = {
        "product_id": file.key.product_id,
        "event_number": file.key.event_number,
        "elsewhere": elsewhere.location_id,
        "own": own.location.location_id,
        "other": other.location.location_id,
        "organisation": own.organisation.organisation_id,
        "equipment": own.equipment.equipment_id,
        "analysis": Jsonb(
            {
                "hypotheses": [
                    {
                        "cause": "case_swap",
                        "rule": "R01",
                        "evidence": [],
                        "corrected": {
                            "serial_number": "STORED-SERIAL",
                            "batch": "STORED-BATCH",
                            "expiry": "STORED-EXPIRY",
                        },
                        "differences": [
                            {
                                "field": "serial_number",
                                "how": "all_swapped",
                                "values": {},
                                "sent": "SENT-SERIAL",
                                "stored": "DIFFERENT-STORED",
                                "spans": [],
                            }
                        ],
                    }
                ]
            }
        ),
    }
    for statement in WRITTEN:
        await tx.execute(statement, values)


async def add_systems(world: World) -> dict[str, Credentials]:
    """Credentials of an IT system for each party: new ones, so that their names are not those of the alert."""
    made = {}
    async with world.database.transaction() as tx:
        for name, kind in (
            ("operator", OrganisationKind.OPERATOR),
            ("authority", OrganisationKind.AUTHORITY),
        ):
            organisation = await registry.add_organisation(tx, name=name, kind=kind, now=NOW)
            location = await registry.add_location(
                tx, organisation_id=organisation.organisation_id, name=name, now=NOW
            )
            world.places[name] = Place(organisation, location, world.places["own"].equipment)
        for name, place in world.places.items():
            credentials = secrets.new_credentials("FI")
            await registry.add_equipment(
                tx,
                location_id=place.location.location_id,
                name=f"System of {name}",
                role=ClientRole.FULL_ACCESS,
                credentials=credentials,
                now=NOW,
            )
            made[name] = credentials
    return made


async def read_pages(portal: PortalClient, told: Told) -> None:
    """The list, also as both files, the page of the alert, and the trail of its pack, as each reader's browser gets them."""
    for person in {*PERSONS.values(), *STRANGERS}:
        async with portal.browser(person, language="en") as client:
            listed = await client.get("/alerts?status=any")
            one = await client.get(f"/alerts/{told.alert_id}")
            csv = await client.get("/alerts/alerts.csv?status=any")
            workbook = await client.get("/alerts/alerts.xlsx?status=any")
            form = await client.get(f"/alerts/{told.alert_id}/trail")
            assert "TRAIL-LOCATION" not in form.text, "the trail before the ground"
            trail = await send_form(client, f"/alerts/{told.alert_id}/trail", listed.text, purpose="a")
        assert (trail.status_code == 200) is (person in {"operator_support", "authority_inspector"}), person
        assert (listed.status_code, one.status_code) == (200, 404 if person in STRANGERS else 200), person
        with zipfile.ZipFile(io.BytesIO(workbook.content)) as book:
            told.texts["file", person] = csv.text + book.read("xl/worksheets/sheet1.xml").decode()
        # The frame tells readers their own name and place; what is random might look like anything.
        pages = [page.text.partition("<main")[2] for page in (listed, one, form, trail)]
        told.texts["page", person] = re.sub(r'csrf_token" value="[^"]+"', "", "".join(pages))


async def read_notices(world: World, told: Told) -> None:
    """Every notice there is about the alert, as a mail to each party and as a webhook to its systems."""
    doers = _doers(world)
    own = world.places["own"]
    readers = {
        Party.END_USER_LOCATION: doers["USER"],
        Party.END_USER_ORGANISATION: Doer(
            party=Party.END_USER_ORGANISATION,
            user_id=world.people["organisation_main_user"],
            organisation_id=own.organisation.organisation_id,
        ),
        Party.OBP: doers["COMPANY"],
        Party.MAH: msgspec.structs.replace(doers["COMPANY"], party=Party.MAH),
        Party.OPERATOR: doers["OPERATOR"],
        Party.AUTHORITY: Doer(party=Party.AUTHORITY, user_id=world.people["authority_inspector"]),
    }
    rules = RULES.alerts
    for party, doer in readers.items():
        async with world.database.transaction() as tx:
            file = await find_file(tx, told.alert_id)
            assert file is not None
            whole = await read_whole(tx, "FI", doer, file, with_trail=True)
        mails = [
            mail_of_notices(
                rules,
                Language.EN,
                "https://portal.test",
                [told_by_mail(rules, doer, whole, notice, NOW)],
                help_address="https://nmvs.test",
            )
            for notice in Notice
        ]
        bodies = [told_by_webhook(rules, doer, whole, notice, NOW) for notice in Notice]
        told.texts["mail", party] = msgspec.json.encode(mails).decode()
        told.texts["webhook", party] = msgspec.json.encode(bodies).decode()


async def read_interface(transport: httpx.ASGITransport, systems: dict[str, Credentials], told: Told) -> None:
    """The list, the alert, its trail where it may be had, and both files, as each system gets them."""
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={"Accept-Language": "en"}
    ) as client:
        for name, credentials in systems.items():
            form = {
                "grant_type": "client_credentials",
                "client_id": credentials.client_id,
                "client_secret": credentials.client_secret,
            }
            token = (await client.post("/identity/connect/token", data=form)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            path = f"/ams/alerts/{told.alert_id}"
            answers = [
                await client.get("/ams/alerts?status=any", headers=headers),
                await client.get(path, headers=headers),
                await client.post(f"{path}/trail", headers=headers, json={"ground": "test"}),
            ]
            assert (answers[1].status_code == 404) is name.startswith("other"), name
            told.texts["rest", name] = "".join(answer.text for answer in answers)
            export = "/ams/alerts/export?status=any"
            csv = await client.get(export, headers=headers)
            workbook = await client.get(export, headers=headers | {"Accept": XLSX})
            with zipfile.ZipFile(io.BytesIO(workbook.content)) as book:
                sheet = book.read("xl/worksheets/sheet1.xml").decode()
            told.texts["export", name] = csv.text + sheet


def is_to_be_seen(mark: Mark, party: Party) -> bool:
    """What the table says, reckoned once more and not by the program."""
    sight = RULES.alerts.sights[mark.field][party]
    own = {USER: END_USERS, MAKER: COMPANY, OPERATOR: {OPERATOR}}.get(mark.of or ELSEWHERE, set())
    return party not in mark.never and (sight is Sight.YES or (sight is Sight.OWN and party in own))


def test_every_field_has_its_value():
    assert {mark.field for mark in MARKS.values()} == set(AlertView.__struct_fields__) - {"alert_id"} | {
        "people"
    }


READERS = [
    *((channel, party, person) for channel in ("page", "file") for party, person in PERSONS.items()),
    *((channel, party, system) for channel in ("rest", "export") for party, system in SYSTEMS.items()),
    *((channel, party, party) for channel in ("mail", "webhook") for party in PERSONS),
]


@pytest.mark.parametrize(("channel", "party", "reader"), READERS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_channel_tells_a_party_what_the_table_says_and_nothing_else(told, channel, party, reader):
    text = told.texts[channel, reader]
    seen = {name for name, mark in MARKS.items() if any(look in text for look in mark.looks)}
    entitled = {name for name, mark in MARKS.items() if is_to_be_seen(mark, party)}
    assert seen - entitled == set(), "told, and not to be known"
    assert entitled - seen - NOT_TOLD[channel] == set(), "to be known, and not told"
    assert told.alert_id in text


@pytest.mark.parametrize(
    ("channel", "reader"),
    [
        *((channel, person) for channel in ("page", "file") for person in STRANGERS),
        *((channel, system) for channel in ("rest", "export") for system in ("other", "other_obp")),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_the_others_of_the_case_and_other_companies_learn_nothing(told, channel, reader):
    """The other pharmacy's own alert is about the same product and of the same kind; that much they have in common."""
    values = [
        look
        for mark in MARKS.values()
        for look in mark.looks
        if re.fullmatch("[A-Z]+(-[A-Z]+)+|20[0-9]{2}", look)
    ]
    text = told.texts[channel, reader]
    common = {"PRODUCT-NAME", "TRAIL-LOCATION", "MESSAGE-ELSEWHERE"}
    assert [look for look in values if look in text and look not in common] == []
    assert told.alert_id not in text.replace(f"There is no alert {told.alert_id}", "").replace(
        f'"alertId":"{told.alert_id}"', ""
    )
