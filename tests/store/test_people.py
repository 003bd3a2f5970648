"""People in the database: somebody who looks after the others stays, and links and sessions end when they should."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from sinetti.identity import registry
from sinetti.identity.people import people, sessions
from sinetti.identity.people.model import ActingFor, PeopleRole
from sinetti.identity.people.people import InvitationState, Purpose
from sinetti.identity.people.sessions import EndReason, Origin, begin_session
from sinetti.kit.problems import Problem
from sinetti.rules.vocabulary import OrganisationKind

PASSWORD = "neljä harmaata siiliä"


async def add(tx, clock, organisation, role, name, *, locations=(), with_password=True):
    person = await people.add_person(
        tx,
        name=name,
        email=f"{name}@example.fi",
        role=role,
        organisation=organisation,
        location_ids=locations,
        language="fi",
        now=clock(),
    )
    if with_password:
        await tx.execute("UPDATE person SET password_hash = 'x' WHERE user_id = %s", (person.user_id,))
    return person.user_id


@pytest.fixture
async def pharmacy(database, clock):
    async with database.transaction() as tx:
        return await registry.add_organisation(
            tx, name="Metson apteekki", kind=OrganisationKind.PHARMACY, now=clock()
        )


async def begun(tx, user_id, clock, origin=None):
    return await begin_session(
        tx, user_id, clock(), second_factor_done=True, must_set_second_factor=False, origin=origin
    )


async def the_session(tx, token, clock):
    found = await sessions.find_session(tx, token, clock())
    assert found is not None
    return found


async def the_state(tx, link, clock):
    found = await people.find_invitation(tx, link, clock())
    assert found is not None
    return found.state


async def lock(database, clock, user_id, acting_for=ActingFor.ORGANISATION):
    async with database.transaction() as tx:
        await people.lock_person(tx, user_id, reason="Left", now=clock(), acting_for=acting_for)


async def demote(database, user_id, location_id, organisation):
    async with database.transaction() as tx:
        await people.change_person(
            tx,
            user_id,
            name="x",
            role=PeopleRole.LOCATION_USER,
            organisation=organisation,
            location_ids=[location_id],
            language="fi",
            acting_for=ActingFor.ORGANISATION,
        )


class TestSomebodyStays:
    async def test_the_last_main_user_is_neither_locked_nor_demoted(self, database, clock, pharmacy):
        async with database.transaction() as tx:
            place = await registry.add_location(
                tx, organisation_id=pharmacy.organisation_id, name="Keskusta", now=clock()
            )
            main = await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, "maija")
            await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, "invited", with_password=False)
            user = await add(
                tx, clock, pharmacy, PeopleRole.LOCATION_USER, "nils", locations=[place.location_id]
            )
        for change in (
            lock(database, clock, main),
            demote(database, main, place.location_id, pharmacy),
        ):
            with pytest.raises(Problem) as refused:
                await change
            assert refused.value.key == "last-main-user"
        await lock(database, clock, user)
        await lock(database, clock, main, ActingFor.OPERATOR)

    async def test_the_last_administrator_of_the_operator_stays_too(self, database, clock):
        async with database.transaction() as tx:
            last = await add(tx, clock, None, PeopleRole.OPERATOR_ADMINISTRATOR, "outi")
            await add(tx, clock, None, PeopleRole.OPERATOR_SUPPORT, "teemu")
        with pytest.raises(Problem) as refused:
            await lock(database, clock, last, ActingFor.OPERATOR)
        assert refused.value.key == "last-main-user"
        await lock(database, clock, last, ActingFor.INSTALLATION)

    async def test_two_who_lock_each_other_at_once_do_not_both_succeed(self, database, clock, pharmacy):
        async with database.transaction() as tx:
            pair = [
                await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, name)
                for name in ("maija", "nils")
            ]
        for _ in range(10):
            done = await asyncio.gather(
                *[lock(database, clock, user_id) for user_id in pair], return_exceptions=True
            )
            refused = [one.key for one in done if isinstance(one, Problem)]
            assert (refused, done.count(None)) == (["last-main-user"], 1)
            async with database.transaction() as tx:
                for user_id in pair:
                    await people.unlock_person(tx, user_id)


async def test_who_was_locked_by_the_operator_is_unlocked_by_the_operator(database, clock, pharmacy):
    async with database.transaction() as tx:
        await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, "maija")
        nils = await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, "nils")
    await lock(database, clock, nils, ActingFor.OPERATOR)
    with suppress(Problem):
        await lock(database, clock, nils)
    async with database.transaction() as tx:
        with pytest.raises(Problem) as refused:
            await people.unlock_person(tx, nils, acting_for=ActingFor.ORGANISATION)
        assert refused.value.key == "lock-of-operator"
        assert (await people.unlock_person(tx, nils, acting_for=ActingFor.OPERATOR)).locked_at is None


async def test_a_link_for_a_forgotten_password_ends_nothing_until_it_is_used(database, clock, pharmacy):
    async with database.transaction() as tx:
        maija = await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, "maija")
        token = await begun(tx, maija, clock)
        invitation = await people.invite(tx, maija, clock())
        first = await people.forgotten_link(tx, maija, clock())
        second = await people.forgotten_link(tx, maija, clock())
        for link, purpose in ((invitation, Purpose.INVITATION), (first, Purpose.FORGOTTEN)):
            found = await people.find_invitation(tx, link, clock())
            assert found is not None
            assert (found.state, found.purpose) == (InvitationState.OPEN, purpose)
        assert await sessions.find_session(tx, token, clock())
        await people.accept_invitation(tx, maija, second, PASSWORD, clock())
        states = [await the_state(tx, link, clock) for link in (invitation, first, second)]
        assert states == [InvitationState.LATE, InvitationState.LATE, InvitationState.USED]
        assert await sessions.why_ended(tx, token, clock()) == "password_changed"


async def test_a_link_for_a_forgotten_password_lasts_an_hour(database, clock, pharmacy):
    async with database.transaction() as tx:
        maija = await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, "maija")
        link = await people.forgotten_link(tx, maija, clock())
        clock.move(minutes=59, seconds=59)
        assert await the_state(tx, link, clock) is InvitationState.OPEN
        clock.move(seconds=1)
        assert await the_state(tx, link, clock) is InvitationState.LATE


async def test_sessions_are_listed_ended_and_after_a_while_forgotten(database, clock, pharmacy):
    async with database.transaction() as tx:
        maija, nils = [
            await add(tx, clock, pharmacy, PeopleRole.ORGANISATION_MAIN_USER, name)
            for name in ("maija", "nils")
        ]
        origin = Origin(source_address="192.0.2.1", user_agent="x" * 5000)
        mine = [await begun(tx, maija, clock, origin) for _ in range(3)]
        others = await begun(tx, nils, clock)
        listed = await sessions.list_sessions(tx, maija, clock())
        assert [(one.source_address, len(one.user_agent or "")) for one in listed] == [("192.0.2.1", 300)] * 3
        signed_in = await the_session(tx, mine[0], clock)
        foreign = await the_session(tx, others, clock)
        because = EndReason.ENDED_ELSEWHERE
        assert not await sessions.end_session(
            tx, user_id=maija, session_id=foreign.session_id, because=because, now=clock()
        )
        assert (
            await sessions.end_sessions(
                tx, maija, because=because, now=clock(), except_id=signed_in.session_id
            )
            == 2
        )
        assert [one.session_id for one in await sessions.list_sessions(tx, maija, clock())] == [
            signed_in.session_id
        ]
    clock.move(hours=12 + 7 * 24)
    await sessions.remove_old_sessions(database, clock())
    async with database.transaction() as tx:
        assert await sessions.why_ended(tx, mine[1], clock()) == "ended_elsewhere"
    clock.move(seconds=1)
    await sessions.remove_old_sessions(database, clock())
    async with database.transaction() as tx:
        assert await sessions.why_ended(tx, mine[1], clock()) is None
