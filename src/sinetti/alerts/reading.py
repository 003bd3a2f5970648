"""Reads everything that is known about an alert, and cuts it down to what one party may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from sinetti.alerts.batch_facts import read_batch_facts
from sinetti.alerts.contacts import read_contacts, read_untold
from sinetti.alerts.guidance import Step, guidance, known_of
from sinetti.alerts.model import AlertFile, Doer, FileKey
from sinetti.alerts.photo_cases import photos_of, show_what_was_sent
from sinetti.alerts.talking import messages_of_case
from sinetti.alerts.trail_requests import read_trail_requests
from sinetti.alerts.view import (
    AlertView,
    DueSeen,
    EntrySeen,
    Named,
    SetAsideSeen,
    TrailSeen,
    UploadSeen,
    Whole,
    view_for,
)
from sinetti.identity import registry
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import ClosingReason, Deadline, Party, Side, Sight
from sinetti.rules.vocabulary import Language, OrganisationKind

TRAIL_EVENTS_MAX: Final = 500
"""Events of a pack that are shown, the oldest ones: one with more has a program that repeats itself."""
_SQL = load_queries("sinetti.alerts.store", "reading.sql")
_NOTICES = load_queries("sinetti.alerts.store", "notices.sql")
_INTAKE = load_queries("sinetti.alerts.store", "intake.sql")


async def read_view(
    tx: Transaction,
    rules: AlertRules,
    market: str,
    doer: Doer,
    file: AlertFile,
    *,
    with_trail: bool = False,
    with_states: bool = False,
) -> AlertView:
    """What the doer sees of an alert that is its matter. Who asks for the trail has recorded the ground before; whoever
    asks for the states of the batch's packs waits until they are counted.
    """
    # What the reader does not see anyway is not counted.
    with_states = with_states and rules.sights["batches"][doer.party] is not Sight.NO
    whole = await read_whole(tx, market, doer, file, with_trail=with_trail, with_states=with_states)
    return view_for(rules, doer, whole)


async def read_steps(
    tx: Transaction,
    rules: AlertRules,
    file: AlertFile,
    side: Side | None,
    view: AlertView,
    language: Language,
) -> list[Step]:
    """The steps of a side: NMVO-0048 §6.2 to §6.9, adapted to what the view tells."""
    if side is None:
        return []
    reader: OrganisationKind | Side = side
    if side is Side.END_USER:
        if file.organisation_id is None:
            return []
        reader = (await registry.organisation(tx, file.organisation_id)).kind
    if (file.kind, reader) not in rules.guidance:
        return []
    explanation = () if view.explanation is UNSET else view.explanation
    photos = () if view.photos is UNSET else view.photos
    known = known_of(file, explanation, printed_as_sent=show_what_was_sent(file, photos))
    return guidance(rules, known, reader, language)


async def read_whole(
    tx: Transaction,
    market: str,
    doer: Doer,
    file: AlertFile,
    *,
    with_trail: bool = False,
    with_states: bool = False,
) -> Whole:
    """Everything. Only `view_for` may show it."""
    of_file = {"product_id": file.key.product_id, "event_number": file.key.event_number}
    (known,) = await read_known(tx, market, doer, [file])
    latest = await (await tx.execute(_INTAKE["latest_analysis"], of_file)).fetchone()
    hypotheses: list[dict[str, Any]] = [] if latest is None else latest[0].get("hypotheses", [])
    batches = [batch for batch in (file.batch, known.stored_batch) if batch is not None]
    return msgspec.structs.replace(
        known,
        contacts=await read_contacts(tx, file),
        untold=await read_untold(tx, file),
        uploaded=tuple(
            UploadSeen(uploaded_at=upload[0], pack_count=upload[1], transaction_id=upload[2])
            for upload in await _all(
                tx, "uploads_of_batch", {"product_id": file.key.product_id, "batches": batches}
            )
        ),
        batches=await read_batch_facts(
            tx, file.key.product_id, file.batch, known.stored_batch, with_states=with_states
        ),
        explanation=tuple(_explained(one) for one in hypotheses),
        differences=tuple(difference for one in hypotheses[:1] for difference in one.get("differences", ())),
        deadlines=tuple(
            DueSeen(deadline=Deadline(due[0]), side=Side(due[1]), due_at=due[2], met_at=due[3])
            for due in await _all(tx, "deadlines_of_file", of_file)
        ),
        history=tuple(_entry(entry) for entry in await _all(tx, "history_of_file", of_file)),
        messages=tuple(await messages_of_case(tx, file.case)),
        pack_trail=await _trail(tx, file) if with_trail else (),
        trail_requests=await read_trail_requests(tx, file.key),
        set_aside=tuple(
            SetAsideSeen(
                location_id=pack[0],
                organisation_id=pack[1],
                set_aside_at=pack[2],
                place=pack[3],
                ended_at=pack[4],
                ended_as=pack[5],
                product_id=pack[6],
                set_aside_id=pack[7],
            )
            for pack in await _all(tx, "set_aside_of_pack", of_file)
        ),
        photos=await photos_of(tx, file.key),
    )


async def read_known(tx: Transaction, market: str, doer: Doer, found: Sequence[AlertFile]) -> list[Whole]:
    """Of many alerts at once, in their order, what lists and exports show: without what only the page of one needs.
    Only `view_for` may show it.
    """
    values = {
        "product_ids": [file.key.product_id for file in found],
        "event_numbers": [file.key.event_number for file in found],
    }
    rows = await _all(tx, "known_of_files", values)
    of_file = {FileKey(row[0], row[1]): row[2:] for row in rows}
    own = await own_locations(tx, doer)
    return [_known(file, market, of_file[file.key], own) for file in found]


def _known(file: AlertFile, market: str, row: Sequence[Any], own: frozenset[int]) -> Whole:
    corrected = row[16] or {}
    return Whole(
        file=file,
        level=row[0],
        market=market,
        software=row[1],
        earlier_time=row[2],
        confidence=row[3],
        product_name=row[4],
        location=_named(row[5], row[6]),
        organisation=_named(row[7], row[8]),
        equipment=_named(row[9], row[10]),
        earlier_place=_named(row[11], row[12]),
        earlier_organisation_id=row[13],
        stored_serial_number=corrected.get("serial_number") or (file.serial_number if row[14] else None),
        stored_batch=corrected.get("batch") or row[14],
        stored_expiry=corrected.get("expiry") or row[15],
        own_location_ids=own,
    )


async def read_briefs(tx: Transaction, market: str, found: Sequence[AlertFile]) -> list[Whole]:
    """Of many alerts at once what a line about each needs: nothing but names beside the alert itself. Only `view_for`
    may show it.
    """
    values = {
        "product_ids": [file.key.product_id for file in found],
        "event_numbers": [file.key.event_number for file in found],
    }
    rows = await (await tx.execute(_NOTICES["brief_of_files"], values)).fetchall()
    names = {FileKey(row[0], row[1]): row[2:] for row in rows}
    return [
        Whole(
            file=file,
            level=level,
            market=market,
            product_name=product_name,
            location=_named(location_id, location_name),
            organisation=_named(organisation_id, organisation_name),
            equipment=None,
            software=None,
            earlier_place=None,
            earlier_organisation_id=None,
            earlier_time=None,
        )
        for file in found
        for level, product_name, location_id, location_name, organisation_id, organisation_name in [
            names[file.key]
        ]
    ]


def _explained(hypothesis: dict[str, Any]) -> dict[str, Any]:
    """A hypothesis without any stored value: cause, rule, what kind of difference, what speaks for it."""
    return {
        "cause": hypothesis.get("cause"),
        "rule": hypothesis.get("rule"),
        "evidence": hypothesis.get("evidence", []),
        "differences": [
            {name: difference.get(name) for name in ("field", "how", "values")}
            for difference in hypothesis.get("differences", ())
        ],
    }


def _named(number: int | None, name: str | None) -> Named | None:
    return None if number is None or name is None else Named(number=number, name=name)


def _entry(row: Any) -> EntrySeen:  # noqa: ANN401 - a row
    return EntrySeen(
        recorded_at=row[0],
        change=row[1],
        side=None if row[2] is None else Side(row[2]),
        before=row[3],
        after=row[4],
        closing_reason=None if row[5] is None else ClosingReason(row[5]),
        comment=row[6],
        party=Party(row[7]),
        person=row[8],
        organisation_id=row[9],
        rule_id=row[10],
        rules_version=row[11],
    )


async def _trail(tx: Transaction, file: AlertFile) -> tuple[TrailSeen, ...]:
    values = {
        "product_id": file.key.product_id,
        "event_number": file.key.event_number,
        "events_max": TRAIL_EVENTS_MAX,
    }
    return tuple(
        TrailSeen(
            recorded_at=row[0],
            operation=row[1],
            operation_code=row[2],
            state_before=row[3],
            state_after=row[4],
            location=_named(row[5], row[6]),
            organisation=_named(row[7], row[8]),
            equipment=_named(row[9], row[10]),
            alert_id=row[11],
        )
        for row in await _all(tx, "trail_of_pack", values)
    )


async def own_locations(tx: Transaction, doer: Doer) -> frozenset[int]:
    """The locations that count as an end user's own; none for everybody else."""
    if doer.party is Party.END_USER_LOCATION:
        return frozenset(doer.location_ids)
    if doer.party is Party.END_USER_ORGANISATION:
        values = {"organisation_id": doer.organisation_id}
        return frozenset(row[0] for row in await _all(tx, "locations_of_organisation", values))
    return frozenset()


async def _all(tx: Transaction, query: str, values: dict[str, Any]) -> list[Any]:
    return await (await tx.execute(_SQL[query], values)).fetchall()
