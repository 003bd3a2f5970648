"""One's own choice of mails: how soon one hears of each group of notices, where the table leaves a choice."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.alerts.cases import party_of
from sinetti.alerts.notices import choosing
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import NoticeGroup, Pace


async def show(visit: Visit) -> Response:
    """What one gets now."""
    return await _page(visit, {})


async def choose(visit: Visit) -> Response:
    """Choose anew. Groups that the form leaves out stay as they are."""
    rules, party, user_id = visit.rules.alerts, party_of(visit.person.role), visit.person.user_id
    before = await choosing.choices(visit.tx, user_id)
    open_groups = [
        group for group in choosing.groups_of(rules, party) if choosing.may_choose(rules, party, group)
    ]
    asked = {group: visit.form[group.value] for group in open_groups if group.value in visit.form}
    errors = {group.value: visit.words["fault"] for group, pace in asked.items() if pace not in set(Pace)}
    if errors or not asked:
        return await _page(visit, errors, status=422)
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for group, pace in asked.items():
        now = choosing.pace_of(rules, party, group, before)
        if pace != now:
            await choosing.choose(visit.tx, user_id, group, Pace(pace))
            old[f"notices_{group}"], new[f"notices_{group}"] = now.value, pace
    if new:
        await audit.record(
            visit.tx,
            visit.actor,
            visit.now,
            action="notices_chosen",
            object_kind="user",
            object_id=user_id,
            object_name=visit.person.name,
            concern=Concern(user_id=user_id, organisation_id=visit.person.organisation_id),
            old=old,
            new=new,
        )
    return visit.redirect(visit.url("notice_choices"), done="chosen")


async def _page(visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
    rules, party, words = visit.rules.alerts, party_of(visit.person.role), visit.words
    chosen = await choosing.choices(visit.tx, visit.person.user_id)
    groups = choosing.groups_of(rules, party)

    def shown(group: NoticeGroup) -> str:
        now = choosing.pace_of(rules, party, group, chosen).value
        return visit.form.get(group.value, now)

    return visit.render(
        "choices.html",
        status=status,
        errors=errors,
        fixed=[group.value for group in groups if not choosing.may_choose(rules, party, group)],
        chosen=[(group.value, shown(group)) for group in groups if choosing.may_choose(rules, party, group)],
        paces=[(pace.value, words["pace"][pace.value]) for pace in Pace],
    )


PAGE = Page(
    name="notice_choices",
    routes=(
        Route(name="notice_choices", path="/profile/notices", action="choose_notices", handler=show),
        Route(
            name="choose_notices",
            path="/profile/notices",
            action="choose_notices",
            handler=choose,
            method="POST",
        ),
    ),
)
