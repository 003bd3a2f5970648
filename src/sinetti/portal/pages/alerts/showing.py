"""Puts the page of one alert together: what the reader may see, the steps to take, and the changes that it can make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from sinetti.alerts import cases, files
from sinetti.alerts.assignments import NOBODY, assigned_to, assignees_of
from sinetti.alerts.contacts import locations_of_case
from sinetti.alerts.decide import is_of, possible_reasons, possible_statuses, side_of
from sinetti.alerts.files import Change
from sinetti.alerts.guidance import READING
from sinetti.alerts.model import AlertFile, Doer
from sinetti.alerts.photo_cases import compared, show_what_was_sent
from sinetti.alerts.reading import read_steps, read_view
from sinetti.alerts.root_cause.words import explain_kept
from sinetti.alerts.view import Named, outcome_sentence
from sinetti.portal.differences import compared_values
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.alerts.types import Words
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    InvestigationStatus,
    Party,
    Side,
    SupplyOutcome,
)
from sinetti.rules.vocabulary import Cause, PackState

COUNT_PACKS = "count_packs"
"""Parameter of the address that has the packs of the batches counted by state."""
_PRINT_EXPLAINS = READING | {Cause.PRINT_DIFFERS, Cause.FALSIFICATION_PATTERN}
"""Causes beside which it matters that the pack itself says what was sent: those that it rules out until they are looked
for anew, and those that are found then.
"""
_END_USERS = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION})


def change_of(visit: Visit) -> Change:
    """What surrounds a change that this visit makes."""
    doer = msgspec.structs.replace(cases.doer_of(visit.person), transaction_id=visit.transaction_id)
    return Change(rules=visit.rules, doer=doer, now=visit.now)


async def locations_reached(visit: Visit, change: Change, file: AlertFile) -> list[Named]:
    """Whom a message to all of the case would reach. Only the operator sends one from here and learns who they are."""
    if change.doer.party is not Party.OPERATOR or not visit.may("handle_alert", visit.concern):
        return []
    return await locations_of_case(visit.tx, file.case)


async def show_alert(
    visit: Visit, change: Change, file: AlertFile, errors: Mapping[str, str] | None = None
) -> Response:
    """The page of an alert; with errors it is the answer to a change that was refused."""
    # Photos have routes of their own, and answer with this page, too.
    visit = replace(visit, page="alerts")
    rules, doer = change.rules.alerts, change.doer
    words = rules.words[visit.language]
    code = change.rules.codes[file.operation_code]
    text = code.texts[visit.language] if code.texts else None
    side = side_of(doer.party)
    # Counting reads all packs of a batch, so it is asked for.
    counts_packs = visit.request.query_params.get(COUNT_PACKS) == "yes"
    view = await read_view(
        visit.tx, rules, visit.portal.settings.market, doer, file, with_states=counts_packs
    )
    # A refusal that raised no alert is called by its reference.
    view = msgspec.structs.replace(view, alert_id=file.reference)
    may_act = visit.may("handle_alert", visit.concern)
    steps = await read_steps(visit.tx, rules, file, side, view, visit.language)
    outcome = view.outcome
    return visit.render(
        "one.html",
        status=422 if errors else 200,
        errors=errors or {},
        file=file,
        view=view,
        shown=lambda name: getattr(view, name) is not UNSET,
        said=words,
        text=text,
        outcome=None if outcome is UNSET else outcome_sentence(rules, file, visit.language),
        can_be_supplied=outcome is SupplyOutcome.CAN_BE_SUPPLIED,
        explained=[
            explain_kept(one, visit.language)
            for one in (() if view.explanation is UNSET else view.explanation)
        ],
        compared=[compared_values(one) for one in (() if view.differences is UNSET else view.differences)],
        in_photo=lambda code: compared(file, code),
        photo_shows_what_was_sent=file.cause in _PRINT_EXPLAINS
        and file.state_before in {None, PackState.ACTIVE}
        and view.photos is not UNSET
        and show_what_was_sent(file, view.photos),
        steps=steps,
        counts_packs=counts_packs,
        reached=await locations_reached(visit, change, file),
        done=await cases.steps_done(visit.tx, file, side) if side is not None else frozenset(),
        may_act=may_act,
        state_names={
            state.value: rules_of_packs.names[visit.language]
            for state, rules_of_packs in visit.rules.pack_states.items()
        },
        side=side,
        is_end_user=doer.party in _END_USERS,
        is_operator=doer.party is Party.OPERATOR,
        statuses=[
            (status.value, words("status", status))
            for status in (possible_statuses(rules, file, doer) if may_act else ())
            if status not in {AlertStatus.ACTIVE, AlertStatus.CLOSED}
        ],
        reasons=_reasons(change, file, words) if may_act else [],
        answers=_answers(visit, change, file, side) if may_act else [],
        classes=[
            (to.value, words("classification", to))
            for (before, to), row in rules.classifications.items()
            if before is file.classification and doer.party in row.who and may_act
        ],
        sides=_sides(file),
        kin=[
            one
            for one in await files.files_of_case(visit.tx, file.case)
            if one.key != file.key and is_of(one, doer)
        ],
        form=visit.form,
        **await _assigned(visit, doer, file, may_act=may_act),
    )


async def _assigned(visit: Visit, doer: Doer, file: AlertFile, *, may_act: bool) -> dict[str, Any]:
    """Whom of the reader's organisation it is assigned to, and whom it can be."""
    assigned = (await assigned_to(visit.tx, doer, [file.key])).get(file.key)
    if not may_act:
        return {"assigned": assigned, "assignees": []}
    words = visit.words["assigned"]
    possible = [one for one in await assignees_of(visit.tx, doer) if one.sees(file)]
    choices = [
        (one.code, one.name if one.team_id is None else fill(words["team"], name=one.name))
        for one in possible
    ]
    return {"assigned": assigned, "assignees": [(NOBODY, words["nobody"]), *choices]}


def _reasons(change: Change, file: AlertFile, words: Words) -> list[tuple[str, str]]:
    rules, doer = change.rules.alerts, change.doer
    if AlertStatus.CLOSED not in possible_statuses(rules, file, doer):
        return []
    return [
        (reason.value, words("closing_reason", reason))
        for reason in possible_reasons(rules, file, doer, change.now)
    ]


def _answers(visit: Visit, change: Change, file: AlertFile, side: Side | None) -> list[tuple[str, str]]:
    """What the side can say instead of what it has said; of a closed alert nothing."""
    if side is None or file.status is AlertStatus.CLOSED:
        return []
    words, asked = change.rules.alerts.words[visit.language], change.rules.alerts.investigations
    now = file.investigations.get(side, InvestigationStatus.NONE)
    return [
        (answer.value, visit.words["take_back"])
        if answer is InvestigationStatus.NONE
        else (answer.value, words("investigation", answer))
        for answer in sorted(InvestigationStatus, key=lambda one: one is InvestigationStatus.NONE)
        if answer is not now and (side, answer) in asked and change.doer.party in asked[side, answer].who
    ]


def _sides(file: AlertFile) -> list[Side]:
    """The sides whose answer is told: of a MAH that has said nothing only where no OBP answers for it."""
    silent = file.investigations.get(Side.MAH, InvestigationStatus.NONE) is InvestigationStatus.NONE
    without_mah = silent and file.obp_organisation_id is not None
    return [side for side in Side if side is not Side.MAH or not without_mah]
