"""`sinetti history`: everything that was done to a pack, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from sinetti.cli.errors import EXIT_OUTCOME, UserError
from sinetti.cli.screen import Screen
from sinetti.cli.words import LanguageOption, Words, words_in
from sinetti.gs1.identifiers import pad_gtin
from sinetti.kit.settings import Settings, load_settings
from sinetti.rules.vocabulary import Operation

Event = Mapping[str, Any]

GROUND_CHARACTERS_MAX = 200
_ONE_STATE = frozenset({Operation.SUPPLY, Operation.REACTIVATE})
_SENT_WITH = ("batch", "expiry", "entry_mode")
_MADE_WITH = ("user_agent", "source_address", "api_version")


def history(
    product_code: Annotated[str, typer.Argument(metavar="PRODUCT_CODE", help="GTIN or PPN.")],
    serial_number: Annotated[str, typer.Argument(metavar="SERIAL", help="Serial number, as on the pack.")],
    ground: Annotated[
        str,
        typer.Option(
            help="Why you may read it: alert id, or whose consent in writing (Delegated Regulation, art. 38(2)).",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    language: LanguageOption = None,
) -> None:
    """Show everything that was done to a pack, oldest first: who, when, what was sent, what was answered.

    Reads the database of SINETTI_DATABASE_URL or of SINETTI_HOME, so it is for the operator. The reading is recorded
    in the audit with its ground. Exit code 1 where the record has nothing of the pack.
    """
    ground = " ".join(ground.split())
    if not ground or len(ground) > GROUND_CHARACTERS_MAX:
        raise UserError(
            f"--ground says in 1 to {GROUND_CHARACTERS_MAX} characters why you may read the trail"
        )
    settings = load_settings()
    events = _events(settings, pad_gtin(product_code), serial_number, ground)
    if as_json:
        print(msgspec.json.encode(events, enc_hook=str).decode())
    else:
        _show(events, product_code, serial_number, settings, words_in(language))
    if not events:
        raise typer.Exit(EXIT_OUTCOME)


def _events(settings: Settings, product_code: str, serial_number: str, ground: str) -> list[dict[str, Any]]:
    from sinetti.kit.clock import system_clock  # noqa: PLC0415 - psycopg loads only when it is needed
    from sinetti.kit.db import Database  # noqa: PLC0415
    from sinetti.kit.postgres import running_database  # noqa: PLC0415
    from sinetti.nmvs.store import packs as store  # noqa: PLC0415
    from sinetti.portal.audit import Actor  # noqa: PLC0415
    from sinetti.portal.grounds import record_trail_read  # noqa: PLC0415

    async def read(url: str) -> list[dict[str, Any]]:
        async with await Database.open(url, pool_max=1) as database, database.transaction() as tx:
            await record_trail_read(
                tx,
                Actor(who=None, by="command_line", name="sinetti history"),
                system_clock(),
                product_code=product_code,
                serial_number=serial_number,
                ground=ground,
            )
            return await store.history(tx, product_code, serial_number)

    if settings.database_url is None and not (settings.home / "postgres").exists():
        raise UserError(f"there is no database in {settings.home} (SINETTI_HOME)")
    with running_database(settings) as url:
        return asyncio.run(read(url))


def _show(
    events: list[dict[str, Any]], product_code: str, serial_number: str, settings: Settings, words: Words
) -> None:
    from sinetti.rules.load import load_rules  # noqa: PLC0415

    codes = load_rules(settings.market).codes
    screen = Screen()
    screen.line(words("history", "title", product_code=product_code, serial_number=serial_number))
    if not events:
        screen.line(words("history", "nothing"))
    for event in events:
        screen.line()
        recorded_at: datetime = event["recorded_at"]
        moment = f"{recorded_at.astimezone(settings.zone):%d.%m.%Y %H:%M:%S}"
        screen.line(f"{moment}  {_operation(event, words)}  {_states(event)}".rstrip())
        code = codes.get(event["operation_code"] or "")
        if event["operation_code"]:
            message = code.texts[words.language].message if code and code.texts else ""
            screen.field(words("history", "answer"), f"{event['operation_code']} {message}".strip())
        if event["alert_id"]:
            screen.field(words("fields", "alert_id"), event["alert_id"])
        for label, value in _details(event, words):
            screen.field(label, value)


def _operation(event: Event, words: Words) -> str:
    operation = words.get("operations", event["operation"], event["operation"])
    # Supply and reactivation ask for one state only; the other operations say which.
    state = None if event["operation"] in _ONE_STATE else event["requested_state"]
    return f"{operation} ({state})" if state else operation


def _states(event: Event) -> str:
    before, after = event["state_before"], event["state_after"]
    if before is None and after is None:
        return ""
    return str(after) if before == after else f"{before or '?'} → {after or '?'}"


def _details(event: Event, words: Words) -> Iterator[tuple[str, str]]:
    who = [event["organisation_name"], event["location_name"], event["equipment_name"]]
    if any(who):
        yield words("history", "who"), ", ".join(str(part) for part in dict.fromkeys(who) if part)
    sent = [str(event[key]) for key in _SENT_WITH if event[key]]
    if sent:
        yield words("history", "sent"), ", ".join(sent)
    made = [str(event[key]) for key in _MADE_WITH if event[key]]
    if made:
        yield words("history", "made_with"), ", ".join(made)
    if event["reason"]:
        yield words("history", "reason"), event["reason"]
    yield words("fields", "transaction_id"), str(event["transaction_id"])
