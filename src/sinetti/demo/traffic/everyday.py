"""Stories without an alert: the packs that are taken in, looked up and supplied all day long, and small mishaps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sinetti.demo.traffic.plan import Answer, PackStep, Printed, Sent, UploadStep, as_printed
from sinetti.demo.traffic.shelves import DraftBatch
from sinetti.demo.traffic.stage import Stage
from sinetti.demo.traffic.world import Place
from sinetti.gs1.identifiers import gs1_check_digit
from sinetti.rules.vocabulary import Cause, EntryMode, Operation, OrganisationKind, PackState

# Shares of packs, all assumed: a pack causes some 3.8 transactions in Latvia, a third of them when it comes in.
TAKEN_IN: Final = 0.4
LOOKED_UP: Final = 0.15
TYPED: Final = 0.015
CANCELLED: Final = 0.01
RUNG_UP_TWICE: Final = 0.003
DESTROYED: Final = 0.002
OUT_OF_SCOPE: Final = 0.0008

_BUSY_HOURS: Final = (10, 11, 15, 16)
_WHOLESALER_PACKS: Final = 60


def tell_everyday(stage: Stage) -> None:
    """All packs of all places."""
    _morning_uploads(stage)
    for place in stage.shops:
        for opens, closes in stage.open_times(place):
            _day(stage, place, opens, closes)
    for opens, closes in stage.open_times(stage.world.wholesaler):
        _returns(stage, opens, closes)


def _morning_uploads(stage: Stage) -> None:
    """New batches that come in time. The packs that they hold are known only when all stories have been told."""
    for batches in stage.shelves.everyday.values():
        stage.before += [batch for batch in batches if batch.available_from < stage.starts_at]


def late_everyday(stage: Stage) -> None:
    """The uploads of everyday batches that come in the morning, when all packs of them have been taken."""
    for batches in stage.shelves.everyday.values():
        for batch in batches:
            if batch.available_from >= stage.starts_at:
                upload = batch.upload(batch.available_from, note="a new batch, in time")
                stage.tell("a new batch is uploaded in the morning", None, [upload])


def _day(stage: Stage, place: Place, opens: datetime, closes: datetime) -> None:
    rng = stage.rng
    whole = place.open_on(opens.date(), stage.zone)
    assert whole is not None
    share = (closes - opens) / (whole[1] - whole[0])
    quieter = 1.0 if opens.weekday() < 5 else 0.4  # noqa: PLR2004 - Saturday is the fifth day
    number = stage.options.packs_per_day * place.size * quieter * share * rng.uniform(0.85, 1.15)
    for _ in range(round(number)):
        _pack(stage, place, _busy_time(stage, opens, closes), opens)


def _busy_time(stage: Stage, opens: datetime, closes: datetime) -> datetime:
    """A time of the day; the busy hours get twice as many."""
    for _ in range(2):
        at = stage.soon(opens, 0, (closes - opens).total_seconds() - 1)
        if at.hour in _BUSY_HOURS:
            break
    return at


def _pack(stage: Stage, place: Place, at: datetime, opens: datetime) -> None:
    rng = stage.rng
    if rng.random() < OUT_OF_SCOPE:
        _out_of_scope(stage, place, at)
        return
    printed, batch = stage.shelves.take(at)
    steps = list(_before_supply(stage, place, at, opens, printed, batch))
    mode = EntryMode.MANUAL if rng.random() < TYPED else EntryMode.NON_MANUAL
    supplied = stage.step(at, place, Operation.SUPPLY, printed, sent=as_printed(printed, mode))
    if rng.random() < DESTROYED:
        supplied = stage.step(at, place, Operation.DECOMMISSION, printed, state=PackState.DESTROYED)
        stage.tell("a pack is destroyed", None, [*steps, supplied])
    elif rng.random() < CANCELLED:
        undone = stage.soon(at, 60, 900)
        again = stage.soon(undone, 600, 7200)
        stage.tell(
            "a sale is cancelled and undone, the pack sold later",
            None,
            [
                *steps,
                supplied,
                stage.step(undone, place, Operation.REACTIVATE, printed),
                stage.step(again, place, Operation.SUPPLY, printed),
            ],
        )
    elif rng.random() < RUNG_UP_TWICE:
        twice = stage.step(
            stage.soon(at, 2, 40),
            place,
            Operation.SUPPLY,
            printed,
            answer=Answer.NOTICE,
            cause=Cause.DOUBLE_SUPPLY,
            note="rung up twice; the system only gives notice",
        )
        stage.tell("a pack is rung up twice", Cause.DOUBLE_SUPPLY, [*steps, supplied, twice])
    else:
        stage.tell("a pack is supplied", None, [*steps, supplied])


def _before_supply(
    stage: Stage, place: Place, at: datetime, opens: datetime, printed: Printed, batch: DraftBatch
) -> Iterator[PackStep]:
    """Verifications on the way to the counter: when the delivery is taken in, and when the pack is picked."""
    rng = stage.rng
    arrival = stage.soon(opens, 900, 7200)
    uploaded = batch.available_from + timedelta(hours=1)
    if rng.random() < TAKEN_IN and uploaded <= arrival < at - timedelta(minutes=5):
        yield stage.step(arrival, place, Operation.VERIFY, printed)
    picked = at - timedelta(seconds=rng.randint(30, 240))
    if rng.random() < LOOKED_UP and picked >= opens and uploaded <= picked and arrival <= picked:
        yield stage.step(picked, place, Operation.VERIFY, printed)


def _out_of_scope(stage: Stage, place: Place, at: datetime) -> None:
    """Something that is no verified medicine is scanned: a device, a pack for a market outside."""
    digits = f"095206499{stage.rng.randrange(10**4):04}"
    product_code = digits + gs1_check_digit(digits)
    printed = stage.shelves.new_batch().printed(uploaded=False)
    sent = Sent(
        product_code=product_code,
        serial_number=printed.serial_number,
        batch=printed.batch,
        expiry=printed.expiry,
    )
    note = "no verified medicine: the product code is unknown, which is no alert"
    step = stage.step(
        at,
        place,
        Operation.VERIFY,
        printed,
        sent=sent,
        answer=Answer.ERROR,
        cause=Cause.OUT_OF_SCOPE,
        note=note,
    )
    stage.tell("something is scanned that is outside the system", Cause.OUT_OF_SCOPE, [step])


def _returns(stage: Stage, opens: datetime, closes: datetime) -> None:
    """A wholesaler verifies what pharmacies send back (Delegated Regulation (EU) 2016/161 art. 20(a))."""
    place = stage.world.wholesaler
    assert place.kind is OrganisationKind.WHOLESALER
    for _ in range(round(_WHOLESALER_PACKS * stage.rng.uniform(0.7, 1.3))):
        at = _busy_time(stage, opens, closes)
        printed, _ = stage.shelves.take(at)
        steps = [stage.step(at, place, Operation.VERIFY, printed)]
        if stage.rng.random() < 0.1:  # noqa: PLR2004 - some of it cannot be sold any more
            steps.append(
                stage.step(
                    stage.soon(at, 60, 1800),
                    place,
                    Operation.DECOMMISSION,
                    printed,
                    state=PackState.DESTROYED,
                )
            )
        stage.tell("a wholesaler verifies a return", None, steps)


def upload_before(stage: Stage) -> tuple[UploadStep, ...]:
    """The uploads that were made before the plan begins, of batches that anybody has a pack of."""
    return tuple(
        batch.upload(batch.available_from, note="long before") for batch in stage.before if batch.uploaded
    )
