"""`sinetti load`, `recall`, `withdraw` and `non-fmd`, run as a person or a script does, against a real database."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from sinetti.cli.main import main

GTIN = "06412345678907"
PRODUCT = {"productCodeScheme": "gs1", "productCode": GTIN, "name": "Esimerkki 10 mg"}
HEAD = {"productCodeScheme": "gs1", "productCode": GTIN, "batchId": "LOT1", "expiryDate": "301231"}


class Run(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def sinetti(database_url, home, monkeypatch, capsys) -> Callable[..., Run]:
    monkeypatch.setenv("SINETTI_DATABASE_URL", database_url)
    monkeypatch.setenv("SINETTI_HOME", str(home))

    def run(*arguments: str, stdin: str = "") -> Run:
        monkeypatch.setattr(sys, "argv", ["sinetti", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        return Run(code, *capsys.readouterr())

    assert run("organisation", "add", "--name", "OBP", "--kind", "mah_obp").code == 0
    return run


@pytest.fixture
def rows(database_url) -> Callable[[Any], list[tuple[Any, ...]]]:
    def read(query: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(database_url) as connection:
            return connection.execute(query).fetchall()

    return read


def lines(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def load(sinetti: Callable[..., Run], text: str) -> tuple[int, list[tuple[str, str | None, str]]]:
    """Exit code, and of each product and batch: what, which, and what became of it."""
    run = sinetti("load", "-", "--organisation", "1", "--json", stdin=text)
    told = json.loads(run.out)
    return run.code, [(one["what"], one.get("batchId"), one["result"]) for one in told]


def test_a_file_of_lines_is_loaded_and_can_be_loaded_again(sinetti, rows):
    text = lines(PRODUCT, HEAD, "SN1", {"serialNumber": "SN2"}, {**HEAD, "batchId": "LOT2"}, "SN3")
    assert load(sinetti, text) == (
        0,
        [("product", None, "created"), ("batch", "LOT1", "created"), ("batch", "LOT2", "created")],
    )
    again = text + lines({**PRODUCT, "nhrn": "123"}, HEAD, "SN4")
    assert load(sinetti, again) == (
        0,
        [
            ("product", None, "unchanged"),
            ("batch", "LOT1", "unchanged"),
            ("batch", "LOT2", "unchanged"),
            ("product", None, "updated"),
            ("batch", "LOT1", "updated"),
        ],
    )
    assert rows("SELECT batch, pack_count FROM batch ORDER BY batch") == [("LOT1", 3), ("LOT2", 1)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_file_is_loaded(sinetti, rows, indent):
    document = {"products": [PRODUCT], "batches": [{**HEAD, "serialNumbers": ["SN1", "SN2"]}]}
    assert load(sinetti, json.dumps(document, indent=indent)) == (
        0,
        [("product", None, "created"), ("batch", "LOT1", "created")],
    )
    assert rows("SELECT count(*) FROM pack") == [(2,)]


def test_what_is_refused_does_not_stop_what_comes_after_it(sinetti, rows):
    text = lines(
        PRODUCT,
        {**PRODUCT, "productCode": "06412345678908"},
        {**HEAD, "batchId": "BAD1"}, "SN 1", "SN2",
        {**HEAD, "batchId": "BAD2", "expiryDate": "301301"}, "SN3",
        {**HEAD, "batchId": "BAD3"}, "SN4", "SN4",
        {"batchId": 5}, "SN5",
        {**HEAD, "batchId": "GOOD"}, "SN6",
        {**HEAD, "batchId": "BAD4"}, "SN6", "SN7",
        {**PRODUCT, "name": ""},
    )  # fmt: skip
    assert load(sinetti, text) == (
        1,
        [
            ("product", None, "created"),
            ("product", None, "refused"),
            ("batch", "BAD1", "refused"),
            ("batch", "BAD2", "refused"),
            ("batch", "BAD3", "refused"),
            ("batch", None, "refused"),
            ("batch", "GOOD", "created"),
            ("batch", "BAD4", "refused"),
            ("product", None, "refused"),
        ],
    )
    assert rows("SELECT sinetti_serial(serial_key) FROM pack") == [("SN6",)]


@pytest.mark.parametrize(
    "text", ["\n", "", '"SN1"\n', "nonsense\n", "[1]\n", '{"products": [{}]}', '{"batches": 5}']
)
def test_a_file_without_data_or_with_nonsense_loads_nothing(sinetti, rows, text):
    code, told = load(sinetti, text)
    assert (code, {what for what, _, _ in told} - {"line"}) == (1 if text.strip() else 0, set())
    assert rows("SELECT FROM product") == []


def test_a_person_reads_what_was_loaded_and_why_something_was_not(sinetti, tmp_path: Path):
    file = tmp_path / "packs.ndjson"
    file.write_text(lines(PRODUCT, HEAD, "SN1", "bad serial"), encoding="utf-8")
    run = sinetti("load", str(file), "--organisation", "1")
    assert run.code == 1
    assert f"loaded        product {GTIN}" in run.out
    assert f"refused       batch {GTIN} LOT1" in run.out
    assert "line 4: Expected 1 to 20 characters of GS1 character set 82" in run.out
    assert run.err == "Refused: 1. The rest was loaded.\n"


def test_data_is_loaded_only_for_an_organisation_that_may_have_it(sinetti):
    sinetti("organisation", "add", "--name", "Apteekki", "--kind", "pharmacy")
    pharmacy = sinetti("load", "-", "--organisation", "2", stdin=lines(PRODUCT))
    assert (pharmacy.code, "only mah_obp uploads data" in pharmacy.err) == (2, True)
    nobody = sinetti("load", "-", "--organisation", "9", stdin=lines(PRODUCT))
    assert (nobody.code, "there is no organisation 9" in nobody.err) == (2, True)


def test_a_file_that_is_not_there_is_named_and_nothing_is_loaded(sinetti, rows, tmp_path):
    file = tmp_path / "there.ndjson"
    file.write_text(lines(PRODUCT), encoding="utf-8")
    run = sinetti("load", str(file), str(tmp_path / "not-there"), "--organisation", "1")
    assert (run.code, "not-there: no such file" in run.err) == (2, True)
    assert rows("SELECT FROM product") == []


def test_the_operator_recalls_and_withdraws_anybodys_goods(sinetti, rows):
    load(sinetti, lines(PRODUCT, HEAD, "SN1"))
    assert "is recalled" in sinetti("recall", GTIN, "LOT1", "--reason", "Syy").out
    assert "was recalled already" in sinetti("recall", GTIN, "LOT1", "--reason", "Toinen").out
    assert "is withdrawn" in sinetti("withdraw", GTIN, "--reason", "Syy").out
    assert rows("SELECT recall_reason FROM batch") == [("Syy",)]
    assert rows(
        "SELECT change, organisation_id, person IS NOT NULL FROM batch_event ORDER BY event_number"
    ) == [
        ("product_created", 1, True),
        ("batch_recalled", None, True),
        ("product_withdrawn", None, True),
    ]
    unknown = sinetti("recall", GTIN, "NONE", "--reason", "Syy")
    assert (unknown.code, "has no batch NONE" in unknown.err) == (2, True)


def test_the_non_fmd_list_is_kept_with_its_reasons(sinetti, rows):
    assert "is on the list now" in sinetti("non-fmd", "add", GTIN, "OLD1", "--note", "Ennen 9.2.2019").out
    assert "was on the list already" in sinetti("non-fmd", "add", GTIN, "OLD1", "--note", "Muu").out
    (listed,) = json.loads(sinetti("non-fmd", "list", "--json").out)
    assert (listed["product_code"], listed["batch"], listed["risk_note"]) == (GTIN, "OLD1", "Ennen 9.2.2019")
    assert "OLD1" in sinetti("non-fmd", "list").out
    assert sinetti("non-fmd", "remove", GTIN, "OLD1", "--reason", "Virhe").code == 0
    assert sinetti("non-fmd", "remove", GTIN, "OLD1").code == 1
    assert rows("SELECT change, product_id, reason FROM batch_event ORDER BY event_number") == [
        ("non_fmd_added", 0, "Ennen 9.2.2019"),
        ("non_fmd_removed", 0, "Virhe"),
    ]
