"""Users: the list, and the page of one. Nobody is deleted; whoever has left is locked with that reason."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.identity.people import people
from sinetti.identity.people.model import PeopleRole, Person
from sinetti.identity.people.sessions import list_sessions
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.users import acting, changing, inviting, store
from sinetti.portal.pages.users.model import UserState
from sinetti.portal.pages.users.roles import givable_roles, may_give
from sinetti.portal.routing import Handler, MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words
from sinetti.rules.vocabulary import Language


async def show_list(visit: Visit) -> Response:
    """The people that the person may see."""
    several = visit.person.organisation_id is None
    roles = list(PeopleRole) if several else list(givable_roles()[visit.person.role])
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=[column for column in store.ORDERS if several or column != "organisation"],
        filters={"role": [role.value for role in roles], "state": [state.value for state in UserState]},
    )
    found = await store.list_users(visit.tx, query, visit.reach, visit.language.value)
    common = common_words(visit.language)
    return visit.render(
        "list.html",
        list=found,
        several=several,
        role_choices=[("", visit.words["any_role"]), *((role.value, common["role"][role]) for role in roles)],
        state_choices=[
            ("", visit.words["any_state"]),
            *((state.value, common["state"][state.value]) for state in UserState),
        ],
    )


async def show_one(visit: Visit) -> Response:
    """One user, and what can be done."""
    person = await people.person(visit.tx, visit.number("user_id"))
    names = dict(await store.list_locations(visit.tx, person.organisation_id, visit.language.value))
    return visit.render(
        "one.html",
        person=person,
        state=_state(person).value,
        invited_until=await people.invited_until(visit.tx, person.user_id, visit.now),
        locations=[names[str(number)] for number in person.location_ids],
        language_name=common_words(Language(person.language))["language"],
        sessions=len(await list_sessions(visit.tx, person.user_id, visit.now)),
        may_act=visit.may("change_user", visit.concern) and may_give(visit.person.role, person.role),
        is_self=person.user_id == visit.person.user_id,
    )


def _state(person: Person) -> UserState:
    if person.locked_at is not None:
        return UserState.LOCKED
    return UserState.IN_USE if person.has_password else UserState.INVITED


_ONE = "/users/{user_id:int}"


def _of_one(name: str, handler: Handler, *, action: str, below: str = "", method: str = "GET") -> Route:
    return Route(
        name=name,
        path=_ONE + below,
        action=action,
        handler=handler,
        method=method,
        concern=owners.of_user,
    )


PAGE = Page(
    name="users",
    menu=MenuEntry(route="users", group=MenuGroup.SYSTEM, order=10),
    routes=(
        Route(name="users", path="/users", action="see_users", handler=show_list),
        Route(name="new_user", path="/users/new", action="add_user", handler=inviting.show_form),
        Route(name="add_user", path="/users/new", action="add_user", handler=inviting.add, method="POST"),
        _of_one("user", show_one, action="see_users"),
        _of_one("ask_change_user", changing.show_form, action="change_user", below="/change"),
        _of_one("change_user", changing.change, action="change_user", below="/change", method="POST"),
        _of_one("ask_lock_user", acting.ask_lock, action="lock_user", below="/lock"),
        _of_one("lock_user", acting.lock, action="lock_user", below="/lock", method="POST"),
        _of_one("unlock_user", acting.unlock, action="unlock_user", below="/unlock", method="POST"),
        _of_one("invite_user", acting.invite, action="invite_user", below="/invite", method="POST"),
        _of_one(
            "ask_remove_second_factor_of_user",
            acting.ask_second_factor,
            action="remove_second_factor_of_user",
            below="/second-factor",
        ),
        _of_one(
            "remove_second_factor_of_user",
            acting.remove_second_factor,
            action="remove_second_factor_of_user",
            below="/second-factor",
            method="POST",
        ),
        _of_one(
            "end_sessions_of_user",
            acting.end_all_sessions,
            action="end_sessions_of_user",
            below="/end-sessions",
            method="POST",
        ),
    ),
)
