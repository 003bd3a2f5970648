"""What may become of an alert: a table of stories, read from `decisions.txt`, and what it must hold for all."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tests.unit.alerts.cases import DOERS, RAISED, RULES, an_alert

from sinetti.alerts.decide import (
    decide_classification,
    decide_investigation,
    decide_set_aside_end,
    decide_status,
    is_of,
    possible_reasons,
    possible_statuses,
    supply_outcome,
)
from sinetti.alerts.model import AlertFile, ClassificationChange, InvestigationChange, StatusChange
from sinetti.alerts.view import outcome_sentence
from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Party,
    Refusal,
    SetAsideEnd,
    Side,
    SupplyOutcome,
)
from sinetti.rules.vocabulary import Language

NOW = RAISED + timedelta(days=20)
CLASSES = {
    "potential": Classification.POTENTIAL_SUSPICION,
    "suspicion": Classification.SUSPICION,
    "confirmed": Classification.CONFIRMED_FALSIFICATION,
}
LINES = [
    (number, line)
    for number, line in enumerate(
        Path(__file__).with_name("decisions.txt").read_text(encoding="utf-8").splitlines(), start=1
    )
    if line.strip() and not line.startswith("#")
]


def told(decided: Any, alert: AlertFile) -> str:
    """The answer as the table writes it."""
    match decided:
        case Refusal():
            return decided.value
        case StatusChange(to=AlertStatus.CLOSED):
            closed = an_alert(
                classification=alert.classification, status=decided.to, closing_reason=decided.reason
            )
            return f"closed {supply_outcome(RULES.alerts, closed)}"
        case StatusChange():
            return decided.to.value
        case InvestigationChange():
            return decided.to.value + (f", {decided.status.to}" if decided.status else "")
        case ClassificationChange():
            status = f", {decided.status.to}" if decided.status else ""
            return f"{decided.to}{status}: {' '.join(decided.effects)}"
    raise AssertionError(decided)


@pytest.mark.parametrize(("number", "line"), LINES, ids=[f"line {number}" for number, _ in LINES])
def test_the_table_of_decisions(number: int, line: str):
    question, _, answer = line.partition("->")
    status, classification, who, wish = re.split(r"\s{2,}", question.strip())
    status, _, more = status.partition(", ")
    asked = re.fullmatch(r"asked (\d+) d", more)
    kinds = {"kind": AlertKind(more)} if more in set(AlertKind) else {}
    alert = an_alert(
        **kinds,
        status=AlertStatus(status),
        classification=CLASSES[classification],
        closing_reason=ClosingReason.OTHER if status == "closed" else None,
        investigations={Side.END_USER: InvestigationStatus.PENDING} if more == "said pending" else {},
        close_without_answer_at=NOW - timedelta(days=int(asked[1]) - 14) if asked else None,
    )
    wish, _, because = wish.partition(" because ")
    characters = re.fullmatch(r"(\d+) characters", because)
    comment = "x" * int(characters[1]) if characters else because.strip('"') or None
    verb, _, rest = wish.partition(" ")
    rules, doer = RULES.alerts, DOERS[who]
    decided: Any
    if verb == "to":
        decided = decide_status(rules, alert, doer, AlertStatus(rest), NOW, comment=comment)
    elif verb == "close":
        reason = ClosingReason(rest) if rest else None
        decided = decide_status(rules, alert, doer, AlertStatus.CLOSED, NOW, reason=reason, comment=comment)
    elif verb == "class":
        decided = decide_classification(rules, alert, doer, CLASSES[rest], comment=comment)
    else:
        decided = decide_investigation(
            rules, alert, doer, Side(verb), InvestigationStatus(rest), comment=comment
        )
    assert told(decided, alert) == answer.strip(), f"line {number}"


def test_whose_matter_an_alert_is():
    alert = an_alert()
    assert {who for who, doer in DOERS.items() if is_of(alert, doer)} == {
        "A", "A main", "obp", "mah", "operator", "authority", "system",
    }  # fmt: skip
    abroad = an_alert(location_id=None, organisation_id=None, obp_organisation_id=None)
    assert {who for who, doer in DOERS.items() if is_of(abroad, doer)} == {"operator", "authority", "system"}


@pytest.mark.parametrize("who", DOERS)
def test_what_is_offered_is_what_is_possible(who: str):
    for status, classification in product(AlertStatus, Classification):
        reason = ClosingReason.OTHER if status is AlertStatus.CLOSED else None
        alert = an_alert(status=status, classification=classification, closing_reason=reason)
        for to in possible_statuses(RULES.alerts, alert, DOERS[who]):
            answers = [
                decide_status(RULES.alerts, alert, DOERS[who], to, NOW, reason=one, comment="why")
                for one in (possible_reasons(RULES.alerts, alert, DOERS[who], NOW) or [None])
            ]
            if to is AlertStatus.CLOSED and answers == [Refusal.REASON_MISSING]:
                continue
            assert all(isinstance(answer, StatusChange) for answer in answers)


def test_nothing_but_a_closed_false_alarm_can_be_supplied():
    for status, classification, reason in product(AlertStatus, Classification, [None, *ClosingReason]):
        if (status is AlertStatus.CLOSED) is (reason is None):
            continue
        alert = an_alert(status=status, classification=classification, closing_reason=reason)
        if supply_outcome(RULES.alerts, alert) is SupplyOutcome.CAN_BE_SUPPLIED:
            assert status is AlertStatus.CLOSED
            assert classification is Classification.POTENTIAL_SUSPICION


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Pakkausta ei saa toimittaa: hälytyksen syytä ei ole vielä selvitetty."),
        (
            {"classification": Classification.SUSPICION},
            "Pakkausta ei saa toimittaa: kyseessä on lääkeväärennösepäily.",
        ),
        (
            {"status": AlertStatus.CLOSED, "closing_reason": ClosingReason.REACTIVATED_HERE},
            "Pakkauksen voi toimittaa: sama toimipiste oli kirjannut sen ulos ja on palauttanut sen aktiiviseksi. Selvitä silti, miten virhe syntyi.",
        ),
        (
            {"status": AlertStatus.CLOSED, "closing_reason": ClosingReason.NO_ANSWER},
            "Pakkausta ei saa toimittaa: hälytyksen syytä ei saatu selvitettyä, koska selvityspyyntöön ei vastattu.",
        ),
        (
            {
                "status": AlertStatus.CLOSED,
                "closing_reason": ClosingReason.OTHER,
                "classification": Classification.SUSPICION,
            },
            "Pakkausta ei saa toimittaa: kyseessä on lääkeväärennösepäily.",
        ),
    ],
)
def test_the_pharmacist_reads_one_of_two_sentences_and_why(changes: dict[str, Any], sentence: str):
    assert outcome_sentence(RULES.alerts, an_alert(**changes), Language.FI) == sentence


OPEN = an_alert()
FALSE_ALARM = an_alert(status=AlertStatus.CLOSED, closing_reason=ClosingReason.READING_CORRECTED)
SUPPLIED_BEFORE = an_alert(status=AlertStatus.CLOSED, closing_reason=ClosingReason.DECOMMISSIONED_HERE_BEFORE)


@pytest.mark.parametrize(
    ("end", "alerts", "agreed", "refused"),
    [
        (SetAsideEnd.BACK_TO_STOCK, [FALSE_ALARM], False, False),
        (SetAsideEnd.BACK_TO_STOCK, [FALSE_ALARM, OPEN], False, True),
        (SetAsideEnd.BACK_TO_STOCK, [OPEN], True, True),
        (SetAsideEnd.BACK_TO_STOCK, [SUPPLIED_BEFORE], False, True),
        (SetAsideEnd.RETURNED_TO_WHOLESALER, [OPEN], False, True),
        (SetAsideEnd.RETURNED_TO_WHOLESALER, [OPEN], True, False),
        (SetAsideEnd.RETURNED_TO_WHOLESALER, [SUPPLIED_BEFORE], False, False),
        (SetAsideEnd.DESTROYED, [OPEN], False, True),
        (SetAsideEnd.SENT_TO_MAH, [OPEN], False, False),
        (SetAsideEnd.HANDED_TO_AUTHORITY, [OPEN], False, False),
        (SetAsideEnd.ENTERED_BY_MISTAKE, [OPEN], False, False),
    ],
)
def test_how_a_pack_that_was_set_aside_may_leave(end, alerts, agreed, refused):
    refusal = decide_set_aside_end(RULES.alerts, end, alerts, agreed_with_mah=agreed)
    assert refusal == (Refusal.CAUSE_NOT_KNOWN if refused else None)


def test_the_authority_is_offered_nothing():
    for status in AlertStatus:
        assert possible_statuses(RULES.alerts, an_alert(status=status), DOERS["authority"]) == ()
    assert DOERS["authority"].party is Party.AUTHORITY
