"""What holds for all operation codes together. Only here, and nowhere else, are codes taken apart."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import sinetti
from sinetti.rules.load import load_rules
from sinetti.rules.table import packaged_files
from sinetti.rules.vocabulary import Colour, Level, Operation, PackState, Status, Where

RULES = load_rules()
OPERATION_DIGITS = {"10": None, "11": "verify", "12": "supply", "13": "decommission", "14": "reactivate"}
STATUS_DIGITS = {"1": 200, "2": 202, "3": 403, "4": 404, "5": 409, "6": 422, "7": 429}
STATE_DIGITS = {
    "02": PackState.SUPPLIED,
    "03": PackState.STOLEN,
    "04": PackState.DESTROYED,
    "05": PackState.SAMPLE,
    "06": PackState.FREE_SAMPLE,
    "07": PackState.LOCKED,
    "08": PackState.EXPORTED,
    "09": PackState.CHECKED_OUT,
}


def test_every_code_is_eight_digits():
    for code in RULES.codes:
        assert len(code) == 8
        assert code.isdigit()


def test_the_first_digit_is_the_http_status():
    for code in RULES.codes.values():
        assert code.http_status == STATUS_DIGITS[code.code[0]]


def test_the_class_digit_of_pack_operations_is_the_field_of_the_message():
    for code in RULES.codes.values():
        if code.code[1:3] in OPERATION_DIGITS:
            assert code.message_field == {"1": "information", "2": "warning"}[code.code[3]], code.code


def test_the_operation_digits_are_the_operation():
    for code in RULES.codes.values():
        if operation := OPERATION_DIGITS.get(code.code[1:3]):
            assert code.operation == operation


def test_the_state_digits_are_the_state_found_or_the_state_set():
    """Read from the pattern of the documented codes. Each exception has a row that says why."""
    exceptions = {(Operation.VERIFY, PackState.INACTIVE, "11110200")}
    for (operation, found, _), rows in RULES.transitions.items():
        for row in rows:
            codes = {row.new_state or found: row.code} if row.code else row.codes_by_target
            for state, code in codes.items():
                digits = code.code[4:6]
                if digits in STATE_DIGITS and (operation, found, code.code) not in exceptions:
                    assert STATE_DIGITS[digits] is state, (row.row, code.code)


def test_neighbouring_places_have_neighbouring_codes():
    """At the same location 01 and elsewhere 00, but for a pack that is Supplied where the time limit has 00."""
    for operation, state in product(
        (Operation.VERIFY, Operation.SUPPLY, Operation.DECOMMISSION), STATE_DIGITS.values()
    ):
        if state is PackState.CHECKED_OUT:
            continue
        here = RULES.transitions[operation, state, Where.SAME][-1].code
        there = RULES.transitions[operation, state, Where.OTHER][-1].code
        assert here is not None
        assert there is not None
        assert (here.code[:6], here.code[6:], there.code[6:]) == (there.code[:6], "01", "00")


def test_an_alert_is_red_and_belongs_to_no_success():
    for code in RULES.codes.values():
        if code.alert:
            assert code.colour is Colour.RED
            assert code.http_status >= 400
            assert code.level is Level.L5


def test_verifying_a_known_pack_raises_no_alert():
    for (operation, _, _), rows in RULES.transitions.items():
        if operation is Operation.VERIFY:
            assert not any(row.code is None or row.code.alert for row in rows)


def test_no_text_or_code_of_the_project_hides_an_operation_code_in_a_program():
    """Codes stand in tables and texts only: programs look them up."""
    spelled = re.compile(f"""["'](?:{"|".join(RULES.codes)})["']""")
    root = Path(sinetti.__file__).parent
    found = [path.name for path in root.rglob("*.py") if spelled.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_each_code_that_is_not_documented_says_so():
    for code in RULES.codes.values():
        assert (code.status is Status.DOCUMENTED) is (code.source.startswith(("NMVO-0048", "FiMVO"))), (
            code.code
        )


def test_the_table_is_in_the_order_of_the_codes():
    lines = packaged_files()["tables/operation_codes.csv"].decode().splitlines()[1:]
    assert lines == sorted(lines)
