"""R31: what a photograph of the pack says, the one witness that no scanner, keyboard or software stands before.

A code in a photograph is read by Sinetti itself. Where it says what was sent, nothing changed that on its way, however
near a stored value may be; where it says the stored value, the fault lies between pack and system. Neither ever closes
an alert: whoever can print a pack can print a photograph of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from sinetti.alerts.root_cause.book import Book
from sinetti.alerts.root_cause.identity import TECHNICAL_CAUSES
from sinetti.alerts.root_cause.model import UNKNOWN_PACK, Bar, Evidence, Facts, Hypothesis, Photographed
from sinetti.alerts.root_cause.uploads import is_odd_one, print_differs, still_differs

_REFUTED = 3
"""What is left of a fault of scanning or typing when the pack itself says what was sent."""
_ANOTHER_PACK = 2
"""A photograph of neither takes this part of the confidence: several packs may lie on the counter."""


def shows_what_was_sent(facts: Facts) -> bool:
    """Whether a photographed code says all that was sent, each sign of it."""
    return any(_says_sent(code, facts) for code in facts.photographed)


def is_refuted(hypothesis: Hypothesis) -> bool:
    """Whether a photograph speaks against it."""
    return Bar.PHOTOGRAPH in hypothesis.bars


def r31_photograph(hypothesis: Hypothesis, facts: Facts, book: Book) -> Hypothesis:
    """Weighs a fault of scanning or typing by what a photograph shows.

    It is surer where that is the pack that was meant, and no fault at all where it is what was sent.
    """
    meant = hypothesis.corrected
    if hypothesis.cause not in TECHNICAL_CAUSES or not facts.photographed:
        return hypothesis
    if shows_what_was_sent(facts):
        return _doubted(hypothesis, "photo_shows_what_was_sent", min(hypothesis.confidence, _REFUTED))
    if meant is None:
        return hypothesis
    if any(
        (code.serial_number, code.batch, code.expiry) == (meant.serial_number, meant.batch, meant.expiry)
        for code in _of_product(facts)
    ):
        return msgspec.structs.replace(
            hypothesis,
            confidence=max(hypothesis.confidence, book.confidence("R31")),
            evidence=(*hypothesis.evidence, Evidence(key="photo_shows_meant")),
        )
    if any(True for _ in _of_product(facts)):
        return _doubted(hypothesis, "photo_shows_another", max(1, hypothesis.confidence // _ANOTHER_PACK))
    return hypothesis


def r31_print_differs(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """Batch or expiry date are printed as they were sent: print and upload differ, whatever else would explain it."""
    if shows_what_was_sent(facts):
        yield from print_differs(facts, book, "R31", Evidence(key="photo_shows_what_was_sent"))


def photographed_patterns(facts: Facts, alone: Iterable[Hypothesis], book: Book) -> Iterator[Evidence]:
    """Patterns of falsification that only a photograph shows: a print that is almost, but not quite, a stored one.

    Of one pack: where the same comes from several locations, the company has printed or uploaded it wrongly.
    """
    if not shows_what_was_sent(facts):
        return
    if facts.sent.kind in UNKNOWN_PACK and facts.pack is None:
        near = any(one.corrected is not None and Bar.BY_CHANCE not in one.bars for one in alone)
        if near and facts.batch_alerts.unexplained_locations < book.limits.upload_gap_locations:
            yield Evidence(key="printed_near_miss")
    elif still_differs(facts) is not None and is_odd_one(facts):
        yield Evidence(key="printed_otherwise")


def _says_sent(code: Photographed, facts: Facts) -> bool:
    """A code of another product is another pack; what was not sent is not compared."""
    sent = facts.sent
    return (code.product_code, code.serial_number) == (sent.product_code, sent.serial_number) and all(
        value in {None, said} for value, said in ((sent.batch, code.batch), (sent.expiry, code.expiry))
    )


def _of_product(facts: Facts) -> Iterator[Photographed]:
    return (code for code in facts.photographed if code.product_code == facts.sent.product_code)


def _doubted(hypothesis: Hypothesis, key: str, confidence: int) -> Hypothesis:
    return msgspec.structs.replace(
        hypothesis,
        confidence=confidence,
        evidence=(*hypothesis.evidence, Evidence(key=key)),
        bars=(*hypothesis.bars, Bar.PHOTOGRAPH),
    )
