"""One change of many alerts: which change, what it would do with each, and what became of it.

All three steps are one form that is sent again, so that nothing is kept before the change is made: the page before it
has the version of each alert that it showed, and what was changed since is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb
from starlette.responses import Response

from sinetti.alerts import many
from sinetti.alerts.assignments import NOBODY, AssignmentChange, assignees_of, chosen_assignee
from sinetti.alerts.decide import is_of, side_of
from sinetti.alerts.files import Change, read_files
from sinetti.alerts.many import BULK_ALERTS_MAX, Judge, Judged
from sinetti.alerts.model import COMMENT_CHARACTERS_MAX, FileKey
from sinetti.kit.db import Database, load_queries
from sinetti.kit.problems import Problem
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.pages.alerts import filters
from sinetti.portal.pages.alerts.assigning import code_of, record_assignment
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Refusal,
)

_QUERIES = load_queries("sinetti.portal.pages.alerts", "many.sql")
RESULTS_KEPT: Final = timedelta(days=90)
"""How long the page of what became of a change can be opened. Audit and history keep it for good."""
_KEYS_MAX: Final = BULK_ALERTS_MAX + 1


class What(StrEnum):
    """Which change."""

    ASSIGN = "assign"
    INVESTIGATION = "investigation"
    STATUS = "status"
    CLOSE = "close"
    CLASSIFICATION = "classification"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A change that somebody has chosen."""

    what: What
    value: str
    told: str
    """The value in the reader's words."""
    judge: Judge


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a change, as it is kept."""

    what: What
    told: str
    made: list[str]
    refused: list[tuple[str, Refusal]]
    not_there: int = 0
    """Alerts that were asked for and are not, or no more, the reader's matter."""


async def back_to_list(visit: Visit) -> Response:
    """Whoever reloads a step, or changes the language there, begins again with the list."""
    return visit.redirect(_list_path(visit))


async def step(visit: Visit) -> Response:
    """The step that the form asks for. Only the last one changes anything."""
    change = change_of(visit)
    keys = await _keys(visit, change)
    if not keys or len(keys) > BULK_ALERTS_MAX:
        fault = visit.words["many"]["fault"]["too_many" if keys else "none"]
        return await _choose(visit, change, (), {"": fill(fault, most=BULK_ALERTS_MAX)})
    if visit.form.get("step") not in {"preview", "change"}:
        return await _choose(visit, change, keys, {})
    asked = await _asked(visit, change, keys)
    if isinstance(asked, Mapping):
        return await _choose(visit, change, keys, asked)
    if visit.form.get("step") == "change":
        return await _make(visit, change, keys, asked)
    return await _preview(visit, change, keys, asked)


async def _preview(visit: Visit, change: Change, keys: Sequence[FileKey], asked: Asked) -> Response:
    judged = await many.preview_many(visit.tx, change, keys, asked.judge)
    field = next((fields for one in judged if (fields := _wrong(one.decided))), None)
    if field is not None:
        words = visit.rules.alerts.words[visit.language]
        return await _choose(visit, change, keys, {field[0]: words("refusal", field[1])})
    return visit.render(
        "many_preview.html",
        asked=asked,
        comment=visit.form.get("comment", "").strip(),
        will=[one for one in judged if one.is_made],
        refused=_by_reason(judged),
        seen=" ".join(f"{_text(one.file.key)}@{one.version}" for one in judged if one.is_made),
        now_of=lambda one: _now(visit, change, asked.what, one),
        query=_query(visit),
        said=visit.rules.alerts.words[visit.language],
    )


async def _make(visit: Visit, change: Change, keys: Sequence[FileKey], asked: Asked) -> Response:
    seen = _seen(visit)
    made_before = await form_keys.use(visit)
    if made_before is not None:
        return visit.redirect(made_before)
    judged = await many.change_many(visit.tx, change, keys, asked.judge, seen=seen)
    outcome = Outcome(
        what=asked.what,
        told=asked.told,
        made=[one.file.reference for one in judged if one.is_made],
        refused=[(one.file.reference, one.decided) for one in judged if isinstance(one.decided, Refusal)],
        not_there=len(keys) - len(judged),
    )
    for one in judged:
        if isinstance(one.decided, AssignmentChange):
            await record_assignment(visit, change, one.file, one.decided)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="alerts_changed_together",
        object_kind="alert",
        object_id=visit.form["form_key"],
        object_name=fill(visit.words["many"]["count"], count=len(outcome.made)),
        concern=Concern(organisation_id=change.doer.organisation_id),
        new={"what": asked.what.value, "value": asked.told, "alerts": outcome.made},
        reason=visit.form.get("comment", "").strip() or None,
    )
    values = {
        "bulk_id": UUID(visit.form["form_key"]),
        "user_id": visit.person.user_id,
        "now": visit.now,
        "result": Jsonb(msgspec.to_builtins(outcome)),
    }
    await visit.tx.execute(_QUERIES["keep_result"], values)
    path = visit.url("many_alerts_done", opaque_change=values["bulk_id"]) + _query(visit)
    await form_keys.keep_result(visit, path)
    return visit.redirect(path)


