"""The command `sinetti`: every command is there, help is quick, and errors of a person get a sentence."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
import typer

from sinetti.cli.errors import UserError, explained
from sinetti.cli.main import COMMANDS, command_group
from sinetti.kit.problems import Problem
from sinetti.kit.settings import SettingsError


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_listed_command_can_be_run_and_tells_what_it_does(entry, capsys):
    with pytest.raises(SystemExit) as ended:
        command_group().main([entry.name, "--help"], prog_name="sinetti")
    assert ended.value.code == 0
    assert f"sinetti {entry.name}" in capsys.readouterr().out


def test_help_lists_all_commands_and_loads_none_of_them():
    program = "import sys; from sinetti.cli.main import main; sys.argv = ['sinetti', '--help']; main()"
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    for entry in COMMANDS:
        assert entry.name in ran.stdout
    for heavy in ("psycopg", "uvicorn", "httpx", "msgspec", "PIL", "sinetti.rules"):
        assert f" {heavy}\n" not in ran.stderr, f"{heavy} was loaded to print help"


def test_a_mistyped_command_is_guessed(capsys):
    with pytest.raises(SystemExit) as ended:
        command_group().main(["verfy"], prog_name="sinetti")
    assert ended.value.code == 2
    assert "verify" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("there is no such pack"), "there is no such pack"),
        (SettingsError("SINETTI_PORT should be a number"), "SINETTI_PORT should be a number"),
        (
            FileNotFoundError(2, "No such file or directory", "codes.png"),
            "codes.png: no such file or directory",
        ),
        (psycopg.OperationalError("connection refused\nIs it running?"), "connection refused"),
        (psycopg.errors.UndefinedTable("relation"), "sinetti migrate"),
        (Problem("unknown-location", 404, location_id=7), "7"),
    ],
)
def test_what_a_person_can_mend_is_told_in_a_sentence(error, sentence):
    told = explained(error)
    assert told is not None
    assert sentence in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "error", [KeyError("bug"), AssertionError("bug"), psycopg.errors.QueryCanceled("too long"), typer.Exit(1)]
)
def test_a_bug_is_not_explained_away(error):
    assert explained(error) is None
