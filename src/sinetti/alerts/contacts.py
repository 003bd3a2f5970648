"""Whom the operator calls or writes to about an alert, and which locations a message to the whole case goes to.

Reads only. Contacts are shown by `view_for`, and by its table to nobody but the operator.
"""

from __future__ import annotations

from sinetti.alerts import files
from sinetti.alerts.model import AlertFile, CaseKey, FileKey
from sinetti.alerts.view import ContactSeen, Named
from sinetti.kit.db import Transaction, load_queries

_SQL = load_queries("sinetti.alerts.store", "contacts.sql")
_UNTOLD = load_queries("sinetti.alerts.store", "notice_contacts.sql")


async def read_contacts(tx: Transaction, file: AlertFile) -> tuple[ContactSeen, ...]:
    """Of the location that raised the alert, and of the one where the pack had got its state before."""
    asked = [file.location_id, file.earlier_location_id]
    location_ids = list(dict.fromkeys(number for number in asked if number is not None))
    if not location_ids:
        return ()
    cursor = await tx.execute(_SQL["contacts_of_locations"], {"location_ids": location_ids})
    return tuple(
        ContactSeen(
            location=Named(number=row[0], name=row[1]),
            organisation_name=row[2],
            raised_it=row[0] == file.location_id,
            person=row[3],
            phone=row[4],
            email=row[5],
            languages=tuple(row[6]),
        )
        for row in await cursor.fetchall()
    )


async def read_untold(tx: Transaction, file: AlertFile) -> tuple[Named, ...]:
    """Whom nobody could tell of the alert by mail: neither people nor an address are there."""
    of_file = {"product_id": file.key.product_id, "event_number": file.key.event_number}
    rows = await (await tx.execute(_UNTOLD["untold_of_alert"], of_file)).fetchall()
    return tuple(dict.fromkeys(Named(number=row[1], name=row[2]) for row in rows))


async def locations_of_case(tx: Transaction, case: CaseKey) -> list[Named]:
    """Where the alerts of the case were raised: whom a message to all of the case reaches."""
    cursor = await tx.execute(_SQL["locations_of_case"], _of_case(case))
    return [Named(number=row[0], name=row[1]) for row in await cursor.fetchall()]


async def alerts_elsewhere(tx: Transaction, file: AlertFile) -> list[AlertFile]:
    """An alert of each other location of the case, by which that location hears of what concerns all."""
    cursor = await tx.execute(
        _SQL["alerts_elsewhere"], {**_of_case(file.case), "location_id": file.location_id}
    )
    return await files.read_files(tx, [FileKey(row[0], row[1]) for row in await cursor.fetchall()])


def _of_case(case: CaseKey) -> dict[str, object]:
    return {"case_product_id": case.product_id, "case_id": case.case_id}
