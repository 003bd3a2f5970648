"""`sinetti scan`: explain what a code says, whether it is right, and what the scanner did to it."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from sinetti.cli.caret import caret_lines, visible
from sinetti.cli.errors import EXIT_OUTCOME
from sinetti.cli.reading import read_scan
from sinetti.cli.screen import Screen
from sinetti.cli.words import LanguageOption, Words, words_in
from sinetti.gs1.explain import explain
from sinetti.gs1.scan import Element, Finding, Scan, Severity
from sinetti.rules.vocabulary import Colour

_COLOURS = {Severity.NOTICE: Colour.GREEN, Severity.ODD: Colour.AMBER, Severity.FATAL: Colour.RED}


def scan(
    code: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE|TEXT|-", help="An image of a code, what a scanner read, or - for standard input."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    language: LanguageOption = None,
) -> None:
    """Explain what a code says: each element, whether it is right, and where something is wrong.

    Exit code 0 for a pack code in order, 1 where something is odd or wrong. Nothing is sent anywhere.
    """
    words = words_in(language)
    read = read_scan(code, words)
    if as_json:
        print(msgspec.json.encode(scan_as_data(read, words)).decode())
    else:
        show_scan(read, words)
    if _worst(read) is not Severity.NOTICE:
        raise typer.Exit(EXIT_OUTCOME)


def scan_as_data(read: Scan, words: Words) -> dict[str, object]:
    """The scan for programs."""
    return {
        "text": read.text,
        "form": read.form,
        "symbology": read.symbology,
        "isPackCode": read.is_pack_code,
        "scheme": read.scheme,
        "productCode": read.product_code,
        "serialNumber": read.serial_number,
        "batch": read.batch,
        "expiry": read.expiry,
        "nhrn": read.nhrn,
        "elements": [
            {
                "identifier": element.ai,
                "title": element.title,
                "value": element.value,
                "start": element.start,
                "end": element.end,
                "valid": _is_right(element),
            }
            for element in read.elements
        ],
        "findings": findings_as_data(read, words),
    }


def findings_as_data(read: Scan, words: Words) -> list[dict[str, object]]:
    """What is to be said about the scan, for programs."""
    return [
        {
            "key": finding.key,
            "severity": finding.severity,
            "start": finding.start,
            "length": finding.length,
            "values": dict(finding.values),
            "message": (told := explain(finding, words.language)).message,
            "action": told.action,
        }
        for finding in read.all_findings
    ]


def show_scan(read: Scan, words: Words) -> None:
    """The scan for a person."""
    screen = Screen()
    worst = _worst(read)
    verdict = {Severity.NOTICE: "pack_code", Severity.ODD: "odd", Severity.FATAL: "fatal"}[worst]
    screen.headline(_COLOURS[worst], words("colours", _COLOURS[worst]), words("scan", verdict))
    if read.elements:
        screen.line()
    if read.form is not None:
        symbology = f", {read.symbology}" if read.symbology else ""
        screen.field(words("fields", "form"), words("forms", read.form) + symbology)
    for element in read.elements:
        label = f"({element.ai}) {element.title}".strip()
        right = words("scan", "is_right") if _is_right(element) else words("severities", _worst_of(element))
        screen.field(label, f"{visible(element.value)}   [{right}]")
    show_findings(read, words, screen)


def show_findings(read: Scan, words: Words, screen: Screen) -> None:
    """What is to be said about the scan, each with a mark under its place in the text."""
    for finding in read.all_findings:
        screen.line()
        told = explain(finding, words.language)
        screen.emphasised(
            f"{words('severities', finding.severity)}: {told.message}", _COLOURS[finding.severity]
        )
        for line in caret_lines(read.text, [(finding.start, finding.length)]):
            screen.line(f"    {line}")
        screen.line(f"  {told.action}")


def _worst(read: Scan) -> Severity:
    return _worst_severity(read.all_findings)


def _worst_of(element: Element) -> Severity:
    return _worst_severity(element.problems)


def _worst_severity(findings: tuple[Finding, ...]) -> Severity:
    severities = {finding.severity for finding in findings}
    return next((one for one in (Severity.FATAL, Severity.ODD) if one in severities), Severity.NOTICE)


def _is_right(element: Element) -> bool:
    return _worst_of(element) is Severity.NOTICE
