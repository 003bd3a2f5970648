"""The truth of each alert, beside the database: a line of JSON for each step that was meant to go wrong.

Whoever measures an analysis of alerts reads these lines; what is analysed never sees them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from sinetti.demo.traffic.plan import Options, PackStep, Printed, Sent, Story


class Identifier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What stands on a pack, or what was sent about it."""

    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None


class Truth(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is behind one answer."""

    alert_id: str | None
    """`None` where no alert was raised: for a notice, an error, or an answer that never came."""
    cause: str
    """A word of `rules.vocabulary.Cause`; `unknown` for an alert that the plan did not mean."""
    planned: str
    """What the plan meant it to be answered: `ok`, `notice`, `error` or `alert`."""
    operation_code: str | None
    """What it was answered; `None` where no answer came."""
    story: int
    episode: int
    """The same for all stories that have one reason."""
    title: str
    note: str
    at: datetime
    """By the clock of the plan."""
    answered_at: datetime
    """By the clock of the one who played it."""
    client_id: str
    location: str
    organisation: str
    operation: str
    state: str | None
    entry_mode: str
    printed: Identifier
    sent: Identifier
    seed: int
    run: int


def truth_of(
    options: Options,
    story: Story,
    step: PackStep,
    *,
    alert_id: str | None,
    operation_code: str | None,
    answered_at: datetime,
) -> Truth | None:
    """The line for an answer; `None` where there is nothing to tell: no alert, and none meant."""
    if step.cause is None and alert_id is None:
        return None
    return Truth(
        alert_id=alert_id,
        cause="unknown" if step.cause is None else step.cause.value,
        planned=step.answer.value,
        operation_code=operation_code,
        story=story.number,
        episode=story.episode,
        title=story.title,
        note=step.note,
        at=step.at,
        answered_at=answered_at,
        client_id=step.place.key,
        location=step.place.name,
        organisation=step.place.organisation,
        operation=step.operation.value,
        state=None if step.state is None else step.state.value,
        entry_mode=step.sent.entry_mode.value,
        printed=_identifier(step.printed),
        sent=_identifier(step.sent),
        seed=options.seed,
        run=options.run,
    )


def _identifier(pack: Printed | Sent) -> Identifier:
    return Identifier(
        product_code=pack.product_code if isinstance(pack, Sent) else pack.product.product_code,
        serial_number=pack.serial_number,
        batch=pack.batch,
        expiry=pack.expiry,
    )


class TruthFile:
    """Lines of truth, on the disk as soon as each is known, so that a demo that is stopped leaves them all.

    Making one takes the next run of the seed in the folder: packs that were scanned cannot be scanned as new again.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        names = [re.fullmatch(rf"seed-{seed}-run-([0-9]+)\.jsonl", path.name) for path in folder.iterdir()]
        self.run = max((int(found[1]) for found in names if found), default=0) + 1
        self.path = folder / f"seed-{seed}-run-{self.run}.jsonl"
        # Exclusive: of two that begin at the same moment, the second is told.
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def add(self, truth: Truth) -> None:
        """Write a line."""
        os.write(self._descriptor, msgspec.json.encode(truth) + b"\n")

    def close(self) -> None:
        """Close the file. It stays where it tells nothing, too: the packs of its run have been scanned."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()


def read_truths(path: Path) -> Iterator[Truth]:
    """The lines of a file."""
    with path.open("rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=Truth)
