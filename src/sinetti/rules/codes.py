"""Reads the tables of operation codes: what each stands for, and which the service itself answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from sinetti.rules.table import Files, Row, RulesError, read_table
from sinetti.rules.types import OperationCode, Text
from sinetti.rules.vocabulary import Colour, Language, Level, ServiceAnswer

Codes: TypeAlias = Mapping[str, OperationCode]

_OPERATION_CODES: Final = (
    "operation_code", "http_status", "operation", "meaning", "message_field", "hub_codes", "level", "alert", "colour",
    "used", "note", "source", "status",
)  # fmt: skip
_SERVICE_ANSWERS: Final = ("answer", "operation_code", "meaning", "source", "status")


def read_codes(files: Files, texts: Mapping[str, Mapping[Language, Text]]) -> dict[str, OperationCode]:
    """Every code that is known, with its texts."""
    codes = {}
    for row in read_table(files, "operation_codes.csv", _OPERATION_CODES, ["operation_code"]):
        code = row.text("operation_code")
        if row.text("message_field") not in {"information", "warning"}:
            raise row.error("message_field must be information or warning")
        codes[code] = OperationCode(
            code=code,
            http_status=row.number_in("http_status"),
            operation=row.text("operation"),
            meaning=row.text("meaning"),
            message_field=row.text("message_field"),
            hub_codes=row.words("hub_codes"),
            level=row.optional_word("level", Level),
            alert=row.yes("alert"),
            colour=row.word("colour", Colour),
            used=row.yes("used"),
            note=row.optional("note") or "",
            source=row.source,
            status=row.status,
            texts=texts.get(code, {}),
        )
    if unknown := sorted(set(texts) - set(codes)):
        raise RulesError("texts", unknown[0], "has words, but operation_codes.csv does not know the code")
    return codes


def code_of(row: Row, codes: Codes, column: str = "operation_code") -> OperationCode:
    """The operation code that the row names."""
    if (code := codes.get(row.text(column))) is None:
        raise row.error(f"operation_codes.csv does not know {row.text(column)}")
    return code


def read_service_answers(files: Files, codes: Codes) -> dict[str, OperationCode]:
    """What the service answers besides outcomes, by `ServiceAnswer`."""
    table = "service_answers.csv"
    answers: dict[str, OperationCode] = {}
    for row in read_table(files, table, _SERVICE_ANSWERS, ["answer"]):
        row.text("meaning")
        answers[row.word("answer", ServiceAnswer)] = code_of(row, codes)
    for answer in ServiceAnswer:
        if answer not in answers:
            raise RulesError(table, None, f"has no row for {answer}")
    return answers
