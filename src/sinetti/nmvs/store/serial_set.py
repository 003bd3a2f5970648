"""Serial numbers of one upload, collected piece by piece, then sorted: millions of them in 16 bytes each.

Sorted, because packs that are stored in the order of their key make a smaller index, and because two uploads
that meet then wait for each other instead of deadlocking. All work is done in slices of a few milliseconds:
the process that takes an upload answers pharmacies at the same time.
"""

from __future__ import annotations

import asyncio
import hashlib
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import pairwise
from typing import Final, cast

from sinetti.gs1.charset import DIGIT, UPPER_CASE, character_classes
from sinetti.gs1.identifiers import is_serial_number
from sinetti.nmvs.store.serial_key import KEY_BYTES, serial_key, serial_keys
from sinetti.rules.vocabulary import Scheme

SLICE: Final = 4096
"""Keys that are sorted in one go: one or two milliseconds."""

_SAMPLES_MAX: Final = 8192
_STAGGER: Final = 37
_IFA_CLASSES: Final = DIGIT | UPPER_CASE


class SerialSet:
    """Serial numbers of packs of one product: `add` them all, `sort` once, then read `slices`."""

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self._loose: list[bytes] = []
        self._runs: list[bytes] = []
        self._repeated: set[bytes] = set()
        self.count = 0
        """Serial numbers added, repeated ones too."""
        self.length_min = 0
        self.length_max = 0
        self.character_classes = 0
        """Union of the character classes of them all (`gs1.charset.character_classes`)."""

    def add(self, serial_numbers: Sequence[str]) -> list[int]:
        """Take in serial numbers, some thousands at most; returns the indices of those that are not one."""
        if not serial_numbers:
            return []
        keys = serial_keys(serial_numbers)
        classes = character_classes("".join(serial_numbers))
        wrong: list[int] = []
        if None in keys or (self.scheme == Scheme.IFA and classes & ~_IFA_CLASSES):
            wrong = [i for i, one in enumerate(serial_numbers) if not is_serial_number(one, self.scheme)]
            left_out = set(wrong)
            serial_numbers = [one for i, one in enumerate(serial_numbers) if i not in left_out]
            keys = [serial_key(one) for one in serial_numbers]
            classes = character_classes("".join(serial_numbers))
        if serial_numbers:
            lengths = set(map(len, serial_numbers))
            self.length_min = min(lengths) if self.count == 0 else min(self.length_min, *lengths)
            self.length_max = max(self.length_max, *lengths)
            self.character_classes |= classes
            self.count += len(serial_numbers)
            self._loose.extend(cast("list[bytes]", keys))
            if len(self._loose) >= SLICE:
                self._close_run()
        return wrong

    def _close_run(self) -> None:
        keys, self._loose = self._loose, []
        keys.sort()
        self._runs.append(b"".join(self._without_repeated(keys)))

    def _without_repeated(self, keys: list[bytes]) -> Iterable[bytes]:
        """Sorted keys without those that come again, which are noted."""
        if len(set(keys)) == len(keys):
            return keys
        self._repeated.update(one for one, following in pairwise(keys) if one == following)
        return dict.fromkeys(keys)

    async def sort(self) -> None:
        """Bring all keys into order. Nothing may be added afterwards."""
        if self._loose:
            self._close_run()
        if len(self._runs) < 2:  # noqa: PLR2004 - one run is in order already
            return
        slices: list[bytes] = []
        for pieces in await self._dealt(self._splitters()):
            await asyncio.sleep(0)
            keys = _keys(b"".join(pieces))
            keys.sort()
            slices.append(b"".join(self._without_repeated(keys)))
        self._runs = slices

    def _splitters(self) -> list[bytes]:
        """Keys at which all fall apart into slices of about half of `SLICE`, judged by samples.

        Each run is sampled evenly, but from another start, or the ends of all runs would go unseen together.
        """
        step = max(self.count // _SAMPLES_MAX, 64)
        samples = sorted(
            run[at : at + KEY_BYTES]
            for number, run in enumerate(self._runs)
            for at in range(KEY_BYTES * (number * _STAGGER % step), len(run), KEY_BYTES * step)
        )
        slices = max(2 * self.count // SLICE, 1)
        return samples[:: max(len(samples) // slices, 1)][1:]

    async def _dealt(self, splitters: Sequence[bytes]) -> list[list[bytes]]:
        """The runs cut at the splitters: for each slice its pieces, which are sorted each for itself."""
        dealt: list[list[bytes]] = [[] for _ in range(len(splitters) + 1)]
        while self._runs:
            await asyncio.sleep(0)
            run = self._runs.pop()
            keys = _keys(run)
            begin = 0
            for slice_number, splitter in enumerate(splitters):
                end = bisect_left(keys, splitter, begin)
                if end > begin:
                    dealt[slice_number].append(run[KEY_BYTES * begin : KEY_BYTES * end])
                    begin = end
            dealt[-1].append(run[KEY_BYTES * begin :])
        return dealt

    @property
    def repeated(self) -> list[bytes]:
        """Keys of the serial numbers that were added more than once, in order; complete after `sort`."""
        return sorted(self._repeated)

    async def slices(self) -> AsyncIterator[list[bytes]]:
        """The keys in order, each once, some thousands at a time. Lets others work between two slices."""
        for run in self._runs:
            await asyncio.sleep(0)
            yield _keys(run)

    async def digest(self, head: bytes) -> bytes:
        """SHA-256 over the head of the upload and all serial numbers, in whatever order they were sent."""
        digest = hashlib.sha256(head)
        for run in self._runs:
            await asyncio.sleep(0)
            digest.update(run)
        return digest.digest()


def _keys(run: bytes) -> list[bytes]:
    return [run[at : at + KEY_BYTES] for at in range(0, len(run), KEY_BYTES)]
