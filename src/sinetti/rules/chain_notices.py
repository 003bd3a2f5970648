"""Who may be told of a suspected or confirmed falsification by a company's notice: reads and proves the table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sinetti.rules.alerts.vocabulary import Classification
from sinetti.rules.markdown import page, table_of
from sinetti.rules.table import Files, RulesError, read_table

TABLE: Final = "chain_notice_recipients.csv"
_COLUMNS: Final = ("recipients", "classifications", "source", "status")


class Recipients(StrEnum):
    """Kinds of people who get a notice."""

    AUTHORITY = "authority"
    """The authority's inspectors."""
    WHOLESALERS = "wholesalers"
    """Users of wholesalers' locations, and their organisations' main users."""
    END_USERS = "end_users"
    """Main users of pharmacies, hospital pharmacies and medical depots."""


RecipientRules = Mapping[Recipients, frozenset[Classification]]
"""For each kind of people the classifications of an alert at which they may be told."""


def read_recipients(files: Files) -> RecipientRules:
    """The rules. Raises `RulesError` where a kind is missing, or anybody would be told before there is a suspicion."""
    rules = {
        row.word("recipients", Recipients): frozenset(row.words_of("classifications", Classification))
        for row in read_table(files, TABLE, _COLUMNS, ["recipients"])
    }
    for kind in Recipients:
        if kind not in rules:
            raise RulesError(TABLE, None, f"has no row for {kind}")
        if Classification.POTENTIAL_SUSPICION in rules[kind]:
            raise RulesError(
                TABLE, None, "an alert is a possible suspicion only: nobody is told of it like this"
            )
    return rules


def recipients_at(rules: RecipientRules, classification: Classification) -> list[Recipients]:
    """Who may be told of an alert of this class, in the order of the words."""
    return [kind for kind in Recipients if classification in rules[kind]]


def recipients_page(cells: Mapping[str, list[dict[str, str]]]) -> str:
    """The table for people."""
    return page(
        "Notices to the distribution chain",
        "Whom a company may tell of a falsification, and from which classification of the alert on.",
        ("Recipients", table_of(cells[TABLE], ("recipients", "classifications", "status", "source"))),
    )
