"""What was read from a code, as values: elements, and findings that say what is wrong and where. No prose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for sending the pack data to the national system."""

    NOTICE = "notice"
    """Worth knowing, nothing is wrong with the data."""
    ODD = "odd"
    """Something is wrong or suspicious; the data is sent all the same: the national system is the judge."""
    FATAL = "fatal"
    """Not a pack code, or provably changed by the scanner, so that sending it could only raise a false alert."""


class Form(StrEnum):
    """How the data was written down."""

    ELEMENT_STRING = "element_string"
    """GS1 element string with FNC1 as separator (GS1 General Specifications §7.8)."""
    BRACKETED = "bracketed"
    """Human-readable form with application identifiers in brackets (GS1 General Specifications §4.14)."""
    ENVELOPE_05 = "envelope_05"
    """ISO/IEC 15434 message of format 05, which holds GS1 application identifiers."""
    ENVELOPE_06 = "envelope_06"
    """ISO/IEC 15434 message of format 06, which holds data identifiers, as IFA codes do."""
    DIGITAL_LINK = "digital_link"
    """GS1 Digital Link web address."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about the text that was read. `explain` gives the words for a person."""

    key: str
    """Stable name, that of the text in `texts/*.toml`."""
    severity: Severity
    start: int
    """Where it begins in the text as it was read."""
    length: int
    """Number of characters; 0 where something is missing."""
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What the explanation names: `expected`, `likely` and so on."""


@dataclass(frozen=True, slots=True)
class Element:
    """One application identifier (or data identifier) and its value."""

    ai: str
    title: str
    """Data title of the standard, such as `SERIAL`; empty for an identifier that is not assigned."""
    value: str
    """As it was read; in a Digital Link, percent signs are decoded."""
    start: int
    """Where the value begins in the text as it was read."""
    end: int
    """Where the value ends, exclusive."""
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """All that a text says, whether or not it is a pack code."""

    text: str
    """As it was read."""
    form: Form | None = None
    """`None` when nothing was recognised."""
    symbology: str | None = None
    """Symbology identifier as sent by the scanner, such as `]d2`; `None` when it sent none."""
    elements: tuple[Element, ...] = ()
    findings: tuple[Finding, ...] = ()
    """About the text as a whole; what concerns one element is among its `problems`."""
    scheme: str | None = None
    """`gs1` or `ifa`; `None` without a product code."""
    product_code: str | None = None
    """GTIN (shorter ones padded to 14 digits) or PPN, right or wrong."""
    serial_number: str | None = None
    batch: str | None = None
    expiry: str | None = None
    """YYMMDD as read."""
    nhrn: str | None = None
    """National healthcare reimbursement number: the first one when there are several."""

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Findings about the text and its elements, in the order of the text."""
        return tuple(sorted(self._each_finding(), key=lambda finding: (finding.start, finding.length)))

    @property
    def fatal(self) -> Finding | None:
        """Why this must not be sent to the national system; `None` when it may."""
        return next((one for one in self._each_finding() if one.severity is Severity.FATAL), None)

    @property
    def is_pack_code(self) -> bool:
        """Whether a verification can be asked with this data, be it right or wrong (NMVO-0048 v5.0 §6.1)."""
        return self.product_code is not None and self.serial_number is not None and self.fatal is None

    def _each_finding(self) -> Iterator[Finding]:
        yield from self.findings
        for element in self.elements:
            yield from element.problems
