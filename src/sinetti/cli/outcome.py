"""Shows what came of an operation as the guidance wants it: error or alert, what it means, what to do now.

NMVO-0048 v5.0 §1: the user sees at once what was asked, what was answered, and whether it is an error or an alert.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from sinetti.cli.exchange import Asked
from sinetti.cli.scan import findings_as_data, show_findings
from sinetti.cli.screen import Screen
from sinetti.cli.words import Words
from sinetti.gs1.identifiers import is_expiry, last_day
from sinetti.gs1.scan import Severity
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Colour, PackState
from sinetti.sdk.answers import Answer

_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) (?=[A-ZÅÄÖ])")


def kind_of(answer: Answer) -> str:
    """`ok`, `notice`, `error` or `alert`: the word that must never be left to a colour alone."""
    if answer.is_alert:
        return "alert"
    if not answer.is_success:
        return "error"
    return "ok" if answer.colour is Colour.GREEN else "notice"


def show_outcome(asked: Asked, answer: Answer, rules: Rules, words: Words) -> None:
    """The outcome for a person."""
    screen = Screen()
    kind = kind_of(answer)
    verified = kind == "ok" and asked.state is None
    kind_word = words("kinds", "ok_verify" if verified else kind)
    screen.headline(answer.colour, words("colours", answer.colour), f"{kind_word}   {answer.operation_code}")
    screen.line()
    for key, value in _told(answer, words):
        if key == "action":
            screen.steps(words("fields", key), _SENTENCE_END.split(value))
        else:
            screen.field(words("fields", key), value)
    screen.line()
    for key, value in _facts(answer, rules, words):
        screen.field(words("fields", key), value)
    for key, value in _question(asked, rules, words):
        screen.field(words("fields", key), value)
    if answer.transaction_id:
        screen.field(words("fields", "transaction_id"), answer.transaction_id)
    if asked.scan is not None and any(
        finding.severity is not Severity.NOTICE for finding in asked.scan.all_findings
    ):
        screen.line()
        screen.line(f"  {words('fields', 'scanner')}:")
        show_findings(asked.scan, words, screen)


def outcome_as_json(asked: Asked, answer: Answer, words: Words) -> str:
    """The outcome for programs: what was asked, the answer as it came, and what the table of codes says of it."""
    shown = {
        "operation": asked.operation,
        "server": asked.access.server,
        "clientId": asked.access.client_id,
        "requestedState": asked.state,
        "pack": asked.pack,
        "httpStatus": answer.http_status,
        "answer": answer.wire,
        "kind": kind_of(answer),
        "colour": answer.colour,
        "level": answer.level,
        "message": answer.message,
        "meaning": answer.meaning,
        "action": answer.action,
        "transactionId": answer.transaction_id,
        "findings": findings_as_data(asked.scan, words) if asked.scan else [],
    }
    return msgspec.json.encode(shown).decode()


def _told(answer: Answer, words: Words) -> Iterator[tuple[str, str]]:
    yield "message", answer.message
    if answer.known is None:
        yield "meaning", words("faults", "unknown_code")
        return
    yield "meaning", answer.meaning
    yield "action", answer.action
    if answer.wire.alert_id:
        yield "alert_id", answer.wire.alert_id
    if answer.wire.ams_link:
        yield "ams_link", answer.wire.ams_link


def _facts(answer: Answer, rules: Rules, words: Words) -> Iterator[tuple[str, str]]:
    """What the system said of the pack; only what it said."""
    wire = answer.wire
    if wire.product_name:
        yield "product_name", wire.product_name
    if wire.nhrn:
        yield "nhrn", wire.nhrn
    if wire.state:
        yield "state", state_name(wire.state, rules, words)
    if wire.batch_state:
        yield "batch_state", words("values", wire.batch_state)
    if wire.batch_recall_reason:
        yield "batch_recall_reason", wire.batch_recall_reason
    if wire.product_withdrawal_reason:
        yield "product_withdrawal_reason", wire.product_withdrawal_reason
    if wire.can_reactivate_until:
        yield "can_reactivate_until", _moment(wire.can_reactivate_until)
    elif wire.can_reactivate:
        yield "can_reactivate", words("values", "yes")


def _question(asked: Asked, rules: Rules, words: Words) -> Iterator[tuple[str, str]]:
    """What was asked, to be compared with the pack in hand."""
    pack = asked.pack
    operation = words("operations", asked.operation)
    entry_mode = words("values", pack.entry_mode)
    if asked.state in {None, PackState.SUPPLIED, PackState.ACTIVE}:
        yield "asked", words("values", "sent", operation=operation, entry_mode=entry_mode)
    else:
        state = state_name(asked.state or "", rules, words)
        yield "asked", words("values", "requested", operation=operation, state=state, entry_mode=entry_mode)
    not_sent = words("values", "none")
    yield "product_code", f"{pack.product_code} ({pack.scheme})"
    yield "serial_number", pack.serial_number
    yield "batch", pack.batch or not_sent
    yield "expiry", not_sent if pack.expiry is None else _expiry(pack.expiry, words)
    yield "by", words("values", "by", client_id=asked.access.client_id, server=asked.access.server)


def state_name(state: str, rules: Rules, words: Words) -> str:
    """A state in words, with the interface's own beside it; one that is newer than this program as it is."""
    if state not in set(PackState):
        return state
    return f"{rules.pack_states[PackState(state)].names[words.language]} ({state})"


def _expiry(expiry: str, words: Words) -> str:
    if not is_expiry(expiry):
        return expiry
    day = last_day(expiry)
    key = "whole_month" if expiry.endswith("00") else "day"
    return words("values", key, expiry=expiry, day=f"{day:%d}", month=f"{day:%m}", year=day.year)


def _moment(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local:%d.%m.%Y %H:%M} ({moment:%Y-%m-%dT%H:%M:%SZ})"
