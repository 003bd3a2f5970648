"""R13 to R16: what the company uploaded too late, not at all, in part, or otherwise than it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sinetti.alerts.root_cause.book import Book
from sinetti.alerts.root_cause.identity import spans
from sinetti.alerts.root_cause.model import (
    DIFFERING_FIELD,
    UNKNOWN_PACK,
    AlertKind,
    Difference,
    Evidence,
    Facts,
    Field,
    Hypothesis,
    StoredPack,
)
from sinetti.gs1.charset import character_classes
from sinetti.rules.vocabulary import Cause

_MORE_LOCATIONS = 2
"""Each further location makes a difference between print and upload so much surer."""
_PRINT_IS_RIGHT = 45
"""What successes at other locations with the uploaded value take from a difference between print and upload."""
_NOT_AS_UPLOADED = 25
"""What a serial number of another form than the batch's takes from a partial upload (R11)."""


def fits_batch(facts: Facts) -> bool | None:
    """R11: whether the serial number has the length and the kinds of characters that were uploaded for its batch.

    `None` where there is no such batch, or nothing was uploaded into it.
    """
    batch = facts.asked_batch
    if batch is None or not batch.serial_length_max:
        return None
    serial_number = facts.sent.serial_number
    if not batch.serial_length_min <= len(serial_number) <= batch.serial_length_max:
        return False
    return not character_classes(serial_number) & ~batch.serial_format


