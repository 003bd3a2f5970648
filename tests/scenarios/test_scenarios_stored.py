"""Every table of `tables/`, played through the use case against PostgreSQL."""

from __future__ import annotations

import pytest
from tests.scenarios.language import Scenario, read_scenarios
from tests.scenarios.play import play
from tests.scenarios.stored import StoredWorld

from sinetti.kit.db import Database
from sinetti.rules.load import load_rules
from sinetti.rules.types import Rules


@pytest.mark.parametrize("scenario", read_scenarios(load_rules()), ids=lambda scenario: scenario.name)
async def test_the_store_gives_the_answer_that_the_table_says(
    scenario: Scenario, database: Database, rules: Rules
):
    await play(scenario, StoredWorld(database, rules))
