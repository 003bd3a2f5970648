"""Stories of packs that are in order, but get scanned or typed wrongly; and what people then do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sinetti.demo.traffic.plan import Answer, PackStep, Printed, Sent, as_printed
from sinetti.demo.traffic.slips import Slip, slip_of
from sinetti.demo.traffic.stage import Stage
from sinetti.demo.traffic.world import Place
from sinetti.rules.vocabulary import Cause, EntryMode, Operation

_AFTERWARDS: Final = {"scan": 45, "repeat": 15, "type": 15, "next_day": 8, "give_up": 17}
"""What people do after the alert, assumed: most scan again, as NMVO-0048 v5.0 §6.2 asks for."""
_SUPPLY_SHARE: Final = 0.7
_TRIES: Final = 60
_QUIET_MINUTES: Final = (4, 45)
"""Between two packs that one faulty scanner gets wrong."""


def tell_slips(stage: Stage, cause: Cause, alerts: int) -> int:
    """One scanner or person gets packs wrong until somebody notices; returns how many alerts came of it."""
    place = stage.any_shop()
    at = stage.some_time(place, needs=timedelta(minutes=10))
    if at is None:
        return 0
    slip = slip_of(cause, stage.rng)
    raised = 0
    with stage.episode():
        while raised < alerts and stage.is_open(place, at):
            found = _wrong(stage, slip, at)
            if found is None:
                break
            raised += _tell_one(stage, cause, slip, place, at, *found)
            at += timedelta(minutes=stage.rng.randint(*_QUIET_MINUTES), seconds=stage.rng.randint(0, 59))
    return raised


def _wrong(stage: Stage, slip: Slip, at: datetime) -> tuple[Printed, Sent] | None:
    """A pack that is got wrong; those that come out right are among the everyday ones."""
    for _ in range(_TRIES):
        printed, _ = stage.shelves.take(at)
        sent = slip.sent(printed)
        if sent is not None:
            return printed, sent
    return None


def _tell_one(
    stage: Stage, cause: Cause, slip: Slip, place: Place, at: datetime, printed: Printed, sent: Sent
) -> int:
    operation = Operation.SUPPLY if stage.rng.random() < _SUPPLY_SHARE else Operation.VERIFY
    wrong = stage.step(
        at, place, operation, printed, sent=sent, answer=Answer.ALERT, cause=cause, note=slip.note
    )
    return stage.tell(slip.note, cause, [wrong, *_afterwards(stage, wrong)])


def _afterwards(stage: Stage, wrong: PackStep) -> Iterator[PackStep]:
    """What people do with the pack after the alert."""
    at, place, printed, operation = wrong.at, wrong.place, wrong.printed, wrong.operation
    what = stage.rng.choices(list(_AFTERWARDS), list(_AFTERWARDS.values()))[0]
    by_hand = as_printed(printed, EntryMode.MANUAL)
    if what == "give_up":
        return
    if what == "next_day":
        tomorrow = stage.next_day(place, at)
        if tomorrow is not None:
            yield stage.step(tomorrow, place, operation, printed)
        return
    if what == "repeat":
        at = stage.soon(at, 8, 60)
        yield stage.step(
            at,
            place,
            operation,
            printed,
            sent=wrong.sent,
            answer=Answer.ALERT,
            cause=wrong.cause,
            note=f"{wrong.note}; the same again",
        )
    at = stage.soon(at, 15, 400)
    yield stage.step(at, place, operation, printed, sent=by_hand if what == "type" else None)
