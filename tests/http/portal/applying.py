"""Applications in tests: what forms say, and how they are sent."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
from tests.http.portal.world import PortalClient, World, csrf_token

NEW_LOCATION: dict[str, Any] = {
    "name": "Metson sivuapteekki, satama",
    "kind": "subsidiary_pharmacy",
    "gln": "6430000000016",
    "street": "Satamatie 1",
    "postal_code": "00100",
    "city": "Helsinki",
    "country": "fi",
    "languages": ["fi", "sv"],
    "contact_name": "Maija Metso",
    "contact_email": "maija@example.fi",
}


def form_key(page: str) -> str:
    """The key of the page's form."""
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found, "the page has no form with a key"
    return found[1]


async def send(client: httpx.AsyncClient, path: str, page: str, **fields: Any) -> httpx.Response:
    """Send a form as a browser does that shows `page`; a list is several fields of one name."""
    key = {"form_key": form_key(page)} if "form_key" in page else {}
    return await client.post(
        path,
        data={"csrf_token": csrf_token(page), **key, **fields},
        headers={"Origin": "http://portal.test", "Sec-Fetch-Site": "same-origin"},
    )


async def fill_in(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Open a form and send it."""
    return await send(client, path, (await client.get(path)).text, **fields)


def it_system(portal: PortalClient, **changes: Any) -> dict[str, Any]:
    """What an application for a change of IT system says."""
    return {
        "equipment": [str(portal.world.places["own"].equipment.equipment_id)],
        "system_name": "Maxx 7",
        "supplier": "Maxx Oy",
        "supplier_contact": "Ilkka Toimittaja",
        "supplier_email": "ilkka@example.fi",
        "planned_on": (portal.world.clock() + timedelta(days=10)).date().isoformat(),
        **changes,
    }


async def decide(client: httpx.AsyncClient, path: str, decision: str, reason: str = "") -> httpx.Response:
    """Approve or return, as the operator."""
    page = (await client.get(path)).text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen, "nothing is offered to decide"
    return await send(client, f"{path}/decide", page, decision=decision, reason=reason, seen=seen[1])


async def rows(portal: PortalClient, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What the database says."""
    async with portal.world.database.transaction() as tx:
        return await (await tx.execute(query, values)).fetchall()


async def return_applications(world: World) -> None:
    """Give each place an application that has been returned."""
    async with world.database.transaction() as tx:
        for place in world.places.values():
            cursor = await tx.execute(
                "INSERT INTO application (kind, organisation_id, location_id, state, asks, applied_by, first_applied_at,"
                " state_at) VALUES ('close_location', %s, %s, 'returned', %s, %s, now(), now())"
                " RETURNING application_id",
                (
                    place.organisation.organisation_id,
                    place.location.location_id,
                    '{"closes_on": "2030-01-01"}',
                    world.people["organisation_main_user"],
                ),
            )
            row = await cursor.fetchone()
            assert row is not None
            place.application_id = int(row[0])
            await tx.execute(
                "INSERT INTO application_step (application_id, recorded_at, step, side, user_id, user_name, reason, asks)"
                " VALUES (%s, now(), 'return', 'operator', 1, 'own colleague', 'own question', '{}')",
                (place.application_id,),
            )
