"""Where stories are put together: who is open when, which packs there are, and chance that repeats with the seed."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import cache, cached_property
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from sinetti.demo.traffic.plan import (
    Answer,
    Options,
    PackStep,
    Printed,
    Sent,
    StatesStep,
    Step,
    Story,
    UploadStep,
    as_printed,
)
from sinetti.demo.traffic.shelves import DraftBatch, Shelves
from sinetti.demo.traffic.world import Place, World, make_world
from sinetti.rules.vocabulary import Cause, Operation, PackState


class Stage:
    """All that a story needs to be told."""

    def __init__(self, options: Options, zone: ZoneInfo) -> None:
        self.options = options
        self.rng = Random(f"traffic {options.seed} {options.run}")  # noqa: S311 - chance that repeats
        self.world: World = make_world(options.pharmacies)
        self.zone = zone
        begins = datetime.combine(options.first_day, time(), zone)
        self.starts_at = begins + timedelta(hours=options.starts_at_hour)
        self.ends_at = self.starts_at + timedelta(hours=options.hours)
        self.shelves = Shelves(options, self.world, self.rng, self.starts_at)
        self.stories: list[Story] = []
        self.before: list[DraftBatch] = []
        """Batches of stories whose packs have been uploaded before the plan begins."""
        self._open_times = cache(self._open_times_of)
        self._in_episode = False
        self._episode: int | None = None

    # ---- when

    def open_times(self, place: Place) -> Sequence[tuple[datetime, datetime]]:
        """When a place is open within the plan."""
        return self._open_times(place)

    def _open_times_of(self, place: Place) -> Sequence[tuple[datetime, datetime]]:
        times = []
        day = self.starts_at.date()
        while day <= self.ends_at.date():
            opening = place.open_on(day, self.zone)
            if opening is not None:
                opens, closes = max(opening[0], self.starts_at), min(opening[1], self.ends_at)
                if opens < closes:
                    times.append((opens, closes))
            day += timedelta(days=1)
        return tuple(times)

    def is_open(self, place: Place, at: datetime) -> bool:
        """Whether a place is open at a time within the plan."""
        return any(opens <= at < closes for opens, closes in self.open_times(place))

    def some_time(
        self,
        place: Place,
        *,
        after: datetime | None = None,
        before: datetime | None = None,
        needs: timedelta = timedelta(),
    ) -> datetime | None:
        """A time at which the place is open and stays open for as long as is needed; `None` where there is none."""
        lengths, starts = [], []
        for opens, closes in self.open_times(place):
            start = opens if after is None else max(opens, after)
            end = closes - needs if before is None else min(closes - needs, before)
            seconds = (end - start).total_seconds()
            if seconds > 0:
                starts.append(start)
                lengths.append(seconds)
        if not starts:
            return None
        sums = list(accumulate(lengths))
        chosen = self.rng.random() * sums[-1]
        index = min(bisect(sums, chosen), len(sums) - 1)
        return _whole(starts[index] + timedelta(seconds=chosen - (sums[index] - lengths[index])))

    def next_day(self, place: Place, at: datetime) -> datetime | None:
        """A time soon after the place opens again on another day; `None` where the plan ends before."""
        for opens, closes in self.open_times(place):
            if opens.date() > at.date():
                wanted = opens + timedelta(minutes=self.rng.randint(5, 120))
                return _whole(min(wanted, closes - timedelta(minutes=1)))
        return None

    def soon(self, at: datetime, least_seconds: float, most_seconds: float) -> datetime:
        """A little later."""
        return at + timedelta(seconds=round(self.rng.uniform(least_seconds, most_seconds)))

    # ---- who

    @cached_property
    def shops(self) -> Sequence[Place]:
        """Places that supply packs to people."""
        return (*self.world.pharmacies, *self.world.hospitals)

    def any_shop(self, *but: Place) -> Place:
        """A place that supplies packs, the more likely the larger it is; none of those named if there are others."""
        places = [place for place in self.shops if place not in but] or list(self.shops)
        return self.rng.choices(places, [place.size for place in places])[0]

    def shops_apart(self, number: int) -> list[Place]:
        """So many places of different organisations, or as many as there are."""
        by_organisation: dict[str, Place] = {}
        for place in self.rng.sample(self.shops, len(self.shops)):
            by_organisation.setdefault(place.organisation, place)
        return list(by_organisation.values())[:number]

    # ---- what

    def step(
        self,
        at: datetime,
        place: Place,
        operation: Operation,
        printed: Printed,
        *,
        state: PackState | None = None,
        sent: Sent | None = None,
        answer: Answer = Answer.OK,
        cause: Cause | None = None,
        note: str = "",
    ) -> PackStep:
        """Something done with a pack; sent as printed where nothing else is said."""
        if state is None:
            state = {Operation.SUPPLY: PackState.SUPPLIED, Operation.REACTIVATE: PackState.ACTIVE}.get(
                operation
            )
        return PackStep(
            at=at,
            place=place,
            operation=operation,
            state=state,
            printed=printed,
            sent=sent or as_printed(printed),
            answer=answer,
            cause=cause,
            note=note,
        )

    @contextmanager
    def episode(self) -> Iterator[None]:
        """Stories that are told within have one reason."""
        self._in_episode, self._episode = True, None
        yield
        self._in_episode, self._episode = False, None

    def tell(self, title: str, cause: Cause | None, steps: Sequence[Step]) -> int:
        """Take a story into the plan, and return how many alerts it raises.

        What would come after the end of the plan, or while the place is closed, is left out, with all after it.
        """
        kept: list[Step] = []
        for step in steps:
            is_upload = isinstance(step, UploadStep | StatesStep)
            if step.at >= self.ends_at or not (is_upload or self.is_open(step.place, step.at)):
                break
            assert not kept or kept[-1].at <= step.at, f"{title}: the steps are not in the order of time"
            kept.append(step)
        if not kept:
            return 0
        number = len(self.stories) + 1
        if self._in_episode:
            self._episode = self._episode or number
        story = Story(
            number=number, episode=self._episode or number, title=title, cause=cause, steps=tuple(kept)
        )
        self.stories.append(story)
        return story.alerts


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
