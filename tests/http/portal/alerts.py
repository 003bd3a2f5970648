"""Alerts of the portal's country: each raised by a real operation, and taken over as the worker does."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from PIL import Image
from tests.http.portal.world import Place, World

from sinetti.alerts import sales_holds, teams
from sinetti.alerts.analysis import analyser_of
from sinetti.alerts.files import Change, find_file
from sinetti.alerts.intake import analyse_waiting, take_in
from sinetti.alerts.model import Doer
from sinetti.alerts.photo_cases import add_photo
from sinetti.alerts.register import set_pack_aside
from sinetti.alerts.trail_requests import ask_country, take_trail_step
from sinetti.gs1.charset import character_classes
from sinetti.identity.model import Caller
from sinetti.kit.db import Transaction
from sinetti.kit.ids import new_transaction_text
from sinetti.nmvs.model import Outcome, PackRequest
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.nmvs.trail import find_product
from sinetti.rules.alerts.vocabulary import Party, TrailRequestStep
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import ClientRole, Language, Operation, OrganisationKind, PackState

RULES = load_rules("FI")
PRODUCT_CODES = {"own": "06412345678907", "other": "09520640000013"}
STORED_SERIAL = "AbCdEfGh"
BATCH, EXPIRY = "B1", "301231"
_REQUESTED = {Operation.SUPPLY: PackState.SUPPLIED, Operation.REACTIVATE: PackState.ACTIVE}


async def raise_alerts(world: World) -> None:
    """One alert of the own pharmacy on a product of the own company, and one of the other on the other's."""
    for whose, product_code in PRODUCT_CODES.items():
        alert_id = await raise_alert(
            world, whose, serial_number=STORED_SERIAL.swapcase(), product_code=product_code
        )
        photo_id = str(await _photograph(world, alert_id))
        for place in (world.places[whose], world.places[f"{whose}_obp"]):
            place.alert_id, place.photo_id = alert_id, photo_id


async def set_packs_aside(world: World) -> None:
    """The packs of the alerts are set aside, each by the user of its location."""
    for whose, user in (("own", "location_user"), ("other", "other_location_user")):
        place = world.places[whose]
        doer = Doer(
            party=Party.END_USER_LOCATION,
            user_id=world.people[user],
            user_name=f"{whose} location user",
            organisation_id=place.organisation.organisation_id,
            location_ids=(place.location.location_id,),
        )
        async with world.database.transaction() as tx:
            change = Change(rules=RULES, doer=doer, now=world.clock())
            number = await set_pack_aside(tx, change, place.alert_id, place="own shelf 2")
            file = await find_file(tx, place.alert_id)
        assert isinstance(number, int)
        assert file is not None
        place.set_aside = (file.key.product_id, number)


async def make_teams(world: World) -> None:
    """A team of each organisation, with one of its people, and one of the operator."""
    async with world.database.transaction() as tx:
        for key, place in world.places.items():
            owner = place.organisation.organisation_id
            team = await teams.make_team(tx, owner, f"{key} team".replace("_", " "), ["FI"])
            assert isinstance(team, int)
            await teams.set_members(tx, owner, team, [place.user_id])
            place.team_id = team
        team = await teams.make_team(tx, None, "own team of the operator", ["FI"])
        assert isinstance(team, int)
        await teams.set_members(
            tx, None, team, [world.people["operator_administrator"], world.people["operator_support"]]
        )


async def hold_batches(world: World) -> None:
    """Each company asks for a sales hold of its batch, as if the pharmacy were its only wholesaler."""
    for whose, product_code in PRODUCT_CODES.items():
        company, place = world.places[f"{whose}_obp"], world.places[whose]
        doer = Doer(
            party=Party.OBP,
            user_id=world.people["mah_obp_investigator"],
            user_name=f"{whose} mah obp investigator",
            organisation_id=company.organisation.organisation_id,
        )
        async with world.database.transaction() as tx:
            product = await find_product(tx, product_code)
            assert product is not None
            change = Change(rules=RULES, doer=doer, now=world.clock())
            await _be(tx, place, "wholesaler")
            hold_id = await sales_holds.ask(
                tx,
                change,
                product_id=product.product_id,
                batch=BATCH,
                reason="own batch is looked at",
                event_number=None,
            )
            await _be(tx, place, "pharmacy")
        assert isinstance(hold_id, int)
        company.hold_id = place.hold_id = hold_id


async def _be(tx: Transaction, place: Place, kind: str) -> None:
    await tx.execute(
        "UPDATE organisation SET kind = %s WHERE organisation_id = %s",
        (kind, place.organisation.organisation_id),
    )


