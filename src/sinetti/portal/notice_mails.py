"""One mail to each person for what has gathered: words, address of the page, and the task that queues it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from psycopg.rows import class_row

from sinetti.alerts import files
from sinetti.alerts.cases import party_of
from sinetti.alerts.decide import is_of
from sinetti.alerts.model import Doer, FileKey
from sinetti.alerts.notices.asking import MAIL_NOTICES
from sinetti.alerts.notices.contacts import Contact, contact_of
from sinetti.alerts.notices.handing import hand_over_all, hand_over_task
from sinetti.alerts.notices.telling import Told, told_by_mail
from sinetti.alerts.reading import read_briefs
from sinetti.identity.people import people
from sinetti.identity.people.model import Person
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction, load_queries
from sinetti.kit.jobs import Task
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.mail.content import Content, Link
from sinetti.mail.queue import queue
from sinetti.nmvs.packs import Country
from sinetti.portal.words import common_words, fill, page_words
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Notice, NoticeGroup, Pace, Party
from sinetti.rules.vocabulary import Language

ALERTS_NAMED_MAX: Final = 20
"""A mail names so many alerts and counts the others: the list of alerts shows them all."""
HELP_PAGES_MAX: Final = 5
"""Help pages that a mail links to: each alert's page links to its own, too."""
TAKEN_MAX: Final = 5000
"""Notices of one person in one mail; the next mail has what is over that."""
PEOPLE_AT_ONCE: Final = 100

_SQL = load_queries("sinetti.alerts.store", "notices.sql")
_CONTACTS = load_queries("sinetti.alerts.store", "notice_contacts.sql")


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that waits for somebody's next mail."""

    product_id: int
    notice_number: int
    event_number: int
    notice: Notice
    pace: Pace
    made_at: datetime
    due_at: datetime


def notice_tasks(
    database: Database, settings: Settings, sealer: Sealer, country: Country, clock: Clock
) -> list[Task]:
    """The hand-over of notices, the mails that are due, and each minute both for what nobody asked for."""

    async def mail() -> None:
        await mail_due(database, settings, sealer, country, clock())
        await mail_contacts(database, settings, sealer, country, clock())

    async def sweep() -> None:
        await hand_over_all(database, country, clock)
        await mail()

    return [
        hand_over_task(database, country, clock),
        # A mail is queued in the transaction that forgets what it tells: done twice it tells nothing twice.
        Task(name=MAIL_NOTICES, run=mail),
        Task(name="sweep_notices", run=sweep, every="* * * * *"),
    ]


async def mail_due(
    database: Database, settings: Settings, sealer: Sealer, country: Country, now: datetime
) -> int:
    """Queue the mails that are due; how many."""
    mails = 0
    tried: set[int] = set()
    while True:
        async with database.transaction() as tx:
            values = {"now": now, "at_most": PEOPLE_AT_ONCE + len(tried)}
            due = [row[0] for row in await (await tx.execute(_SQL["due_people"], values)).fetchall()]
        new = [user_id for user_id in due if user_id not in tried]
        if not new:
            return mails
        for user_id in new:
            # A transaction for each, so that one person's trouble leaves the others their mail.
            async with database.transaction() as tx:
                mails += await _mail_to(tx, settings, sealer, country, user_id, now)
        tried.update(new)


async def mail_contacts(
    database: Database, settings: Settings, sealer: Sealer, country: Country, now: datetime
) -> int:
    """Queue the mails to contact addresses that are due; how many. What is left goes with the next sweep."""
    async with database.transaction() as tx:
        values = {"now": now, "at_most": PEOPLE_AT_ONCE}
        due = await (await tx.execute(_CONTACTS["due_contacts"], values)).fetchall()
    mails = 0
    for party, organisation_id, location_id in due:
        async with database.transaction() as tx:
            contact = await contact_of(tx, Party(party), organisation_id, location_id)
            assert contact is not None, "the row refers to the organisation"
            mails += await _mail_to_contact(tx, settings, sealer, country, contact, now)
    return mails


