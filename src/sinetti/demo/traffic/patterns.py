"""Stories of real falsification: few, and the reason for all the rest. Their alerts must reach a person, always."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sinetti.demo.serials import made_serial
from sinetti.demo.traffic.plan import Answer, Printed, Step
from sinetti.demo.traffic.stage import Stage
from sinetti.rules.vocabulary import Cause, Operation, PackState

CAUSE: Final = Cause.FALSIFICATION_PATTERN


def tell_pattern(stage: Stage, alerts: int) -> int:
    """One of the patterns."""
    tell = stage.rng.choice((_copied, _copied, _unknown_serials, _invented_batch, _stolen))
    with stage.episode():
        return tell(stage, max(alerts, 3))


def _copied(stage: Stage, alerts: int) -> int:
    """The identifier of one real pack stands on copies, which turn up at places that have nothing in common."""
    places = stage.shops_apart(min(alerts + 1, 8))
    found: list[tuple[datetime, str, int]] = []
    for number, place in enumerate(places):
        at = stage.some_time(place, needs=timedelta(minutes=10))
        if at is not None:
            found.append((at, place.key, number))
    found.sort()
    if len(found) < 3:  # noqa: PLR2004 - fewer are no pattern
        return 0
    note = f"copies of one pack at {len(found)} places that have nothing in common"
    pack, _ = stage.shelves.take(found[0][0])
    steps: list[Step] = []
    for wanted, _, number in found:
        place = places[number]
        at = max(wanted, steps[-1].at + timedelta(minutes=1)) if steps else wanted
        if not steps:
            steps.append(stage.step(at, place, Operation.SUPPLY, pack))
            continue
        steps.append(
            stage.step(at, place, Operation.SUPPLY, pack, answer=Answer.ALERT, cause=CAUSE, note=note)
        )
    return stage.tell(note, CAUSE, steps)


def _unknown_serials(stage: Stage, alerts: int) -> int:
    """Packs of a real batch with serial numbers that look right and that nobody gave out, all at one place."""
    place = stage.any_shop()
    at = stage.some_time(place, needs=timedelta(minutes=90))
    if at is None:
        return 0
    model, _ = stage.shelves.take(at)
    note = "serial numbers of a real batch that nobody gave out"
    return _series(stage, place.key, at, [_made_up(stage, model, number) for number in range(alerts)], note)


def _invented_batch(stage: Stage, alerts: int) -> int:
    """Packs of a batch that does not exist, all at one place."""
    place = stage.any_shop()
    at = stage.some_time(place, needs=timedelta(minutes=90))
    if at is None:
        return 0
    batch = stage.shelves.new_batch()
    note = "a batch that the company never made"
    return _series(stage, place.key, at, [batch.printed(uploaded=False) for _ in range(alerts)], note)


def _series(stage: Stage, key: str, at: datetime, packs: list[Printed], note: str) -> int:
    """A delivery is taken in: one pack after the other raises an alert."""
    place = next(one for one in stage.shops if one.key == key)
    steps: list[Step] = []
    for pack in packs:
        steps.append(
            stage.step(at, place, Operation.VERIFY, pack, answer=Answer.ALERT, cause=CAUSE, note=note)
        )
        at = stage.soon(at, 15, 240)
    return stage.tell(note, CAUSE, steps)


def _stolen(stage: Stage, alerts: int) -> int:
    """Packs that were stolen on the way come back into trade."""
    batch = stage.shelves.new_batch()
    stage.before.append(batch)
    company = batch.product.company
    reported = stage.some_time(company)
    places = stage.shops_apart(stage.rng.randint(1, 3))
    if reported is None:
        return 0
    reported = min(reported, stage.starts_at + timedelta(minutes=stage.rng.randint(1, 40)))
    if not stage.is_open(company, reported):
        return 0
    packs = [batch.printed() for _ in range(alerts)]
    steps: list[Step] = [
        stage.step(reported, company, Operation.DECOMMISSION, pack, state=PackState.STOLEN) for pack in packs
    ]
    note = "stolen packs come back into trade"
    found = []
    for number, pack in enumerate(packs):
        place = places[number % len(places)]
        at = stage.some_time(place, after=reported + timedelta(minutes=30))
        if at is not None:
            found.append(
                stage.step(at, place, Operation.SUPPLY, pack, answer=Answer.ALERT, cause=CAUSE, note=note)
            )
    return stage.tell(note, CAUSE, [*steps, *sorted(found, key=lambda step: step.at)])


def _made_up(stage: Stage, model: Printed, number: int) -> Printed:
    product = model.product
    serial_number = made_serial(
        f"falsified {stage.options.seed} {stage.options.run} {model.serial_number} {number}",
        product.serial_characters,
        product.serial_length,
    )
    return Printed(product=product, serial_number=serial_number, batch=model.batch, expiry=model.expiry)
