"""Stories of packs that are in order and were decommissioned already: supplied twice, replayed, lent, returned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sinetti.demo.traffic.plan import Answer, PackStep, Printed, Step
from sinetti.demo.traffic.stage import Stage
from sinetti.demo.traffic.world import Place
from sinetti.rules.vocabulary import Cause, Operation, PackState

NOTICES: Final = 3
"""Repeats at the same place that are answered with a notice; the next raises the alert (NMVO-0048 v5.0 §6.6)."""


def tell_double_supply(stage: Stage, alerts: int) -> int:
    """One pack is decommissioned again and again by the place that has supplied it."""
    raised = 0
    with stage.episode():
        place = stage.any_shop()
        for _ in range(alerts):
            tell = stage.rng.choice((_time_out, _opened_pack, _destroyed_after_supply))
            raised += tell(stage, place)
    return raised


def _time_out(stage: Stage, place: Place) -> int:
    at = stage.some_time(place, needs=timedelta(minutes=30))
    if at is None:
        return 0
    note = "the software got no answer in time and supplies the pack again, each time as something new"
    return _repeats(stage, place, at, note, least_seconds=8, most_seconds=45)


def _opened_pack(stage: Stage, place: Place) -> int:
    at = stage.some_time(place, needs=timedelta(hours=2))
    if at is None:
        return 0
    note = "an opened pack is scanned for each portion that is taken from it"
    return _repeats(stage, place, at, note, least_seconds=240, most_seconds=1500)


def _repeats(
    stage: Stage, place: Place, at: datetime, note: str, *, least_seconds: float, most_seconds: float
) -> int:
    """Supply, the notices, and then the alert."""
    pack, _ = stage.shelves.take(at)
    steps = [stage.step(at, place, Operation.SUPPLY, pack)]
    for repeat in range(1, NOTICES + 2):
        at = stage.soon(at, least_seconds, most_seconds)
        steps.append(
            stage.step(
                at,
                place,
                Operation.SUPPLY,
                pack,
                answer=Answer.ALERT if repeat > NOTICES else Answer.NOTICE,
                cause=Cause.DOUBLE_SUPPLY,
                note=note,
            )
        )
    return stage.tell(note, Cause.DOUBLE_SUPPLY, [*steps, *_undone(stage, place, pack, at)])


def _destroyed_after_supply(stage: Stage, place: Place) -> int:
    at = stage.some_time(place, needs=timedelta(hours=1))
    if at is None:
        return 0
    pack, _ = stage.shelves.take(at)
    later = stage.soon(at, 900, 3000)
    note = "a cancelled sale was never undone, and the pack is now recorded as destroyed"
    steps = [
        stage.step(at, place, Operation.SUPPLY, pack),
        stage.step(
            later,
            place,
            Operation.DECOMMISSION,
            pack,
            state=PackState.DESTROYED,
            answer=Answer.ALERT,
            cause=Cause.DOUBLE_SUPPLY,
            note=note,
        ),
    ]
    return stage.tell(note, Cause.DOUBLE_SUPPLY, [*steps, *_undone(stage, place, pack, later)])


def _undone(stage: Stage, place: Place, pack: Printed, at: datetime) -> Iterator[PackStep]:
    """Most undo what they did, which shows that it was theirs (NMVO-0048 v5.0 §6.6); some supply again then."""
    if stage.rng.random() < 0.3:  # noqa: PLR2004 - the others leave it
        return
    at = stage.soon(at, 60, 900)
    yield stage.step(at, place, Operation.REACTIVATE, pack)
    if stage.rng.random() < 0.6:  # noqa: PLR2004 - the pack is sold after all
        yield stage.step(stage.soon(at, 20, 300), place, Operation.SUPPLY, pack)


def tell_replay(stage: Stage, alerts: int) -> int:
    """The software of a place sends all that it kept during an outage, and does not notice that it has."""
    place = stage.any_shop()
    at = stage.some_time(place, needs=timedelta(minutes=75))
    if at is None:
        return 0
    packs, steps = [], []
    for _ in range(alerts):
        pack, _ = stage.shelves.take(at)
        packs.append(pack)
        steps.append(stage.step(at, place, Operation.SUPPLY, pack))
        at = stage.soon(at, 20, 180)
    note = "the buffer of an outage is sent again, by software that does not see that it has been"
    at = stage.soon(at, 120, 600)
    for repeat in range(1, NOTICES + 2):
        for pack in packs:
            steps.append(
                stage.step(
                    at,
                    place,
                    Operation.SUPPLY,
                    pack,
                    answer=Answer.ALERT if repeat > NOTICES else Answer.NOTICE,
                    cause=Cause.REPLAY,
                    note=note,
                )
            )
            at = stage.soon(at, 1, 2)
        at = stage.soon(at, 55, 65)
    with stage.episode():
        return stage.tell(note, Cause.REPLAY, steps)


def tell_loan_or_return(stage: Stage, alerts: int) -> int:
    """A pack is supplied by one place, and then by another that got it from there."""
    raised = 0
    with stage.episode():
        for _ in range(alerts):
            tell = _loan if stage.rng.random() < 0.7 else _return  # noqa: PLR2004 - loans are commoner
            raised += tell(stage)
    return raised


def _loan(stage: Stage) -> int:
    lender = stage.any_shop()
    own = [one for one in stage.shops if one.organisation == lender.organisation and one is not lender]
    borrower = stage.rng.choice(own) if own and stage.rng.random() < 0.8 else stage.any_shop(lender)  # noqa: PLR2004
    at = stage.some_time(lender, needs=timedelta(minutes=30))
    then = None if at is None else stage.some_time(borrower, after=at + timedelta(minutes=30))
    if borrower is lender or at is None or then is None:
        return 0
    pack, _ = stage.shelves.take(at)
    note = "the lender has recorded the pack as supplied before it was lent"
    steps = [
        stage.step(at, lender, Operation.SUPPLY, pack),
        stage.step(
            then, borrower, Operation.SUPPLY, pack, answer=Answer.ALERT, cause=Cause.LOAN_OR_RETURN, note=note
        ),
    ]
    if stage.rng.random() < 0.4:  # noqa: PLR2004 - tried before anybody is called
        then = stage.soon(then, 30, 300)
        steps.append(stage.step(then, borrower, Operation.REACTIVATE, pack, answer=Answer.ERROR))
    undone, supplied = stage.soon(then, 600, 3600), stage.soon(then, 3700, 7200)
    if stage.rng.random() < 0.6 and stage.is_open(lender, undone):  # noqa: PLR2004 - the lender is called
        steps.append(stage.step(undone, lender, Operation.REACTIVATE, pack))
        steps.append(stage.step(supplied, borrower, Operation.SUPPLY, pack))
    return stage.tell(note, Cause.LOAN_OR_RETURN, steps)


def _return(stage: Stage) -> int:
    first, wholesaler = stage.any_shop(), stage.world.wholesaler
    second = stage.any_shop(first)
    at = stage.some_time(first, needs=timedelta(minutes=30))
    back = None if at is None else stage.some_time(wholesaler, after=at + timedelta(hours=1))
    sold = None if back is None else stage.some_time(second, after=back + timedelta(hours=1))
    if second is first or at is None or back is None or sold is None:
        return 0
    pack, _ = stage.shelves.take(at)
    note = "the pack was returned and sold again without being made active"
    steps: list[Step] = [
        stage.step(at, first, Operation.SUPPLY, pack),
        stage.step(back, wholesaler, Operation.VERIFY, pack, answer=Answer.NOTICE),
        stage.step(
            sold, second, Operation.SUPPLY, pack, answer=Answer.ALERT, cause=Cause.LOAN_OR_RETURN, note=note
        ),
    ]
    return stage.tell(note, Cause.LOAN_OR_RETURN, steps)


def tell_identical_packs(stage: Stage, alerts: int) -> int:
    """A packing line has printed some serial numbers of a batch on two packs each, and both are in trade."""
    product = stage.shelves.any_product()
    batch = stage.shelves.new_batch(product)
    stage.before.append(batch)
    note = "the packing line printed this serial number on two packs"
    raised = 0
    with stage.episode():
        for _ in range(alerts):
            places = stage.shops_apart(2)
            at = stage.some_time(places[0], needs=timedelta(minutes=5))
            then = None if at is None else stage.some_time(places[-1], after=at + timedelta(minutes=5))
            if len(places) < 2 or at is None or then is None:  # noqa: PLR2004 - two packs, two places
                continue
            pack = batch.printed()
            steps = [
                stage.step(at, places[0], Operation.SUPPLY, pack),
                stage.step(
                    then,
                    places[1],
                    Operation.SUPPLY,
                    pack,
                    answer=Answer.ALERT,
                    cause=Cause.IDENTICAL_PACKS,
                    note=note,
                ),
            ]
            raised += stage.tell(note, Cause.IDENTICAL_PACKS, steps)
    return raised
