"""Stories whose reason lies with the marketing authorisation holder or its OBP: what it uploaded, printed or did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sinetti.demo.traffic.plan import Answer, PackStep, Printed, StatesStep, Step
from sinetti.demo.traffic.shelves import DraftBatch
from sinetti.demo.traffic.stage import Stage
from sinetti.demo.traffic.world import Place
from sinetti.gs1.identifiers import last_day
from sinetti.rules.vocabulary import Cause, Operation, PackState

_PLACES: Final = (3, 7)
_AGAIN: Final = 0.25
"""Share of packs that are scanned once more, with the same answer."""


def tell_batch_not_uploaded(stage: Stage, alerts: int) -> int:
    """A batch is in trade and was never uploaded."""
    batch = stage.shelves.new_batch()
    note = "the batch was never uploaded"
    with stage.episode():
        return _scans(stage, Cause.BATCH_NOT_UPLOADED, batch, alerts, note)


def tell_partial_upload(stage: Stage, alerts: int) -> int:
    """Of a batch only a part of the packs was uploaded."""
    batch = stage.shelves.new_batch()
    stage.before.append(batch)
    for _ in range(stage.rng.randint(40, 200)):
        batch.printed()
    note = "the pack was left out when its batch was uploaded"
    with stage.episode():
        raised = _scans(stage, Cause.PARTIAL_UPLOAD, batch, alerts, note)
        _good_scans(stage, batch, stage.rng.randint(1, alerts + 2))
    return raised


def tell_print_differs(stage: Stage, alerts: int) -> int:
    """Batch or expiry on the packs is another than the one uploaded."""
    batch = stage.shelves.new_batch()
    stage.before.append(batch)
    printed_batch, printed_expiry = batch.batch, batch.expiry
    if stage.rng.random() < 0.5:  # noqa: PLR2004 - no figure says which is commoner
        printed_batch = _other_batch(stage, batch.batch)
        note = f"the packs say batch {printed_batch}, {batch.batch} was uploaded"
    else:
        printed_expiry = _other_expiry(stage, batch.expiry)
        note = f"the packs say expiry {printed_expiry}, {batch.expiry} was uploaded"
    raised = 0
    with stage.episode():
        for place, at in _some_scans(stage, alerts):
            stored = batch.printed()
            pack = Printed(
                product=stored.product,
                serial_number=stored.serial_number,
                batch=printed_batch,
                expiry=printed_expiry,
            )
            steps = _wrong(stage, Cause.PRINT_DIFFERS, place, at, pack, note)
            raised += stage.tell("the print differs from the upload", Cause.PRINT_DIFFERS, steps)
    return raised


def tell_late_upload(stage: Stage, alerts: int) -> int:
    """Packs are scanned before their batch is uploaded; afterwards they are in order."""
    batch = stage.shelves.new_batch()
    company = batch.product.company
    hours = (stage.ends_at - stage.starts_at).total_seconds() / 3600
    upload_at = stage.starts_at + timedelta(hours=hours * stage.rng.uniform(0.3, 0.8))
    opens = company.open_on(upload_at.date(), stage.zone)
    if opens is None or not opens[0] <= upload_at < opens[1]:
        upload_at = stage.starts_at + timedelta(hours=min(hours / 2, 5))
    early: list[PackStep] = []
    later: list[PackStep] = []
    for place, at in _some_scans(stage, alerts, before=upload_at):
        pack = batch.printed()
        note = "the batch is uploaded later"
        early += _wrong(stage, Cause.LATE_UPLOAD, place, at, pack, note, again=False)
        again_at = stage.some_time(place, after=upload_at + timedelta(minutes=10))
        if again_at is not None and stage.rng.random() < 0.6:  # noqa: PLR2004 - some packs are still there
            later.append(stage.step(again_at, place, Operation.SUPPLY, pack))
    if not early:
        return 0
    upload = batch.upload(upload_at, note="late: its packs have been scanned already")
    steps: list[Step] = [*_in_order(early), upload, *_in_order(later)]
    with stage.episode():
        return stage.tell("a batch is uploaded late", Cause.LATE_UPLOAD, steps)


def tell_parallel_distribution(stage: Stage, alerts: int) -> int:
    """A parallel distributor has checked packs out that are still in trade here."""
    return _told_states(
        stage,
        Cause.PARALLEL_DISTRIBUTION,
        PackState.CHECKED_OUT,
        alerts,
        "checked out by a parallel distributor, and still in trade",
    )


def tell_intermarket_duplicate(stage: Stage, alerts: int) -> int:
    """Another market has told of packs as decommissioned there, by a message that it had repeated for others."""
    return _told_states(
        stage,
        Cause.INTERMARKET_DUPLICATE,
        PackState.INACTIVE,
        alerts,
        "another market told of it as decommissioned, by mistake",
    )


def tell_mah_transaction(stage: Stage, alerts: int) -> int:
    """The alert is raised by the company itself, which tests before its upload, or decommissions what was sold."""
    with stage.episode():
        if stage.rng.random() < 0.5:  # noqa: PLR2004 - no figure says which is commoner
            return _verified_before_upload(stage, alerts)
        return _destroyed_when_sold(stage, alerts)


def _verified_before_upload(stage: Stage, alerts: int) -> int:
    batch = stage.shelves.new_batch()
    company = batch.product.company
    at = stage.some_time(company, needs=timedelta(hours=1))
    if at is None:
        return 0
    steps: list[Step] = []
    note = "the company verifies its packs before it has uploaded them"
    for _ in range(alerts):
        steps.append(
            stage.step(
                at,
                company,
                Operation.VERIFY,
                batch.printed(),
                answer=Answer.ALERT,
                cause=Cause.MAH_TRANSACTION,
                note=note,
            )
        )
        at = stage.soon(at, 2, 20)
    steps.append(batch.upload(stage.soon(at, 600, 1800), note="after its packs were verified"))
    return stage.tell("a company verifies before it uploads", Cause.MAH_TRANSACTION, steps)


def _destroyed_when_sold(stage: Stage, alerts: int) -> int:
    product = stage.shelves.any_product()
    raised = 0
    for place, at in _some_scans(stage, alerts):
        after = stage.some_time(product.company, after=at + timedelta(minutes=20))
        if after is None:
            continue
        pack, _ = stage.shelves.take(at, product)
        steps = [
            stage.step(at, place, Operation.SUPPLY, pack),
            stage.step(
                after,
                product.company,
                Operation.DECOMMISSION,
                pack,
                state=PackState.DESTROYED,
                answer=Answer.ALERT,
                cause=Cause.MAH_TRANSACTION,
                note="the company records packs as destroyed that have been supplied",
            ),
        ]
        raised += stage.tell("a company decommissions what was sold", Cause.MAH_TRANSACTION, steps)
    return raised


def _told_states(stage: Stage, cause: Cause, state: PackState, alerts: int, note: str) -> int:
    product = stage.shelves.any_product()
    told_at = stage.starts_at + timedelta(minutes=stage.rng.randint(1, 30))
    scans = [(place, at) for place, at in _some_scans(stage, alerts) if at > told_at + timedelta(minutes=5)]
    if not scans:
        return 0
    batch = stage.shelves.new_batch(product)
    stage.before.append(batch)
    packs = [batch.printed() for _ in scans]
    told = StatesStep(
        at=told_at,
        place=product.company,
        product=product,
        state=state,
        serial_numbers=tuple(pack.serial_number for pack in packs),
        reason=note,
        note=note,
    )
    steps: list[Step] = []
    for pack, (place, at) in zip(packs, scans, strict=True):
        steps += [stage.step(at, place, Operation.SUPPLY, pack, answer=Answer.ALERT, cause=cause, note=note)]
    with stage.episode():
        return stage.tell(note, cause, [told, *_in_order(steps)])


def _scans(stage: Stage, cause: Cause, batch: DraftBatch, alerts: int, note: str) -> int:
    """Packs of a batch that were not uploaded are scanned here and there."""
    raised = 0
    for place, at in _some_scans(stage, alerts):
        pack = batch.printed(uploaded=False)
        raised += stage.tell(note, cause, _wrong(stage, cause, place, at, pack, note))
    return raised


def _good_scans(stage: Stage, batch: DraftBatch, number: int) -> None:
    for place, at in _some_scans(stage, number):
        step = stage.step(at, place, Operation.SUPPLY, batch.printed())
        stage.tell("a pack of the same batch that was uploaded", None, [step])


def _some_scans(
    stage: Stage, number: int, *, before: datetime | None = None
) -> Sequence[tuple[Place, datetime]]:
    """So many times at which packs of one batch are scanned, at a few places."""
    places = stage.shops_apart(min(stage.rng.randint(*_PLACES), max(number, 1)))
    scans = []
    for number_of_scan in range(number):
        place = places[number_of_scan % len(places)]
        at = stage.some_time(place, before=before, needs=timedelta(minutes=5))
        if at is not None:
            scans.append((place, at))
    return sorted(scans, key=lambda scan: (scan[1], scan[0].key))


def _wrong(
    stage: Stage, cause: Cause, place: Place, at: datetime, pack: Printed, note: str, *, again: bool = True
) -> list[PackStep]:
    """An alert, now and then the same again, since scanning again does not help."""
    operation = Operation.VERIFY if stage.rng.random() < 0.5 else Operation.SUPPLY  # noqa: PLR2004
    steps = [stage.step(at, place, operation, pack, answer=Answer.ALERT, cause=cause, note=note)]
    if again and stage.rng.random() < _AGAIN:
        at = stage.soon(at, 10, 240)
        steps.append(stage.step(at, place, operation, pack, answer=Answer.ALERT, cause=cause, note=note))
    return steps


def _in_order(steps: Sequence[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.at)


def _other_batch(stage: Stage, batch: str) -> str:
    """A batch as printed where another form of it was uploaded: a sign more or less, or a number before it."""
    if "-" in batch or "/" in batch or "_" in batch:
        return batch.replace("-", "").replace("/", "").replace("_", "")
    return stage.rng.choice((f"{batch[:2]}-{batch[2:]}", f"{batch}/1", f"{batch}A", f"0{batch}"))


def _other_expiry(stage: Stage, expiry: str) -> str:
    """An expiry as printed where another one was uploaded: another way to say the same, or a month or year off."""
    if stage.rng.random() < 0.6:  # noqa: PLR2004 - the day is what differs most (NMVO-0048 v5.0 §6.5)
        return expiry[:4] + (f"{last_day(expiry).day:02}" if expiry.endswith("00") else "00")
    if stage.rng.random() < 0.5:  # noqa: PLR2004
        return f"{int(expiry[:2]) + 1:02}{expiry[2:4]}00"
    return f"{expiry[:2]}{int(expiry[2:4]) % 12 + 1:02}00"
