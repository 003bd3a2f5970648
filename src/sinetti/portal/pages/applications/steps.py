"""What is done with applications: sent, sent again, approved, returned, withdrawn; each in the visit's transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sinetti.identity import registry
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.location_form import application_rules
from sinetti.portal.pages.applications import store
from sinetti.portal.pages.applications.forms import Form, location_name, today
from sinetti.portal.pages.applications.model import Application, Asks
from sinetti.portal.store.locations import (
    HeldLocation,
    change_fields,
    close_location,
    gln_is_taken,
    hold_location,
    keep_fields,
)
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words
from sinetti.rules.applications.types import ApplicationTransition, NotNow
from sinetti.rules.applications.vocabulary import (
    ApplicationKind,
    ApplicationStep,
    LocationField,
    Side,
    Tells,
)
from sinetti.rules.vocabulary import Language

_AUDITED = {
    ApplicationStep.APPLY: "application_sent",
    ApplicationStep.RETURN: "application_returned",
    ApplicationStep.APPROVE: "application_approved",
    ApplicationStep.WITHDRAW: "application_withdrawn",
}


async def apply(visit: Visit, kind: ApplicationKind, held: HeldLocation | None, form: Form) -> int:
    """Send a new application; returns its number."""
    organisation_id = held.organisation_id if held is not None else visit.person.organisation_id
    assert organisation_id is not None, "only people of an organisation apply"
    row = application_rules().decide(kind, None, ApplicationStep.APPLY, Side.APPLICANT, form.note)
    assert isinstance(row, ApplicationTransition), "loading has proved that every kind can be applied for"
    number = await store.add_application(
        visit.tx,
        kind=kind,
        organisation_id=organisation_id,
        location_id=None if held is None else held.location_id,
        state=row.to_state,
        asks=form.asks,
        user_id=visit.person.user_id,
        now=visit.now,
    )
    await store.keep_equipment(visit.tx, number, form.asks)
    await _note(visit, number, ApplicationStep.APPLY, Side.APPLICANT, form.note, form.asks)
    await _audit(
        visit,
        number,
        ApplicationStep.APPLY,
        Concern(organisation_id=organisation_id, location_id=None if held is None else held.location_id),
        location_name(held, form.asks),
        form.note,
        {"kind": kind.value, **asked(form.asks)},
    )
    sent = await store.find_application(visit.tx, number)
    assert sent is not None, "it has just been added"
    await _tell(visit, sent, row, form.note)
    return number


async def apply_again(visit: Visit, application: Application, form: Form) -> NotNow | None:
    """Send a returned application again, with what the form says now."""
    row = application_rules().decide(
        application.kind, application.state, ApplicationStep.APPLY, Side.APPLICANT, form.note
    )
    if isinstance(row, NotNow):
        return row
    await store.keep_equipment(visit.tx, application.application_id, form.asks)
    await store.set_state(
        visit.tx,
        application.application_id,
        row.to_state,
        form.asks,
        visit.now,
        applied_by=visit.person.user_id,
    )
    await _finish(visit, application, ApplicationStep.APPLY, Side.APPLICANT, row, form.note, form.asks)
    return None


async def take_step(
    visit: Visit, application: Application, step: ApplicationStep, side: Side, reason: str | None
) -> NotNow | None:
    """Return or withdraw it; `None` when that is done. Approving is `approve`."""
    row = application_rules().decide(application.kind, application.state, step, side, reason)
    if isinstance(row, NotNow):
        return row
    await store.set_state(visit.tx, application.application_id, row.to_state, application.asks, visit.now)
    await _finish(visit, application, step, side, row, reason, application.asks)
    return None


async def approve(visit: Visit, application: Application, reason: str | None) -> NotNow | str | None:
    """Approve it and do what it asks for. A text says why that cannot be done; then nothing has changed."""
    row = application_rules().decide(
        application.kind, application.state, ApplicationStep.APPROVE, Side.OPERATOR, reason
    )
    if isinstance(row, NotNow):
        return row
    gln = application.asks.fields.get(LocationField.GLN)
    if isinstance(gln, str) and await gln_is_taken(visit.tx, gln, application.location_id):
        taken: str = common_words(visit.language)["location_fault"]["gln_taken"]
        return taken
    location_id = await _carry_out(visit, application)
    await store.set_state(
        visit.tx,
        application.application_id,
        row.to_state,
        application.asks,
        visit.now,
        location_id=location_id,
    )
    await _finish(
        visit,
        application,
        ApplicationStep.APPROVE,
        Side.OPERATOR,
        row,
        reason,
        application.asks,
        location_id=location_id,
    )
    return None


async def _carry_out(visit: Visit, application: Application) -> int | None:
    """What was applied for comes to be; returns the number of the location that it is about."""
    asks = application.asks
    if application.kind is ApplicationKind.NEW_LOCATION:
        added = await registry.add_location(
            visit.tx,
            organisation_id=application.organisation_id,
            name=application.name,
            now=visit.now,
        )
        await keep_fields(visit.tx, added.location_id, asks.fields, visit.now)
        await _audit_location(visit, "location_added", added.location_id, application, {}, asks.fields)
        return added.location_id
    assert application.location_id is not None, "only a new location has no number"
    held = await hold_location(visit.tx, application.location_id)
    match application.kind:
        case ApplicationKind.CHANGE_OF_CONTRACT:
            old, new = await change_fields(visit.tx, held, asks.fields, visit.now)
            if new:
                await _audit_location(visit, "location_changed", held.location_id, application, old, new)
        case ApplicationKind.CLOSE_LOCATION:
            assert asks.closes_on is not None, "the form asks for the day"
            if asks.closes_on <= today(visit.now, visit) and held.state != "closed":
                reason = closing_reason(application.application_id)
                await close_location(visit.tx, held.location_id, reason=reason, now=visit.now)
                await _audit_location(visit, "location_closed", held.location_id, application, {}, {})
        case _:
            pass  # Approval of a change of IT system opens its next steps; the facts say how far it has come.
    return held.location_id


def closing_reason(application_id: int) -> str:
    """What the users of a closed location read, in the three languages of the country, for it is kept as it is."""
    return (
        f"Toimipiste on suljettu, hakemus {application_id}. / Verksamhetsstället är stängt, ansökan "
        f"{application_id}. / The location is closed, application {application_id}."
    )


def asked(asks: Asks) -> dict[str, object]:
    """What is asked for, for the audit."""
    return {
        **asks.fields,
        **{
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name in (
                "closes_on",
                "system_name",
                "supplier",
                "supplier_contact",
                "supplier_email",
                "supplier_phone",
                "planned_on",
                "equipment_names",
            )
            if (value := getattr(asks, name))
        },
    }


async def _finish(
    visit: Visit,
    application: Application,
    step: ApplicationStep,
    side: Side,
    row: ApplicationTransition,
    reason: str | None,
    asks: Asks,
    *,
    location_id: int | None = None,
) -> None:
    """Timeline, audit, mail."""
    await _note(visit, application.application_id, step, side, reason, asks)
    concern = Concern(
        organisation_id=application.organisation_id, location_id=location_id or application.location_id
    )
    new = asked(asks) if step is ApplicationStep.APPLY else {}
    await _audit(visit, application.application_id, step, concern, application.name, reason, new)
    changed = await store.find_application(visit.tx, application.application_id)
    assert changed is not None, "it is held"
    await _tell(visit, changed, row, reason)


async def _note(
    visit: Visit, number: int, step: ApplicationStep, side: Side, reason: str | None, asks: Asks
) -> None:
    await store.add_step(
        visit.tx,
        number,
        step,
        side,
        user_id=visit.person.user_id,
        user_name=visit.person.name,
        reason=reason,
        asks=asks,
        now=visit.now,
    )


async def _audit(
    visit: Visit,
    number: int,
    step: ApplicationStep,
    concern: Concern,
    name: str,
    reason: str | None,
    new: Mapping[str, object],
) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=_AUDITED[step],
        object_kind="application",
        object_id=number,
        object_name=name,
        concern=concern,
        new=new,
        reason=reason,
    )


async def _audit_location(
    visit: Visit,
    action: str,
    location_id: int,
    application: Application,
    old: Mapping[str, object],
    new: Mapping[str, object],
) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="location",
        object_id=location_id,
        object_name=application.name,
        concern=Concern(organisation_id=application.organisation_id, location_id=location_id),
        old=old,
        new=new,
        ground=f"application {application.application_id}",
    )


async def _tell(
    visit: Visit, application: Application, row: ApplicationTransition, reason: str | None
) -> None:
    """Mail to the applicant, or to everybody of the operator who decides; whoever did the step needs none."""
    path = visit.url("application", application_id=application.application_id)
    common = {"name": application.name, "organisation": application.organisation_name}
    told: list[tuple[str, str, str]] = []
    if row.tells in {Tells.APPLICANT, Tells.BOTH}:
        told.append((application.applied_by_email, application.applied_by_language, row.to_state.value))
    if row.tells in {Tells.OPERATOR, Tells.BOTH}:
        key = "arrived" if row.step is ApplicationStep.APPLY else row.to_state.value
        told += [(one.email, one.language, key) for one in await store.list_operators(visit.tx)]
    for email, language, key in told:
        if email == visit.person.email:
            continue
        words = _kinds_in(language)
        await visit.mail(
            to=email,
            language=language,
            key=key,
            path=path,
            kind=words[application.kind.value],
            reason=reason or "–",
            who=visit.person.name,
            **common,
        )


def _kinds_in(language: str) -> dict[str, str]:
    """What kinds of application are called in the language of whoever reads a mail."""
    kinds: dict[str, str] = common_words(Language(language))["application_kind"]
    return kinds


def is_late(application: Application, seen_step: str) -> bool:
    """Whether something has been done with it since the page was shown that the form was on."""
    return seen_step != str(application.last_step)
