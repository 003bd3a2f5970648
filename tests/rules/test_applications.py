"""What becomes of applications, as a table with what comes of it last."""

from __future__ import annotations

import pytest

from sinetti.rules.applications.types import ApplicationTransition, NotNow
from sinetti.rules.applications.vocabulary import (
    ApplicationKind,
    ApplicationState,
    ApplicationStep,
    ChangedBy,
    LocationField,
    Side,
)
from sinetti.rules.load import load_rules

RULES = load_rules().applications
KINDS = {"contract": ApplicationKind.CHANGE_OF_CONTRACT, "it": ApplicationKind.CHANGE_OF_IT_SYSTEM}

TABLE = """
# kind     state      step      side       reason  -> what comes of it
contract   -          apply     applicant  -       -> applied
contract   -          apply     operator   -       -> not_yours
contract   applied    apply     applicant  -       -> another_state
contract   applied    approve   operator   -       -> approved
contract   applied    approve   applicant  -       -> not_yours
contract   applied    return    operator   because -> returned
contract   applied    return    operator   -       -> reason_missing
contract   applied    return    applicant  because -> not_yours
contract   applied    withdraw  applicant  -       -> withdrawn
contract   applied    withdraw  operator   -       -> not_yours
contract   returned   apply     applicant  -       -> applied
contract   returned   approve   operator   -       -> another_state
contract   returned   return    operator   because -> another_state
contract   returned   withdraw  applicant  -       -> withdrawn
contract   approved   approve   operator   -       -> another_state
contract   approved   return    operator   because -> another_state
contract   approved   withdraw  applicant  because -> another_state
contract   approved   apply     applicant  -       -> another_state
contract   withdrawn  apply     applicant  -       -> another_state
contract   withdrawn  approve   operator   -       -> another_state
it         applied    approve   operator   -       -> approved
it         approved   withdraw  applicant  -       -> reason_missing
it         approved   withdraw  applicant  because -> withdrawn
it         approved   withdraw  operator   because -> withdrawn
it         withdrawn  withdraw  operator   because -> another_state
"""
ROWS = [line for line in TABLE.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("row", ROWS)
def test_a_step_leads_where_the_table_says(row):
    asked, _, expected = row.partition("->")
    kind, state, step, side, reason = asked.split()
    found = RULES.decide(
        KINDS[kind],
        None if state == "-" else ApplicationState(state),
        ApplicationStep(step),
        Side(side),
        None if reason == "-" else reason,
    )
    shown = found.to_state.value if isinstance(found, ApplicationTransition) else found.value
    assert shown == expected.strip()
    assert isinstance(found, NotNow | ApplicationTransition)


def test_every_application_can_go_from_its_first_step_to_approval():
    for kind in ApplicationKind:
        begun = RULES.decide(kind, None, ApplicationStep.APPLY, Side.APPLICANT, None)
        assert isinstance(begun, ApplicationTransition)
        end = RULES.decide(kind, begun.to_state, ApplicationStep.APPROVE, Side.OPERATOR, None)
        assert isinstance(end, ApplicationTransition)


def test_each_side_is_offered_what_it_can_do():
    contract = ApplicationKind.CHANGE_OF_CONTRACT
    offered = {
        (state, side): {step.value for step in RULES.steps_of(contract, state, side)}
        for state in ApplicationState
        for side in Side
    }
    assert {key: steps for key, steps in offered.items() if steps} == {
        (ApplicationState.APPLIED, Side.APPLICANT): {"withdraw"},
        (ApplicationState.APPLIED, Side.OPERATOR): {"approve", "return"},
        (ApplicationState.RETURNED, Side.APPLICANT): {"apply", "withdraw"},
    }


def test_what_the_contract_names_goes_through_an_application():
    assert RULES.changed_by(ChangedBy.APPLICATION) == (
        LocationField.NAME,
        LocationField.KIND,
        LocationField.GLN,
    )
