"""What holds for every file of the repository, whoever writes it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "sinetti"
MODULES = sorted(SOURCE.rglob("*.py"))
QUERY_FILES = sorted(SOURCE.rglob("*.sql"))

OPERATION_CODE = re.compile(r"(?<!\d)[1-7]\d{7}(?!\d)")


def described(path: Path) -> str:
    return str(path.relative_to(ROOT))


def strings(module: Path) -> list[tuple[int, str]]:
    """Every string of a module but its documentation: line and value."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


@pytest.mark.parametrize("module", MODULES, ids=described)
def test_no_module_spells_an_operation_code(module):
    """Codes are rows of the rules tables, looked up and never built (style, 2)."""
    spelled = [
        f"line {line}: {text!r}" for line, text in strings(module) if OPERATION_CODE.fullmatch(text.strip())
    ]
    assert spelled == []


@pytest.mark.parametrize("queries", QUERY_FILES, ids=described)
def test_every_query_says_what_it_is_for(queries):
    lines = queries.read_text(encoding="utf-8").splitlines()
    silent = [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if re.fullmatch(r"-- \w+ --", line) and not re.match(r"-- \w", following)
    ]
    assert silent == []


def repository_files() -> list[Path]:
    """What git keeps, or would if it were asked now."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# Put together from halves, so that this file does not break its own rule.
PLACES = {
    "a path of one machine": re.compile("/wo" + r"rk/|/ho" + r"me/[a-z]+/|/ro" + r"ot/|/Us" + r"ers/[a-z]+/"),
    "a package registry": re.compile(
        "py" + r"pi\.org|files\.pythonho" + r"sted|--(extra-)?index-u" + "rl|npmjs" + r"\.(org|com)"
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_file_names(place):
    """A checkout works wherever it stands and wherever its packages come from."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    named = []
    for path in repository_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        named += [f"{described(path)}: {match[0]}" for match in PLACES[place].finditer(text)]
    assert named == []