async def show_done(visit: Visit) -> Response:
    """What became of the change, to whoever made it."""
    try:
        values = {
            "bulk_id": UUID(visit.request.path_params["opaque_change"]),
            "user_id": visit.person.user_id,
        }
    except ValueError:
        raise Problem("page-missing", 404) from None
    row = await (await visit.tx.execute(_QUERIES["find_result"], values)).fetchone()
    if row is None:
        raise Problem("page-missing", 404)
    outcome = msgspec.convert(row[1], Outcome)
    refused: dict[Refusal, list[str]] = {}
    for reference, refusal in outcome.refused:
        refused.setdefault(refusal, []).append(reference)
    return visit.render(
        "many_done.html",
        made_at=row[0],
        outcome=outcome,
        refused=refused,
        list_path=_list_path(visit),
        said=visit.rules.alerts.words[visit.language],
    )


async def forget_results(database: Database, now: datetime) -> None:
    """Forget the pages of what became of changes that were made long ago: a chore of the national system."""
    async with database.transaction() as tx:
        await tx.execute(_QUERIES["forget_old"], {"before": now - RESULTS_KEPT})


# ---------------------------------------------------------------- which alerts


async def _keys(visit: Visit, change: Change) -> list[FileKey]:
    """Those that were ticked or that the steps carry on, or all that the filter finds; one too many says that."""
    if visit.form.get("all"):
        query = filters.read_query(visit, visit.request.url.path)
        search = await filters.search_of(visit, query)
        return await many.found_by(visit.tx, visit.rules.alerts, change.doer, search, visit.now)
    carried = visit.form.get("alerts", "").split()
    given = dict.fromkeys([*visit.form_lists.get("alert", ()), *carried])
    return [key for key in map(_key, given) if key is not None][:_KEYS_MAX]


_KEY = re.compile("([0-9]{1,9})-([0-9]{1,18})")


def _key(text: str) -> FileKey | None:
    found = _KEY.fullmatch(text)
    return None if found is None else FileKey(int(found[1]), int(found[2]))


def _text(key: FileKey) -> str:
    return f"{key.product_id}-{key.event_number}"


def _seen(visit: Visit) -> dict[FileKey, str]:
    pairs = (one.partition("@") for one in visit.form.get("seen", "").split())
    return {key: version for text, _, version in pairs if (key := _key(text)) is not None}


# ---------------------------------------------------------------- which change


async def _choose(
    visit: Visit, change: Change, keys: Sequence[FileKey], errors: Mapping[str, str]
) -> Response:
    return visit.render(
        "many_choose.html",
        status=422 if errors else 200,
        errors=errors,
        alerts=" ".join(map(_text, keys)),
        count=len(keys),
        most=BULK_ALERTS_MAX,
        choices=await _choices(visit, change, keys),
        form=visit.form,
        query=_query(visit),
        list_path=_list_path(visit),
        comment_characters_max=COMMENT_CHARACTERS_MAX,
    )