async def _mail_to_contact(
    tx: Transaction, settings: Settings, sealer: Sealer, country: Country, contact: Contact, now: datetime
) -> bool:
    values = msgspec.to_builtins(contact) | {"at_most": TAKEN_MAX}
    cursor = await tx.cursor(row_factory=class_row(Gathered)).execute(_CONTACTS["take_of_contact"], values)
    taken = going_now(await cursor.fetchall(), now)
    if not taken:
        return False
    numbers = {
        "product_ids": [one.product_id for one in taken],
        "notice_numbers": [one.notice_number for one in taken],
    }
    await tx.execute(_CONTACTS["remove_of_contact"], numbers)
    if contact.email is None:
        # It was taken away since.
        for one in taken:
            of_notice = {"product_id": one.product_id, "notice_number": one.notice_number}
            await tx.execute(_CONTACTS["note_told_nobody"], of_notice)
        return False
    doer = Doer(
        party=contact.party,
        organisation_id=contact.organisation_id,
        location_ids=() if contact.location_id is None else (contact.location_id,),
    )
    told = await _told(tx, country, doer, taken)
    if not told:
        return False
    known = [Language(one) for one in contact.languages if one in set(Language)]
    language = known[0] if known else Language(settings.default_language)
    content = mail_of_notices(
        country.rules.alerts,
        language,
        settings.portal_address,
        told,
        help_address=settings.public_address,
        to_contact_of=contact.name,
    )
    await queue(
        tx,
        sealer,
        kind="alerts.notices",
        recipient=contact.email,
        language=language.value,
        content=content,
        now=now,
    )
    return True


async def _mail_to(
    tx: Transaction, settings: Settings, sealer: Sealer, country: Country, user_id: int, now: datetime
) -> bool:
    """Queue the mail for one person, unless another worker does."""
    row = await (await tx.execute(_SQL["person_alone"], {"user_id": user_id})).fetchone()
    if row is None or not row[0]:
        return False
    cursor = await tx.cursor(row_factory=class_row(Gathered)).execute(
        _SQL["take_of_person"], {"user_id": user_id, "at_most": TAKEN_MAX}
    )
    taken = going_now(await cursor.fetchall(), now)
    if not taken:
        return False
    numbers = {
        "user_id": user_id,
        "product_ids": [one.product_id for one in taken],
        "notice_numbers": [one.notice_number for one in taken],
    }
    await tx.execute(_SQL["remove_of_person"], numbers)
    reader = await people.person(tx, user_id)
    told = await _told(tx, country, _doer(reader), taken)
    if not told or reader.locked_at is not None:
        return False
    await queue(
        tx,
        sealer,
        kind="alerts.notices",
        recipient=reader.email,
        language=reader.language,
        content=mail_of_notices(
            country.rules.alerts,
            Language(reader.language),
            settings.portal_address,
            told,
            help_address=settings.public_address,
        ),
        now=now,
    )
    return True


def going_now(waiting: Sequence[Gathered], now: datetime) -> list[Gathered]:
    """What the mail of now tells: all that is due, and what would have followed it sooner than the slowest of that.
    Pure.
    """
    order = list(Pace)
    due = [order.index(Pace(one.pace)) for one in waiting if one.due_at <= now]
    return [one for one in waiting if due and order.index(Pace(one.pace)) <= max(due)]


def _doer(reader: Person) -> Doer:
    return Doer(
        party=party_of(reader.role),
        user_id=reader.user_id,
        organisation_id=reader.organisation_id,
        location_ids=reader.location_ids,
    )


