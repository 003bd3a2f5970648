"""Every code of NMVO-0048 v5.0 sections 4 and 5 is there, is an alert or not as told there, and says the same words.

That each is reached by some request is shown by the scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language, Level

RULES = load_rules()


@dataclass(frozen=True)
class Documented:
    section: str
    hub_codes: frozenset[str]
    messages: frozenset[str]
    code: str


def _documented() -> list[Documented]:
    found: list[Documented] = []
    heading: list[str] = []
    for line in Path(__file__).with_name("nmvo_0048.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("section"):
            heading = [cell.strip() for cell in line.split("|")]
        elif line.startswith(" "):
            section, hub, messages = heading
            found += [
                Documented(section, frozenset(hub.split()), frozenset(messages.split(" / ")), code)
                for code in line.split()
            ]
    return found


DOCUMENTED = _documented()


def test_the_two_sections_have_as_many_codes_as_the_document():
    assert sum(row.section == "section 4" for row in DOCUMENTED) == 4 + 17 + 16
    assert sum(row.section == "section 5" for row in DOCUMENTED) == 1 + 2 + 5 + 7 + 3 + 3
    assert len({row.code for row in DOCUMENTED}) == len(DOCUMENTED)


@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: row.code)
def test_the_code_is_given_and_is_what_the_document_says(row: Documented):
    code = RULES.codes[row.code]
    assert code.used
    assert code.alert is (row.section == "section 4")
    assert (code.level is Level.L5) is code.alert
    assert set(code.hub_codes) <= row.hub_codes
    assert code.hub_codes
    assert code.texts[Language.FI].message in row.messages


def test_only_the_repeat_at_the_same_location_says_so():
    said = {
        row.code: RULES.codes[row.code].texts[Language.FI].message
        for row in DOCUMENTED
        if row.section == "section 4" and len(row.messages) > 1
    }
    here = "Pakkaus on jo toimitettu tässä toimipisteessä."
    assert [code for code, message in said.items() if message == here] == ["51220201"]


def test_no_alert_is_given_that_the_document_or_its_web_edition_does_not_know():
    of_release_14 = {"41020007", "41020008", "41020009", "41020010", "41020011", "41020012"}
    alerts = {code.code for code in RULES.codes.values() if code.used and code.alert}
    assert alerts == {row.code for row in DOCUMENTED if row.section == "section 4"} | of_release_14
