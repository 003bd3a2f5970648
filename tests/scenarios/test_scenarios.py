"""Every table of `tables/`, played against the rules alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.scenarios.language import Scenario, Step, read_scenarios
from tests.scenarios.play import play
from tests.scenarios.pure import Met, PureWorld
from tests.scenarios.world import Answer

from sinetti.rules.load import load_rules
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Interface, PackState

SCENARIOS = read_scenarios(load_rules())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_every_request_gets_the_answer_that_its_table_says(scenario: Scenario, rules: Rules):
    await play(scenario, PureWorld(rules, Met()))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_what_an_answer_promises_about_reactivation_holds_to_the_second(
    scenario: Scenario, rules: Rules
):
    world = PureWorld(rules, Met())

    def promise_is_kept(step: Step, answer: Answer) -> None:
        decision, request = answer.decision, step.request
        assert request is not None
        if decision.state_after in {None, PackState.ACTIVE}:
            assert not decision.can_reactivate
            return
        assert world.can_reactivate(request, step.now) is decision.can_reactivate, step.text
        if (until := decision.can_reactivate_until) is not None:
            assert world.can_reactivate(request, until), step.text
            assert not world.can_reactivate(request, until + timedelta(seconds=1)), step.text
        elif decision.can_reactivate:
            assert decision.state_after is PackState.LOCKED

    await play(scenario, world, promise_is_kept)


async def test_the_tables_come_to_every_row_of_the_rules_and_to_every_code_that_a_pack_operation_can_get(
    rules: Rules,
):
    met = Met()
    for scenario in SCENARIOS:
        await play(scenario, PureWorld(rules, met))
    rows = {
        *(("request_checks.csv", check.row) for check in rules.request_checks),
        *(("identity_checks.csv", check.row) for check in rules.identity_checks),
        *(("restrictions.csv", row.row) for row in rules.restrictions),
        *(("transitions.csv", row.row) for group in rules.transitions.values() for row in group),
    }
    assert sorted(rows - met.rows) == []
    of_the_service = {code.code for code in rules.service_answers.values()} - {rules.roles_code.code}
    assert (
        sorted({code.code for code in rules.codes.values() if code.used} - met.codes - of_the_service) == []
    )


async def test_the_tables_try_every_state_as_every_kind_of_organisation(rules: Rules):
    met = Met()
    for scenario in SCENARIOS:
        await play(scenario, PureWorld(rules, met))
    requestable = [state for state, rule in rules.pack_states.items() if rule.requested_by]
    wanted = {
        (kind, state, state in allowed)
        for kind, allowed in rules.allowed_targets.items()
        # Systems of the operator and the authority never come as far as a pack.
        if Interface.PACKS in rules.interfaces[kind]
        for state in requestable
    }
    assert sorted(wanted - met.targets) == []
