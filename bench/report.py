"""Findings as a table on the terminal, as JSON and as the page `docs/benchmarks.md`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
INTRODUCTION = Path(__file__).with_name("introduction.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one benchmark found."""

    number: int
    title: str
    aim: str
    """The value that was wanted, in words; empty where none was."""
    got: str
    met: bool | None
    """Whether the aim was met; `None` where there was none."""
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    """The numbers behind it, for `--json`."""


def with_notes(finding: Finding, notes: Sequence[str]) -> Finding:
    """The same with more to say."""
    return replace(finding, notes=[*finding.notes, *notes])


def middle(values: Sequence[float]) -> float:
    """The median, and 0 of nothing."""
    return median(values) if values else 0.0


def whole(value: float) -> str:
    """A number of requests with a space between thousands."""
    return f"{value:,.0f}".replace(",", " ")


def milliseconds(value: float) -> str:
    """Milliseconds with what digits matter."""
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """Least and greatest of the rounds."""
    return f"{whole(min(values))} - {whole(max(values))}" if values else ""


def as_text(findings: Sequence[Finding]) -> str:
    """For the terminal."""
    parts: list[str] = []
    for finding in findings:
        parts.append(f"({finding.number}) {finding.title}: {finding.got}{_verdict(finding)}")
        parts.extend(_aligned(finding.columns, finding.rows))
        parts.extend(finding.notes)
        parts.append("")
    return "\n".join(parts)


def as_json(machine: Mapping[str, str], findings: Sequence[Finding]) -> str:
    """For programs."""
    return json.dumps({"machine": machine, "findings": [asdict(finding) for finding in findings]}, indent=2)


def as_page(machine: Mapping[str, str], findings: Sequence[Finding], command: str) -> str:
    """For `docs/benchmarks.md`."""
    lines = [INTRODUCTION.read_text(encoding="utf-8").rstrip(), "", "## Summary", ""]
    lines += _table(
        ("", "Benchmark", "Aim", "Got", ""),
        [
            (f"({f.number})", f.title, f.aim, f.got, {True: "met", False: "missed", None: ""}[f.met])
            for f in findings
        ],
    )
    lines += ["", "## Machine", "", *_table(("", ""), list(machine.items())), "", f"Made by `{command}`."]
    for finding in findings:
        lines += ["", f"## ({finding.number}) {finding.title}", ""]
        lines += _table(finding.columns, finding.rows)
        for note in finding.notes:
            lines += ["", note]
    return "\n".join(lines) + "\n"


def _verdict(finding: Finding) -> str:
    if finding.met is None:
        return ""
    return f" (aim: {finding.aim}: {'met' if finding.met else 'MISSED'})"


def _aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    table = [tuple(columns), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "    " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in table
    ]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = "|".join("---" for _ in columns)
    return (
        [f"| {' | '.join(row)} |" for row in [columns]]
        + [f"|{rule}|"]
        + [f"| {' | '.join(r)} |" for r in rows]
    )
