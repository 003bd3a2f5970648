"""Finds the stored serial numbers of a batch that are near to some that were sent, for many at once.

Comparing a thousand with a hundred thousand one by one takes a minute. Two values that differ in at most two
characters share at least one of three pieces, in its place or up to two places beside it; so the stored ones are
cut into pieces, and only where a piece occurs in what was sent are the two compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec
from rapidfuzz.distance import OSA

from sinetti.alerts.root_cause.edges import LEFT_MIN
from sinetti.alerts.root_cause.look_alike import fold
from sinetti.alerts.root_cause.typing_error import DISTANCE_MAX

_PIECES = DISTANCE_MAX + 1
NEAR_MAX = 200
"""More stored values that share a piece with one that was sent are not compared: so many are alike that nearness
says nothing."""
_COMPARED_MAX = 4 * NEAR_MAX


class Near(msgspec.Struct, frozen=True, gc=False):
    """The stored values near to one that was sent."""

    serial_numbers: tuple[str, ...]
    is_complete: bool
    """False where more were alike than were compared."""


_NONE = Near((), True)  # noqa: FBT003 - a value, not a switch


def nearest(asked: Iterable[str], stored: Sequence[str]) -> Mapping[str, Near]:
    """For each value asked for the stored ones that may have been meant.

    They differ in one or two characters, in signs that look alike, in case, or by what is missing at an end or was
    added there.
    """
    wanted = set(asked)
    compared: dict[str, set[str]] = {one: set() for one in wanted}
    if not wanted or not stored:
        return dict.fromkeys(wanted, _NONE)
    _with_a_piece_in_common(wanted, stored, compared)
    certain = _alike(wanted, stored)
    found = {}
    for one in wanted:
        near = set(certain.get(one, ()))
        if len(compared[one]) <= _COMPARED_MAX:
            near |= {
                other
                for other in compared[one]
                if OSA.distance(one, other, score_cutoff=DISTANCE_MAX) <= DISTANCE_MAX
            }
        near.discard(one)
        is_complete = len(near) <= NEAR_MAX and len(compared[one]) <= _COMPARED_MAX
        found[one] = Near(tuple(sorted(near)[:NEAR_MAX]), is_complete)
    return found


def _with_a_piece_in_common(wanted: set[str], stored: Sequence[str], compared: dict[str, set[str]]) -> None:
    shared = _common_beginning(min(stored), max(stored))
    for length in {len(one) for one in stored}:
        asked = [one for one in wanted if abs(len(one) - length) <= DISTANCE_MAX]
        if not asked:
            continue
        some = [one for one in stored if len(one) == length]
        # Pieces of what all have in common would be found everywhere.
        start = min(shared, max(length - _PIECES, 0))
        cuts = [start + (length - start) * number // _PIECES for number in range(_PIECES + 1)]
        for begin, end in pairwise(cuts):
            if begin < end:
                _collect(asked, some, begin, end, compared)


def _common_beginning(one: str, other: str) -> int:
    """How many characters two values have in common at their beginning: of a sorted list's ends, all have them."""
    length = min(len(one), len(other))
    return next((place for place in range(length) if one[place] != other[place]), length)


def _collect(
    asked: Sequence[str], some: Sequence[str], begin: int, end: int, compared: dict[str, set[str]]
) -> None:
    """Note the stored values whose piece from begin to end occurs in one asked for, at most two places beside."""
    owners: dict[str, list[set[str]]] = {}
    for one in asked:
        pieces = {
            one[begin + shift : end + shift]
            for shift in range(-DISTANCE_MAX, DISTANCE_MAX + 1)
            if begin + shift >= 0
        }
        for piece in pieces:
            owners.setdefault(piece, []).append(compared[one])
    for other in some:
        piece = other[begin:end]
        if piece in owners:
            for near in owners[piece]:
                if len(near) <= _COMPARED_MAX:
                    near.add(other)


def _alike(wanted: set[str], stored: Sequence[str]) -> dict[str, set[str]]:
    """Those that look alike, differ in case, or are a beginning or an end of the other."""
    found: dict[str, set[str]] = {}
    for same in (fold, str.casefold):
        asked: dict[str, list[str]] = {}
        for one in wanted:
            asked.setdefault(same(one), []).append(one)
        for other in stored:
            for one in asked.get(same(other), ()):
                found.setdefault(one, set()).add(other)
    _parts_of_stored(wanted, stored, found)
    _stored_parts(wanted, stored, found)
    return found


def _parts_of_stored(wanted: set[str], stored: Sequence[str], found: dict[str, set[str]]) -> None:
    """Stored values that begin or end with what was sent."""
    by_length: dict[int, set[str]] = {}
    for one in wanted:
        if len(one) >= LEFT_MIN:
            by_length.setdefault(len(one), set()).add(one)
    for length, some in by_length.items():
        for other in stored:
            if len(other) > length:
                for part in (other[:length], other[-length:]):
                    if part in some:
                        found.setdefault(part, set()).add(other)


def _stored_parts(wanted: set[str], stored: Sequence[str], found: dict[str, set[str]]) -> None:
    """Stored values that what was sent begins or ends with."""
    lengths = {len(one) for one in stored if len(one) >= LEFT_MIN}
    parts: dict[str, list[str]] = {}
    for one in wanted:
        for length in lengths:
            if length < len(one):
                for part in {one[:length], one[-length:]}:
                    parts.setdefault(part, []).append(one)
    for other in stored:
        for one in parts.get(other, ()):
            found.setdefault(one, set()).add(other)
