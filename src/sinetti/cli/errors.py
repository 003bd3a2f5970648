"""What a person is told when a command cannot do its work. A bug is not told of: it keeps its traceback."""

from __future__ import annotations

import sys
from typing import Final

EXIT_OUTCOME: Final = 1
"""The system answered, and the answer was not green."""
EXIT_FAULT: Final = 2
"""Nothing was answered: a wrong option, a missing file, a server or database out of reach."""
EXIT_INTERRUPTED: Final = 130


class UserError(Exception):
    """Something that the person at the command line can mend. The message says what, in a sentence."""


_OWN_FAULTS = (
    ("sinetti.kit.settings", "SettingsError"),
    ("sinetti.kit.postgres", "EmbeddedPostgresError"),
    ("sinetti.kit.postgres_programs", "ServerError"),
    ("sinetti.kit.migrate", "MigrationError"),
    ("sinetti.kit.backup", "BackupError"),
    ("sinetti.rules.load", "RulesError"),
)
"""Errors of other parts whose message is written for a person already. Named, so that no part is imported."""


def explained(error: Exception) -> str | None:
    """A sentence for the person, or `None` where the error is a bug."""
    if isinstance(error, UserError) or any(_is_a(error, module, name) for module, name in _OWN_FAULTS):
        return str(error)
    if _is_a(error, "sinetti.kit.problems", "Problem"):
        return _problem_detail(error)
    if isinstance(error, PermissionError | FileNotFoundError | IsADirectoryError | NotADirectoryError):
        return f"{error.filename}: {(error.strerror or 'cannot be used').lower()}"
    return _database_fault(error)


def _problem_detail(problem: Exception) -> str:
    """What the interface would say of the same fault, and what to do."""
    from uuid import UUID  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from sinetti.kit.problems import Problem, render_problem  # noqa: PLC0415

    assert isinstance(problem, Problem)
    told = msgspec.json.decode(render_problem(problem, "en", UUID(int=0))[2])
    return f"{told['detail']} {told['action']}".strip()


def _database_fault(error: Exception) -> str | None:
    if _is_a(error, "psycopg.errors", "UndefinedTable"):
        return "the database has no tables of Sinetti yet. Run: sinetti migrate"
    if _is_a(error, "psycopg_pool", "PoolTimeout"):
        return "the database cannot be reached. Is SINETTI_DATABASE_URL right, and does the server run?"
    if _is_a(error, "psycopg", "OperationalError") and getattr(error, "sqlstate", None) is None:
        return f"the database cannot be reached: {str(error).strip().partition(chr(10))[0]}"
    return None


def _is_a(error: Exception, module: str, name: str) -> bool:
    """Whether the error is of this class; if the module is not loaded, no error can be."""
    found = getattr(sys.modules.get(module), name, None)
    return found is not None and isinstance(error, found)
