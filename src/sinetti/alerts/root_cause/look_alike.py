"""R06: characters that look alike are mistaken for each other, mostly where somebody types what is printed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.rules.vocabulary import Cause

RULE = "R06"
GROUPS = ("O0QoD", "I1lij!", "B8", "S5s", "Z2z", "E3", "G6", "g9q", "UVuv", "T7", "-_", ".,")
"""Signs of which each may be taken for another one of its group. CZMVO names O/0, 3/E and l/I; the others are ours."""

_FOLD = str.maketrans({sign: group[0] for group in GROUPS for sign in group})
_OTHERS = {sign: group.replace(sign, "") for group in GROUPS for sign in group}
_CHANGED_MAX = 2
_GUESSES_MAX = 400


def fold(value: str) -> str:
    """The value with one sign for all that look alike: equal for values that may be mistaken for each other."""
    return value.translate(_FOLD)


def guesses(_: Sent, __: Field, value: str) -> Iterator[str]:
    """The value with one or two characters replaced by what they look like."""
    places = [place for place, sign in enumerate(value) if sign in _OTHERS]
    made = 0
    for count in range(1, _CHANGED_MAX + 1):
        for chosen in combinations(places, count):
            for signs in product(*(_OTHERS[value[place]] for place in chosen)):
                made += 1
                if made > _GUESSES_MAX:
                    return
                characters = list(value)
                for place, sign in zip(chosen, signs, strict=True):
                    characters[place] = sign
                yield "".join(characters)


def explain(_: Sent, __: Field, stored: str, value: str) -> Explained | None:
    """The same but for signs that look alike."""
    if len(stored) != len(value) or fold(stored) != fold(value):
        return None
    changed = sum(one != other for one, other in zip(stored, value, strict=True))
    how = "one_look_alike" if changed == 1 else "look_alikes"
    places = sum(sign in _OTHERS for sign in value)
    return Explained(
        rule=RULE, cause=Cause.LOOK_ALIKE, how=how, tries=(2 * max(places, 1)) ** min(changed, 4)
    )
