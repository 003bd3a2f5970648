"""Organisations, locations and client equipment in a real database."""

from __future__ import annotations

import pytest

from sinetti.identity import registry, secrets
from sinetti.identity.model import ClientEquipment
from sinetti.identity.secrets import Credentials
from sinetti.identity.store import equipment as equipment_store
from sinetti.kit.db import Database
from sinetti.kit.problems import Problem
from sinetti.rules.vocabulary import ClientRole, OrganisationKind

FULL_ACCESS = ClientRole.FULL_ACCESS


async def add_pharmacy(database: Database, clock) -> tuple[int, int]:
    async with database.transaction() as tx:
        organisation = await registry.add_organisation(
            tx, name="Keskustan apteekki", kind=OrganisationKind.PHARMACY, now=clock()
        )
        location = await registry.add_location(
            tx, organisation_id=organisation.organisation_id, name="Kauppatori", now=clock()
        )
    return organisation.organisation_id, location.location_id


async def add_equipment(
    database: Database,
    clock,
    location_id: int,
    credentials: Credentials,
    role: ClientRole | None = FULL_ACCESS,
) -> ClientEquipment:
    async with database.transaction() as tx:
        return await registry.add_equipment(
            tx, location_id=location_id, name="Maxx", role=role, credentials=credentials, now=clock()
        )


async def problem_of(database: Database, work) -> Problem:
    with pytest.raises(Problem) as caught:
        async with database.transaction() as tx:
            await work(tx)
    return caught.value


async def test_what_is_added_is_found_and_listed(database, clock):
    organisation_id, location_id = await add_pharmacy(database, clock)
    added = await add_equipment(database, clock, location_id, secrets.new_credentials("FI"))
    async with database.connection() as connection:
        assert await registry.equipment(connection) == [added]
        assert await registry.equipment(connection, location_id=location_id) == [added]
        assert await registry.equipment(connection, location_id=location_id + 1) == []
        assert await equipment_store.find_by_client_id(connection, added.client_id) == added
        (location,) = await registry.locations(connection, organisation_id=organisation_id)
        (organisation,) = await registry.organisations(connection)
    assert added.location_name == location.name == "Kauppatori"
    assert location.organisation_name == organisation.name == "Keskustan apteekki"
    assert organisation.kind is OrganisationKind.PHARMACY
    assert added.client_role is FULL_ACCESS
    assert added.created_at == clock()
    assert (added.locked_at, added.lock_reason, added.deleted_at) == (None, None, None)


async def test_lists_come_in_pages(database, clock):
    async with database.transaction() as tx:
        for number in range(5):
            await registry.add_organisation(
                tx, name=f"Apteekki {number}", kind=OrganisationKind.PHARMACY, now=clock()
            )
        first = await registry.organisations(tx, limit=3)
        rest = await registry.organisations(tx, after=first[-1].organisation_id, limit=3)
    assert [organisation.name for organisation in first + rest] == [f"Apteekki {n}" for n in range(5)]


async def test_equipment_without_a_role_is_possible_and_has_none(database, clock):
    _, location_id = await add_pharmacy(database, clock)
    added = await add_equipment(database, clock, location_id, secrets.new_credentials("FI"), role=None)
    assert added.client_role is None
    async with database.transaction() as tx:
        assert (await registry.set_role(tx, added.equipment_id, FULL_ACCESS)).client_role is FULL_ACCESS


async def test_two_equipments_of_a_location_work_side_by_side_during_a_change_of_system(database, clock):
    _, location_id = await add_pharmacy(database, clock)
    old = await add_equipment(database, clock, location_id, secrets.new_credentials("FI"))
    new = await add_equipment(database, clock, location_id, secrets.new_credentials("FI"))
    async with database.transaction() as tx:
        await registry.lock_equipment(tx, old.equipment_id, reason="Vaihdettu uuteen", now=clock())
        left = await registry.equipment(tx, location_id=location_id)
    assert [(each.equipment_id, each.lock_reason) for each in left] == [
        (old.equipment_id, "Vaihdettu uuteen"),
        (new.equipment_id, None),
    ]


async def test_a_second_lock_keeps_the_time_of_the_first_and_takes_the_new_reason(database, clock):
    _, location_id = await add_pharmacy(database, clock)
    first = clock()
    async with database.transaction() as tx:
        await registry.lock_location(tx, location_id, reason="Muutto", now=first)
        locked = await registry.lock_location(
            tx, location_id, reason="  Lupa \n peruttu ", now=clock.move(days=1)
        )
        assert (locked.locked_at, locked.lock_reason) == (first, "Lupa peruttu")
        unlocked = await registry.unlock_location(tx, location_id)
        assert (unlocked.locked_at, unlocked.lock_reason) == (None, None)
        assert await registry.unlock_location(tx, location_id) == unlocked


