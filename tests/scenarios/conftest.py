"""The rules and scenarios, read once."""

from __future__ import annotations

import pytest

from sinetti.rules.load import load_rules
from sinetti.rules.types import Rules


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules()