def r13_batch_not_uploaded(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """A batch that nobody uploaded: sure when several of its packs come up at several locations."""
    if facts.sent.kind is not AlertKind.BATCH_AND_SERIAL_UNKNOWN or facts.asked_batch is not None:
        return
    if facts.pack is not None or facts.non_fmd:
        return
    packs, locations = facts.batch_alerts.unexplained_packs, facts.batch_alerts.unexplained_locations
    limits = book.limits
    counts = {"packs": packs, "locations": locations}
    if packs >= limits.upload_gap_packs and locations >= limits.upload_gap_locations:
        evidence = Evidence(key="batch_nowhere", values=counts)
        yield book.hypothesis("R13", Cause.BATCH_NOT_UPLOADED, evidence=[evidence])
    else:
        evidence = Evidence(key="batch_unknown")
        yield book.hypothesis("R13a", Cause.BATCH_NOT_UPLOADED, evidence=[evidence])


def r14_partial_upload(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """A batch of which a part was uploaded: sure when several packs come up at several locations."""
    # A batch that was unknown when the alert was raised may have been uploaded since, without this pack.
    if facts.sent.kind not in UNKNOWN_PACK or facts.pack is not None or facts.asked_batch is None:
        return
    fits = fits_batch(facts)
    packs, locations = facts.batch_alerts.unexplained_packs, facts.batch_alerts.unexplained_locations
    limits = book.limits
    evidence = []
    if fits is not None:
        evidence.append(Evidence(key="fits_batch" if fits else "does_not_fit_batch"))
    if packs >= limits.upload_gap_packs and locations >= limits.upload_gap_locations:
        rule = "R14"
        evidence.append(Evidence(key="unknown_packs", values={"packs": packs, "locations": locations}))
    else:
        rule = "R14a"
    confidence = book.confidence(rule, Cause.PARTIAL_UPLOAD) - (_NOT_AS_UPLOADED if fits is False else 0)
    yield book.hypothesis(rule, Cause.PARTIAL_UPLOAD, confidence=confidence, evidence=evidence)


def r15_late_upload(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """What was unknown when the alert was raised is stored now, with the batch and expiry that were sent."""
    sent, pack = facts.sent, facts.pack
    if sent.kind not in UNKNOWN_PACK or pack is None:
        return
    after = [at for at in pack.batch.uploads if at > sent.at]
    agrees = (sent.batch or pack.batch.batch, sent.expiry or pack.batch.expiry) == (
        pack.batch.batch,
        pack.batch.expiry,
    )
    confidence = book.confidence("R15", Cause.LATE_UPLOAD) - (0 if agrees else _NOT_AS_UPLOADED)
    values: dict[str, str | int] = (
        {"hours": round((after[0] - sent.at).total_seconds() / 3600)} if after else {}
    )
    key = (
        ("uploaded_within_the_hour" if values["hours"] == 0 else "uploaded_later") if after else "stored_now"
    )
    confirmed = agrees and any(one.serial_number == sent.serial_number for one in facts.later)
    yield book.hypothesis(
        "R15",
        Cause.LATE_UPLOAD,
        confidence=confidence,
        evidence=[Evidence(key=key, values=values)],
        confirmed=confirmed,
    )


def r16_corrected(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """What differed when the alert was raised is stored now as it was sent: the company has corrected its upload."""
    sent, pack = facts.sent, facts.pack
    field = DIFFERING_FIELD.get(sent.kind)
    if field is None or pack is None or pack.batch.corrected_at is None or pack.batch.corrected_at <= sent.at:
        return
    if (sent.batch or pack.batch.batch, sent.expiry or pack.batch.expiry) != (
        pack.batch.batch,
        pack.batch.expiry,
    ):
        return
    hours = round((pack.batch.corrected_at - sent.at).total_seconds() / 3600)
    key = "corrected_later" if hours else "corrected_within_the_hour"
    yield book.hypothesis(
        "R16b",
        Cause.PRINT_DIFFERS,
        evidence=[Evidence(key=key, values={"hours": hours} if hours else {})],
        confirmed=any(one.serial_number == sent.serial_number for one in facts.later),
    )


def r16_print_differs(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """Print and upload differ: the same wrong value comes from several locations, and none has the uploaded one."""
    locations = _locations_of_value(facts)
    if locations < book.limits.same_difference_locations:
        yield from print_differs(facts, book, "R16a")
        return
    evidence = Evidence(key="same_value_elsewhere", values={"locations": locations})
    lift = _MORE_LOCATIONS * (locations - book.limits.same_difference_locations)
    yield from print_differs(facts, book, "R16", evidence, lift=lift)


def print_differs(
    facts: Facts, book: Book, rule: str, *evidence: Evidence, lift: int = 0
) -> Iterator[Hypothesis]:
    """On a rule's word, that print and upload differ; less sure where others have packs printed as they are stored."""
    differing = still_differs(facts)
    if differing is None:
        return
    said = list(evidence)
    confidence = book.confidence(rule, Cause.PRINT_DIFFERS) + lift
    if is_odd_one(facts):
        supplied = differing.pack.batch.supplied_locations
        said.append(Evidence(key="print_is_right_elsewhere", values={"locations": supplied}))
        confidence -= _PRINT_IS_RIGHT
    stored = differing.pack.value(differing.field)
    difference = Difference(
        field=differing.field,
        how="other_value",
        sent=differing.value,
        stored=stored,
        spans=spans(differing.value, stored),
    )
    yield book.hypothesis(
        rule, Cause.PRINT_DIFFERS, confidence=confidence, evidence=said, differences=[difference]
    )


class Differing(NamedTuple):
    """What was sent of a stored pack otherwise than it is stored."""

    field: Field
    value: str
    pack: StoredPack


def still_differs(facts: Facts) -> Differing | None:
    """Batch or expiry date as sent, while the pack is stored with another: a company may have corrected that since."""
    field, pack = DIFFERING_FIELD.get(facts.sent.kind), facts.pack
    value = None if field is None else facts.sent.value(field)
    if field is None or pack is None or value is None or value == pack.value(field):
        return None
    return Differing(field, value, pack)


def is_odd_one(facts: Facts) -> bool:
    """Whether more locations have handled packs of the batch as they are stored than have sent this other value."""
    return facts.pack is not None and facts.pack.batch.supplied_locations > _locations_of_value(facts)


def _locations_of_value(facts: Facts) -> int:
    sent = facts.sent
    value = (sent.kind, sent.batch or "", sent.expiry or "")
    return len(facts.batch_alerts.locations_of_value.get(value, frozenset()))
