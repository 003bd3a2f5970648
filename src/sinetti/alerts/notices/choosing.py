"""How soon each person hears of what by mail: as the table has it, or as the person has chosen where it may be."""

from __future__ import annotations

from collections.abc import Mapping

from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import NoticeGroup, Pace, Party

_SQL = load_queries("sinetti.alerts.store", "notices.sql")


def groups_of(rules: AlertRules, party: Party) -> list[NoticeGroup]:
    """Groups of which this party is ever told, the most urgent first. Pure."""
    heard = {party, Party.END_USER_LOCATION} if party is Party.END_USER_ORGANISATION else {party}
    told = {rules.notice_groups[notice] for notice, who in rules.notices.items() if who & heard}
    return [group for group in NoticeGroup if group in told]


def may_choose(rules: AlertRules, party: Party, group: NoticeGroup) -> bool:
    """Whether the table leaves a choice: what it sends at once, it sends to everybody. Pure."""
    return rules.paces[group].usual[party] is not Pace.AT_ONCE


def pace_of(rules: AlertRules, party: Party, group: NoticeGroup, chosen: Mapping[str, str]) -> Pace:
    """How soon somebody of this party hears of it. Pure."""
    usual = rules.paces[group].usual[party]
    return Pace(chosen.get(group.value, usual)) if may_choose(rules, party, group) else usual


async def choices(tx: Transaction, user_id: int) -> dict[str, str]:
    """What somebody has chosen, by group."""
    rows = await (await tx.execute(_SQL["choices_of_person"], {"user_id": user_id})).fetchall()
    return dict(rows)


async def choose(tx: Transaction, user_id: int, group: NoticeGroup, pace: Pace) -> None:
    """Choose for oneself. It counts for what happens from now on."""
    await tx.execute(_SQL["choose_pace"], {"user_id": user_id, "notice_group": group, "pace": pace})