async def test_a_client_id_is_given_once_until_its_equipment_is_deleted(database, clock):
    _, location_id = await add_pharmacy(database, clock)
    credentials = registry.imported_credentials("FI-PHARMACY-1", "k3J9-x7Qw-Zp20-LmNd")
    first = await add_equipment(database, clock, location_id, credentials)
    with pytest.raises(Problem) as caught:
        await add_equipment(database, clock, location_id, credentials)
    assert (caught.value.key, caught.value.values) == ("client-id-taken", {"client_id": "FI-PHARMACY-1"})

    async with database.transaction() as tx:
        await registry.delete_equipment(tx, first.equipment_id, now=clock())
    second = await add_equipment(database, clock, location_id, credentials)
    assert second.equipment_id != first.equipment_id


async def test_deleted_equipment_is_still_named_for_the_record_but_has_no_secret(database, clock):
    _, location_id = await add_pharmacy(database, clock)
    added = await add_equipment(database, clock, location_id, secrets.new_credentials("FI"))
    async with database.transaction() as tx:
        deleted = await registry.delete_equipment(tx, added.equipment_id, now=clock.move(hours=1))
        assert deleted.deleted_at == clock()
        assert await registry.equipment(tx) == []
        assert await equipment_store.find(tx, added.equipment_id) == deleted
        assert await equipment_store.find_by_client_id(tx, added.client_id) is None
        cursor = await tx.execute("SELECT secret_sha256 FROM client_equipment")
        assert await cursor.fetchall() == [(None,)]
    for work in (
        lambda tx: registry.delete_equipment(tx, added.equipment_id, now=clock()),
        lambda tx: registry.set_role(tx, added.equipment_id, FULL_ACCESS),
        lambda tx: registry.lock_equipment(tx, added.equipment_id, reason="x", now=clock()),
        lambda tx: registry.unlock_equipment(tx, added.equipment_id),
    ):
        assert (await problem_of(database, work)).key == "unknown-equipment"


async def test_what_is_not_there_is_said_to_be_unknown(database, clock):
    now = clock()
    credentials = secrets.new_credentials("FI")
    for number in (7, 2**31 - 1, 2**40):
        for key, work in [
            ("organisation", lambda tx, n=number: registry.lock_organisation(tx, n, reason="x", now=now)),
            ("organisation", lambda tx, n=number: registry.unlock_organisation(tx, n)),
            (
                "organisation",
                lambda tx, n=number: registry.add_location(tx, organisation_id=n, name="x", now=now),
            ),
            ("location", lambda tx, n=number: registry.lock_location(tx, n, reason="x", now=now)),
            ("location", lambda tx, n=number: registry.unlock_location(tx, n)),
            (
                "location",
                lambda tx, n=number: registry.add_equipment(
                    tx, location_id=n, name="x", role=None, credentials=credentials, now=now
                ),
            ),
            ("equipment", lambda tx, n=number: registry.unlock_equipment(tx, n)),
        ]:
            problem = await problem_of(database, work)
            assert (problem.key, problem.status) == (f"unknown-{key}", 404)
            assert problem.values == {f"{key}_id": number}


@pytest.mark.parametrize("name", ["", " ", "\n\t", "a\x00b", "a\x1bb", "x" * 201])
async def test_names_and_reasons_must_be_readable(database, clock, name):
    problem = await problem_of(
        database,
        lambda tx: registry.add_organisation(tx, name=name, kind=OrganisationKind.WHOLESALER, now=clock()),
    )
    assert (problem.key, problem.status) == ("name-unusable", 422)
    problem = await problem_of(
        database, lambda tx: registry.lock_organisation(tx, 1, reason=name * 5, now=clock())
    )
    assert (problem.key, problem.status) == ("lock-reason-unusable", 422)


@pytest.mark.parametrize(
    ("client_id", "client_secret", "key"),
    [
        ("", "k3J9-x7Qw-Zp20-LmNd", "client-id-unusable"),
        ("FI-1", "short", "client-secret-weak"),
        ("FI-1", "x" * 501, "client-secret-unusable"),
    ],
)
def test_credentials_from_elsewhere_that_are_not_safe_are_refused(client_id, client_secret, key):
    with pytest.raises(Problem) as caught:
        registry.imported_credentials(client_id, client_secret)
    assert caught.value.key == key
