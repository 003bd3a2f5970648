"""R13 to R16: what the company uploaded too late, not at all, in part, or otherwise than it is printed."""

from __future__ import annotations

from collections.abc import Iterator

from sinetti.alerts.root_cause.book import Book
from sinetti.alerts.root_cause.identity import spans
from sinetti.alerts.root_cause.model import AlertKind, Difference, Evidence, Facts, Field, Hypothesis
from sinetti.gs1.charset import character_classes
from sinetti.rules.vocabulary import Cause

_MORE_LOCATIONS = 2
"""Each further location makes a difference between print and upload so much surer."""
_PRINT_IS_RIGHT = 45
"""What successes at other locations with the uploaded value take from a difference between print and upload."""
_NOT_AS_UPLOADED = 25
"""What a serial number of another form than the batch's takes from a partial upload (R11)."""
_UNKNOWN = frozenset({AlertKind.SERIAL_UNKNOWN, AlertKind.BATCH_AND_SERIAL_UNKNOWN})
_DIFFERING = {AlertKind.BATCH_DIFFERS: Field.BATCH, AlertKind.EXPIRY_DIFFERS: Field.EXPIRY}


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
    if facts.sent.kind not in _UNKNOWN or facts.pack is not None or facts.asked_batch is None:
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
    if sent.kind not in _UNKNOWN or pack is None:
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
    field = _DIFFERING.get(sent.kind)
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
    sent, pack = facts.sent, facts.pack
    field = _DIFFERING.get(sent.kind)
    value = None if field is None else sent.value(field)
    if field is None or pack is None or value is None or value == pack.value(field):
        return
    locations = len(
        facts.batch_alerts.locations_of_value.get(
            (sent.kind, sent.batch or "", sent.expiry or ""), frozenset()
        )
    )
    evidence = []
    several = locations >= book.limits.same_difference_locations
    rule = "R16" if several else "R16a"
    confidence = book.confidence(rule, Cause.PRINT_DIFFERS)
    if several:
        evidence.append(Evidence(key="same_value_elsewhere", values={"locations": locations}))
        confidence += _MORE_LOCATIONS * (locations - book.limits.same_difference_locations)
    if pack.batch.supplied_locations > locations:
        evidence.append(
            Evidence(key="print_is_right_elsewhere", values={"locations": pack.batch.supplied_locations})
        )
        confidence -= _PRINT_IS_RIGHT
    difference = Difference(
        field=field,
        how="other_value",
        sent=value,
        stored=pack.value(field),
        spans=spans(value, pack.value(field)),
    )
    yield book.hypothesis(
        rule, Cause.PRINT_DIFFERS, confidence=confidence, evidence=evidence, differences=[difference]
    )
