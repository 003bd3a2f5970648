"""Loading: the packaged rules hold together, and each way a table can be wrong is refused with its place and reason."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from tests.rules.tables import FILES, line_of, with_changed, without

from sinetti.nmvs.conditions import prove_conditions
from sinetti.rules.load import RulesError, build_rules, load_rules
from sinetti.rules.table import version_of
from sinetti.rules.vocabulary import Language, Operation, OrganisationKind, PackState, ServiceAnswer, Where


def test_every_operation_in_every_state_at_every_place_has_exactly_one_last_answer():
    rules = load_rules()
    for question in product(Operation, PackState, Where):
        *others, last = rules.transitions[question]
        assert last.condition is None
        assert all(row.condition for row in others)


def test_every_condition_that_the_tables_name_has_a_function_and_none_is_left_over():
    prove_conditions(load_rules())


def test_a_condition_without_a_function_is_refused():
    files = with_changed("tables/request_checks.csv", "batch_missing", "batch_lost")
    files = {
        **files,
        "tables/conditions.csv": files["tables/conditions.csv"].replace(b"batch_missing", b"batch_lost"),
    }
    with pytest.raises(RulesError, match="row batch_lost: no function judges this request condition"):
        prove_conditions(build_rules(files))


def test_a_function_without_a_condition_is_refused():
    files = {
        **with_changed("tables/restrictions.csv", "product_withdrawn", "batch_recalled_too"),
        "tables/conditions.csv": FILES["tables/conditions.csv"].replace(
            b"product_withdrawn", b"batch_recalled_too"
        ),
    }
    with pytest.raises(RulesError, match="batch_recalled_too: no function judges this restriction condition"):
        prove_conditions(build_rules(files))


def test_every_used_code_has_words_in_three_languages_and_no_other_code_has():
    for code in load_rules().codes.values():
        assert set(code.texts) == (set(Language) if code.used else set())


def test_every_service_answer_has_a_code():
    rules = load_rules()
    assert set(rules.service_answers) == set(ServiceAnswer)
    assert rules.roles_code is rules.service_answers["not_allowed"]


def test_a_requested_state_leads_to_its_operation_and_other_words_to_none():
    rules = load_rules()
    asked = {word: rules.operation_for(word) for word in ("Active", "Supplied", "Stolen", "FreeSample")}
    assert asked == {
        "Active": Operation.REACTIVATE,
        "Supplied": Operation.SUPPLY,
        "Stolen": Operation.DECOMMISSION,
        "FreeSample": Operation.DECOMMISSION,
    }
    for word in ("CheckedOut", "Inactive", "Expired", "Recalled", "Withdrawn", "supplied", "SUPPLIED", ""):
        assert rules.operation_for(word) is None


def test_nobody_can_ask_for_a_state_that_is_not_requestable():
    rules = load_rules()
    requestable = {state for state in PackState if rules.operation_for(state)}
    assert set(rules.allowed_targets) == set(OrganisationKind)
    for states in rules.allowed_targets.values():
        assert states <= requestable


def test_the_version_is_the_same_for_the_same_content_and_another_for_any_other():
    assert (
        load_rules().version == load_rules().version == version_of(dict(sorted(FILES.items(), reverse=True)))
    )
    assert len(load_rules().version) == 12
    assert version_of(with_changed("texts/fi.toml", "Tuntematon", "Outo")) != version_of(FILES)
    assert version_of(with_changed("tables/parameters.csv", "240", "241")) != version_of(FILES)


def test_a_market_gets_its_own_parameters_and_others_the_common_ones():
    files = with_changed("tables/parameters.csv", "repeat_notices_supply,FI,3", "repeat_notices_supply,FI,5")
    assert build_rules(files, "FI").parameters["repeat_notices_supply"].value == 5
    assert build_rules(files, "SE").parameters["repeat_notices_supply"].value == 3
    assert build_rules(files, "SE").parameters["reactivation_window_hours"].value == 240


def test_texts_name_the_values_of_parameters():
    files = with_changed(
        "tables/parameters.csv", "reactivation_window_hours,,240", "reactivation_window_hours,,48"
    )
    text = build_rules(files).codes["51420200"].texts[Language.EN]
    assert "More than 2 days (48 hours)" in text.meaning
    too_many = load_rules().codes["62120003"].texts[Language.FI]
    assert "500\N{NO-BREAK SPACE}000" in too_many.meaning


TRANSITIONS = "tables/transitions.csv"

WRONG = [
    [cell.strip().replace("\\n", "\n") for cell in line.split(" | ")]
    for line in Path(__file__).with_name("wrong_tables.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(
    ("path", "old", "new", "reason"), WRONG, ids=[f"{row[0]}: {row[3]}" for row in WRONG]
)
def test_a_wrong_table_is_refused_with_the_reason(path: str, old: str, new: str, reason: str):
    with pytest.raises(RulesError) as refused:
        build_rules(with_changed(path, old, new))
    assert reason in str(refused.value)


@pytest.mark.parametrize("path", FILES)
def test_a_missing_file_is_refused_by_its_name(path: str):
    with pytest.raises(RulesError, match="is missing") as refused:
        build_rules(without(path))
    assert refused.value.table in path


@pytest.mark.parametrize("path", [path for path in FILES if path.startswith("tables/")])
def test_an_empty_table_is_refused(path: str):
    header = FILES[path].split(b"\n", 1)[0] + b"\n"
    with pytest.raises(RulesError, match="the table is empty"):
        build_rules({**FILES, path: header})


LOST = [
    "alert_kinds",
    "case_kin",
    "classification_transitions",
    "client_roles",
    "closing_reasons",
    "conditions",
    "guidance_conditions",
    "investigation_statuses",
    "levels",
    "notices",
    "pack_states",
    "requested_state_codes",
    "restrictions",
    "service_answers",
    "set_aside_ends",
    "target_states",
]


@pytest.mark.parametrize("table", LOST)
def test_no_row_can_be_lost_unnoticed(table: str):
    path = f"tables/{table}.csv"
    header, *rows = FILES[path].splitlines(keepends=True)
    for row in rows:
        with pytest.raises(RulesError):
            build_rules({**FILES, path: header + b"".join(other for other in rows if other is not row)})


def test_no_last_answer_of_a_transition_can_be_lost_unnoticed():
    header, *rows = FILES[TRANSITIONS].splitlines(keepends=True)
    last = [row for row in rows if row.split(b",")[3] == b""]
    for row in last:
        with pytest.raises(RulesError, match=r"must have no condition|has no row for"):
            build_rules(
                {**FILES, TRANSITIONS: header + b"".join(other for other in rows if other is not row)}
            )


def test_the_complaint_names_table_row_and_reason():
    with pytest.raises(RulesError) as refused:
        build_rules(
            with_changed(TRANSITIONS, "supply,Active,,expired,,51221000", "supply,Active,,expired,,51229999")
        )
    assert refused.value.table == "transitions.csv"
    assert refused.value.row == line_of(TRANSITIONS, "supply,Active,,expired")
    assert (
        str(refused.value)
        == f"transitions.csv, row {refused.value.row}: operation_codes.csv does not know 51229999"
    )
