"""What a person sees of an answer: one word for what kind it is, the steps one by one, and what was asked beside it."""

from __future__ import annotations

import pytest

from sinetti.cli.credentials import Access
from sinetti.cli.exchange import Asked
from sinetti.cli.outcome import kind_of, show_outcome
from sinetti.cli.words import words_in
from sinetti.contracts.packs import PackAnswer
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language, Operation, PackState, Scheme
from sinetti.sdk.answers import Answer
from sinetti.sdk.pack import Pack

RULES = load_rules()
PACK = Pack(
    product_code="09520640000013",
    serial_number="K7Q2M9X4TB1R5C",
    batch="RT2605",
    expiry="310500",
    scheme=Scheme.GS1,
)
ASKED = Asked(
    operation=Operation.SUPPLY,
    state=PackState.SUPPLIED,
    pack=PACK,
    scan=None,
    access=Access(server="http://127.0.0.1:8080", client_id="demo-metso", client_secret="hidden"),
)


def answer(code: str, http_status: int, **fields) -> Answer:
    return Answer(
        http_status=http_status,
        wire=PackAnswer(operation_code=code, **fields),
        known=RULES.codes.get(code),
        language=Language.EN,
    )


@pytest.mark.parametrize(
    ("code", "http_status", "kind"),
    [
        ("11210200", 200, "ok"),  # supplied
        ("11110100", 200, "ok"),  # active
        ("11220200", 200, "notice"),  # already supplied here, first notice
        ("11110300", 200, "notice"),  # verified, and it is stolen
        ("51221100", 409, "error"),  # recalled: refused, and no alert
        ("41020000", 404, "error"),  # unknown product
        ("41020001", 404, "alert"),  # unknown serial number
        ("51220200", 409, "alert"),  # supplied elsewhere
        ("19990000", 200, "notice"),  # a code of tomorrow is never green
        ("59990000", 409, "error"),
    ],
)
def test_an_answer_is_done_a_notice_an_error_or_an_alert(code, http_status, kind):
    assert kind_of(answer(code, http_status)) == kind


def test_a_code_of_tomorrow_with_an_alert_id_is_an_alert():
    assert kind_of(answer("59990000", 409, alert_id="FI-7KD-2MP-X9A-4TQ-H8C")) == "alert"


def test_everything_that_the_guidance_wants_is_on_the_screen(capsys):
    told = answer(
        "51220200",
        409,
        warning="The pack cannot be supplied.",
        state="Supplied",
        alert_id="FI-7KD-2MP-X9A-4TQ-H8C",
        product_name="Revontulin 20 mg",
    )
    show_outcome(ASKED, told, RULES, words_in(Language.EN))
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].strip() == "RED  ALERT   51220200"
    for part in (
        "The pack cannot be supplied.",
        "FI-7KD-2MP-X9A-4TQ-H8C",
        "supplied (Supplied)",
        "supply, scanned",
        "09520640000013 (gs1)",
        "K7Q2M9X4TB1R5C",
        "310500 (to the end of 05.2031)",
        "demo-metso at http://127.0.0.1:8080",
    ):
        assert part in shown
    assert shown.count(" - ") >= 2, "what to do is told step by step"
    assert "hidden" not in shown


def test_a_state_of_tomorrow_is_shown_as_it_came(capsys):
    show_outcome(ASKED, answer("11210200", 200, state="Quarantined"), RULES, words_in(Language.EN))
    assert "Quarantined" in capsys.readouterr().out