async def _choices(
    visit: Visit, change: Change, keys: Sequence[FileKey]
) -> dict[What, list[tuple[str, str]]]:
    """Each change that the reader's party makes, with its values in words. The rules judge each alert later; of closing
    reasons those are there that fit the kind of one of the alerts.
    """
    found_files = await read_files(visit.tx, keys)
    kinds = {file.kind for file in found_files if is_of(file, change.doer)} or set(AlertKind)
    rules, party, side = change.rules.alerts, change.doer.party, side_of(change.doer.party)
    words, own = rules.words[visit.language], visit.words["assigned"]
    to = {row.to_status for row in rules.status_transitions.values() if party in row.who}
    found = {
        What.ASSIGN: [(NOBODY, own["nobody"])]
        + [
            (one.code, one.name if one.team_id is None else fill(own["team"], name=one.name))
            for one in await assignees_of(visit.tx, change.doer)
        ],
        What.INVESTIGATION: [
            (answer.value, words("investigation", answer))
            for answer in InvestigationStatus
            if side is not None
            and (side, answer) in rules.investigations
            and party in rules.investigations[side, answer].who
        ],
        What.STATUS: [
            (status.value, words("status", status))
            for status in AlertStatus
            if status in to and status not in {AlertStatus.ACTIVE, AlertStatus.CLOSED}
        ],
        What.CLOSE: [
            (reason.value, words("closing_reason", reason))
            for reason, row in rules.closing_reasons.items()
            if party in row.who and row.kinds & kinds and reason is not ClosingReason.FALSIFICATION
        ],
        What.CLASSIFICATION: [
            (one.value, words("classification", one))
            for one in Classification
            if one is not Classification.CONFIRMED_FALSIFICATION
            and any(to is one and party in row.who for (_, to), row in rules.classifications.items())
        ],
    }
    return {what: choices for what, choices in found.items() if choices}


async def _asked(visit: Visit, change: Change, keys: Sequence[FileKey]) -> Asked | dict[str, str]:
    """The change that the form names, or what is wrong with it."""
    choices = await _choices(visit, change, keys)
    what = next((one for one in choices if one.value == visit.form.get("what")), None)
    if what is None:
        return {"what": visit.words["many"]["fault"]["what"]}
    value = visit.form.get(what.value, "")
    told = dict(choices[what]).get(value)
    if told is None:
        return {what.value: visit.words["fault"]["choose"]}
    comment = visit.form.get("comment", "")
    match what:
        case What.ASSIGN:
            to = chosen_assignee(await assignees_of(visit.tx, change.doer), value)
            judge = many.assignment_for_many(change, to)
        case What.INVESTIGATION:
            side = side_of(change.doer.party)
            assert side is not None, "whoever has no side has no choices"
            judge = many.investigation_for_many(change, side, InvestigationStatus(value), comment=comment)
        case What.STATUS:
            judge = many.status_for_many(change, AlertStatus(value), comment=comment)
        case What.CLOSE:
            judge = many.status_for_many(
                change, AlertStatus.CLOSED, reason=ClosingReason(value), comment=comment
            )
        case What.CLASSIFICATION:
            judge = many.classification_for_many(change, Classification(value), comment=comment)
    return Asked(what=what, value=value, told=told, judge=judge)


_OF_FORM: Final = frozenset({Refusal.COMMENT_MISSING, Refusal.COMMENT_TOO_LONG})


def _wrong(decided: many.Decided) -> tuple[str, Refusal] | None:
    """What is wrong with the form and not with the alert: it is said once, at its field."""
    return ("comment", decided) if isinstance(decided, Refusal) and decided in _OF_FORM else None


# ---------------------------------------------------------------- in words


def _by_reason(judged: Sequence[Judged]) -> dict[Refusal, list[Judged]]:
    found: dict[Refusal, list[Judged]] = {}
    for one in judged:
        if isinstance(one.decided, Refusal):
            found.setdefault(one.decided, []).append(one)
    return found


def _now(visit: Visit, change: Change, what: What, one: Judged) -> str:
    """What would be changed, as it is now."""
    words = visit.rules.alerts.words[visit.language]
    file = one.file
    match what:
        case What.ASSIGN:
            nobody: str = visit.words["assigned"]["nobody"]
            return nobody if code_of(one.assigned) == NOBODY or one.assigned is None else one.assigned.name
        case What.INVESTIGATION:
            side = side_of(change.doer.party)
            said = InvestigationStatus.NONE if side is None else file.investigations.get(side)
            return words("investigation", said or InvestigationStatus.NONE)
        case What.CLASSIFICATION:
            return words("classification", file.classification)
        case What.STATUS | What.CLOSE:
            return words("status", file.status)


def _query(visit: Visit) -> str:
    """The filters of the list, which every step carries on in its address."""
    query = filters.read_query(visit, "")
    return query.href(page=query.page)


def _list_path(visit: Visit) -> str:
    return visit.url("alerts") + _query(visit)


def shown(visit: Visit) -> dict[str, Any]:
    """What the list needs to offer all of this."""
    return {"may_change_many": visit.may("change_many_alerts"), "bulk_alerts_max": BULK_ALERTS_MAX}
