"""Whose object a path speaks of. Give these to `Route(concern=…)`."""

from __future__ import annotations

from collections.abc import Mapping

from sinetti.alerts.model import key_of_reference
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Concern

_QUERIES = load_queries("sinetti.portal.store", "owners.sql")
_NUMBER_MAX = 2**31 - 1


async def of_organisation(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `organisation_id`."""
    row = await _row(tx, "owner_of_organisation", path["organisation_id"])
    return None if row is None else Concern(organisation_id=row[0])


async def of_location(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `location_id`."""
    row = await _row(tx, "owner_of_location", path["location_id"])
    return None if row is None else Concern(organisation_id=row[0], location_id=int(path["location_id"]))


async def of_equipment(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `equipment_id`."""
    row = await _row(tx, "owner_of_equipment", path["equipment_id"])
    return None if row is None else Concern(organisation_id=row[0], location_id=row[1])


async def of_user(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `user_id`."""
    row = await _row(tx, "owner_of_user", path["user_id"])
    return None if row is None else Concern(user_id=int(path["user_id"]), organisation_id=row[0])


async def of_alert(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `alert_id`, which may be the reference of a refusal, too."""
    key = key_of_reference(path["alert_id"])
    if key is None:
        cursor = await tx.execute(_QUERIES["owner_of_alert"], {"alert_id": path["alert_id"]})
    else:
        values = {"product_id": key.product_id, "event_number": key.event_number}
        cursor = await tx.execute(_QUERIES["owner_of_file"], values)
    row = await cursor.fetchone()
    return None if row is None else Concern(organisation_id=row[0], location_id=row[1], company_id=row[2])


async def of_raised_alert(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """The same as `of_alert`, and of an alert that was raised just now and is not under management yet."""
    found = await of_alert(tx, path)
    if found is not None:
        return found
    cursor = await tx.execute(_QUERIES["owner_of_coming_alert"], {"alert_id": path["alert_id"]})
    row = await cursor.fetchone()
    if row is None:
        # It may have been taken over between the two questions.
        return await of_alert(tx, path)
    return Concern(organisation_id=row[0], location_id=row[1], company_id=row[2])


async def of_set_aside(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `product_id` and `set_aside_id`."""
    values = {"product_id": int(path["product_id"]), "set_aside_id": int(path["set_aside_id"])}
    if values["product_id"] > _NUMBER_MAX or values["set_aside_id"] > _NUMBER_MAX:
        return None
    row = await (await tx.execute(_QUERIES["owner_of_set_aside"], values)).fetchone()
    return None if row is None else Concern(organisation_id=row[0], location_id=row[1])


async def of_alert_team(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `team_id`. The operator's teams are of no organisation, which no organisation is: 0."""
    row = await _row(tx, "owner_of_alert_team", path["team_id"])
    return None if row is None else Concern(organisation_id=row[0])


async def of_sales_hold(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `hold_id`: of the company that asks."""
    row = await _row(tx, "owner_of_sales_hold", path["hold_id"])
    return None if row is None else Concern(organisation_id=row[0])


async def of_held_batch(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    """By `hold_id` and `location_id`: of the distributor that is asked."""
    values = {"hold_id": int(path["hold_id"]), "location_id": int(path["location_id"])}
    if max(values.values()) > _NUMBER_MAX:
        return None
    row = await (await tx.execute(_QUERIES["owner_of_held_batch"], values)).fetchone()
    return None if row is None else Concern(organisation_id=row[0], location_id=row[1])


async def _row(tx: Transaction, query: str, number: object) -> tuple[int, ...] | None:
    given = int(str(number))
    if given > _NUMBER_MAX:
        return None
    cursor = await tx.execute(_QUERIES[query], {"number": given})
    return await cursor.fetchone()