async def ask_abroad(world: World) -> None:
    """The operator has asked two countries about the own pharmacy's pack, and one has answered."""
    doer = Doer(
        party=Party.OPERATOR, user_id=world.people["operator_support"], user_name="own operator support"
    )
    change = Change(rules=RULES, doer=doer, now=world.clock())
    alert_id = world.places["own"].alert_id
    async with world.database.transaction() as tx:
        await ask_country(tx, change, alert_id, "SE", "own question", market="FI")
        asked = await ask_country(tx, change, alert_id, "DE", "own question", market="FI")
        assert isinstance(asked, int)
        await take_trail_step(tx, change, alert_id, asked, TrailRequestStep.ANSWER, "own answer")


async def refuse_reactivation(world: World) -> None:
    """The own pharmacy's system wanted its pack back later than it may: a refusal without an alert."""
    long_ago = world.clock() - timedelta(days=11)
    await ask_pack(replace(world, clock=lambda: long_ago), "own", Operation.SUPPLY)
    await ask_pack(world, "own", Operation.REACTIVATE)


@cache
def a_photo() -> bytes:
    """A small picture without a code."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "JPEG")
    return file.getvalue()


async def _photograph(world: World, alert_id: str) -> UUID:
    async with world.database.transaction() as tx:
        file = await find_file(tx, alert_id)
        assert file is not None
        change = Change(
            rules=RULES, doer=Doer(party=Party.OPERATOR, user_id=1, user_name="x"), now=world.clock()
        )
        added = await add_photo(tx, change, file, a_photo())
    assert isinstance(added, UUID)
    return added


async def raise_alert(
    world: World,
    whose: str,
    *,
    serial_number: str,
    product_code: str | None = None,
    entry_mode: str = "non-manual",
) -> str:
    """The id of an alert of a pharmacy: `serial_number` must be one that is not stored."""
    outcome = await ask_pack(
        world, whose, Operation.VERIFY, serial_number, product_code=product_code, entry_mode=entry_mode
    )
    assert outcome.alert_id is not None, outcome.decision.code.code
    return outcome.alert_id


async def ask_pack(
    world: World,
    whose: str,
    operation: Operation,
    serial_number: str = STORED_SERIAL,
    *,
    product_code: str | None = None,
    entry_mode: str = "non-manual",
    batch: str = BATCH,
    expiry: str = EXPIRY,
    is_taken_over: bool = True,
) -> Outcome:
    """What the system answers to a pharmacy, with its alerts taken over as the worker does, if they are to be."""
    product_code = product_code or PRODUCT_CODES[whose]
    place = world.places[whose]
    country = Country(market="FI", rules=RULES, zone=ZoneInfo("Europe/Helsinki"))
    async with world.database.transaction() as tx:
        await _upload(tx, world, world.places[f"{whose}_obp"].organisation.organisation_id, product_code)
        request = PackRequest(
            caller=Caller(
                equipment_id=place.equipment.equipment_id,
                location_id=place.location.location_id,
                organisation_id=place.organisation.organisation_id,
                organisation_kind=OrganisationKind.PHARMACY,
                client_role=ClientRole.FULL_ACCESS,
            ),
            operation=operation,
            requested_state=_REQUESTED.get(operation),
            scheme="gs1",
            product_code=product_code,
            serial_number=serial_number,
            batch=batch,
            expiry=expiry,
            entry_mode=entry_mode,
            language=Language.FI,
            transaction_id=new_transaction_text(),
            received_at=world.clock(),
            user_agent="PharmacySystem/1.0",
        )
        (outcome,) = await perform(tx, country, [request], world.clock())
        while is_taken_over and await take_in(tx, RULES, world.clock()):
            pass
    return outcome


async def take_over(world: World) -> None:
    """What the worker does within a second."""
    async with world.database.transaction() as tx:
        while await take_in(tx, RULES, world.clock()):
            pass


async def analyse(world: World) -> None:
    """The same, of the analysis of everything that waits for it."""
    async with world.database.transaction() as tx:
        while await analyse_waiting(tx, RULES, analyser_of(RULES), world.clock()):
            pass


async def _upload(tx: Transaction, world: World, organisation_id: int, product_code: str) -> None:
    key = serial_key(STORED_SERIAL)
    assert key is not None
    cursor = await tx.execute(
        "INSERT INTO product (scheme, product_code, organisation_id, name, uploaded_at)"
        " VALUES ('gs1', %s, %s, 'Revontul 10 mg', %s) ON CONFLICT DO NOTHING RETURNING product_id",
        (product_code, organisation_id, world.clock()),
    )
    made = await cursor.fetchone()
    if made is None:
        return
    cursor = await tx.execute(
        "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min,"
        " serial_length_max, serial_format) VALUES (%s, %s, %s, %s, 1, 8, 8, %s) RETURNING batch_id",
        (made[0], BATCH, EXPIRY, world.clock(), character_classes(STORED_SERIAL)),
    )
    batch = await cursor.fetchone()
    assert batch is not None
    await tx.execute(
        "INSERT INTO pack (serial_key, product_id, batch_id) VALUES (%s, %s, %s)",
        (key.hex(), made[0], batch[0]),
    )