async def _told(tx: Transaction, country: Country, doer: Doer, taken: Sequence[Gathered]) -> list[Told]:
    """What the reader may hear as things stand now: somebody may have left the location since."""
    keys = list({FileKey(one.product_id, one.event_number) for one in taken})
    found = [file for file in await files.read_files(tx, keys) if is_of(file, doer)]
    wholes = {whole.file.key: whole for whole in await read_briefs(tx, country.market, found)}
    told = []
    for one in taken:
        whole = wholes.get(FileKey(one.product_id, one.event_number))
        if whole is not None:
            told.append(told_by_mail(country.rules.alerts, doer, whole, Notice(one.notice), one.made_at))
        elif one.notice == Notice.DEVIATION_RAISED:
            told.append(
                Told(
                    notice=Notice.DEVIATION_RAISED,
                    made_at=one.made_at,
                    alert_id=None,
                    kind=None,
                    product_name=None,
                    location_name=None,
                )
            )
    return told


# ---------------------------------------------------------------- words


def mail_of_notices(
    rules: AlertRules,
    language: Language,
    address: str,
    told: Sequence[Told],
    *,
    help_address: str,
    to_contact_of: str | None = None,
) -> Content:
    """The mail that tells this, in the reader's language: the most urgent first. Pure; `address` is the portal's,
    `help_address` that of the public help pages. A mail to the contact address of somebody says why it goes there.
    """
    words = page_words("alerts", language)["mail"]["notices"]
    said = rules.words[language]
    urgency = list(NoticeGroup)
    ordered = sorted(told, key=lambda one: (urgency.index(rules.notice_groups[one.notice]), one.made_at))
    by_alert: dict[str | None, list[Told]] = {}
    for one in ordered:
        by_alert.setdefault(one.alert_id, []).append(one)
    deviations = sum(one.notice is Notice.DEVIATION_RAISED for one in told)
    alerts = [(alert_id, of_alert) for alert_id, of_alert in by_alert.items() if alert_id is not None]
    lines = [_line(rules, language, of_alert) for _, of_alert in alerts[:ALERTS_NAMED_MAX]]
    if len(alerts) > ALERTS_NAMED_MAX:
        lines.append(fill(words["more"], count=len(alerts) - ALERTS_NAMED_MAX))
    if deviations:
        lines.append(fill(words["deviations"], count=deviations))
    if to_contact_of is not None:
        lines.append(fill(words["to_contact"], name=to_contact_of))
    subject = said("notice", ordered[0].notice)
    if len(alerts) > 1:
        subject = fill(words["subject_many"], notice=subject, count=len(alerts))
    elif alerts and ordered[0].product_name:
        subject = f"{subject}: {ordered[0].product_name}"
    path = f"/alerts/{alerts[0][0]}" if len(alerts) == 1 else "/alerts"
    return Content(
        subject=subject,
        paragraphs=tuple(lines),
        # No page lists deviations: a link to the alerts would lead to where they are not.
        link=Link(words=words["link_one" if len(alerts) == 1 else "link_many"], address=f"{address}{path}")
        if alerts
        else None,
        more=_help_pages(words["help_page"], language, help_address, ordered),
        footer=fill(common_words(language)["mail_footer"], address=address),
    )


def _help_pages(words: str, language: Language, address: str, told: Sequence[Told]) -> tuple[Link, ...]:
    """The help pages of what the system had answered: what each code means, and what to do."""
    codes = dict.fromkeys(one.operation_code for one in told if one.operation_code is not None)
    return tuple(
        Link(words=fill(words, code=code), address=f"{address}/codes/{code}?lang={language}#steps")
        for code in list(codes)[:HELP_PAGES_MAX]
    )


def _line(rules: AlertRules, language: Language, of_alert: Sequence[Told]) -> str:
    """One alert: what happened, which kind it is, the product, the place where the reader's party sees it."""
    said = rules.words[language]
    happened = Counter(said("notice", one.notice) for one in of_alert)
    first = of_alert[0]
    about = [
        said("kind", first.kind) if first.kind is not None else None,
        first.product_name,
        first.location_name,
        first.alert_id,
    ]
    what = ". ".join(notice if count == 1 else f"{notice} ({count})" for notice, count in happened.items())
    return f"{what}: {', '.join(part for part in about if part)}"
