"""What scanners, their settings and people make of the data on a pack. Pure, but for the chance that is handed in.

A slip is made once for each scanner or person, since both keep making the same mistake, and is then applied to
packs. It gives `None` for a pack that it does not change, or changes into something that the system does not even
look up: a serial number with a character that none can have is refused as a wrong request, and raises no alert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from string import ascii_letters, digits
from typing import Final

from sinetti.demo.traffic.plan import Printed, Sent, as_printed
from sinetti.gs1.identifiers import is_batch, is_expiry, is_serial_number, last_day
from sinetti.gs1.keyboards import CAPS_LOCK, layout_names, mistyped
from sinetti.rules.vocabulary import Cause, EntryMode

Change = Callable[[Printed, Sent], Sent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One way of getting packs wrong."""

    note: str
    """What goes wrong, in a few words of English."""
    change: Change
    by_hand: bool = False

    def sent(self, printed: Printed) -> Sent | None:
        """What is sent about a pack; `None` where it is sent rightly, or as something that no pack can say."""
        mode = EntryMode.MANUAL if self.by_hand else EntryMode.NON_MANUAL
        right = as_printed(printed, mode)
        wrong = self.change(printed, right)
        if wrong == right or not is_serial_number(wrong.serial_number, "gs1"):
            return None
        if not (wrong.batch and is_batch(wrong.batch, "gs1") and wrong.expiry and is_expiry(wrong.expiry)):
            return None
        return wrong


def slip_of(cause: Cause, rng: Random) -> Slip:
    """A slip of one of the technical causes."""
    return _MAKERS[cause](rng)


# ---- scanners and what they are plugged into


def _case_swap(_: Random) -> Slip:
    return Slip(
        note="Caps Lock is on, or the scanner is set up as if it were",
        change=lambda _, right: _each(right, lambda text: mistyped(text, CAPS_LOCK)),
    )


def _keyboard_layout(rng: Random) -> Slip:
    layout = rng.choice(layout_names())
    return Slip(
        note=f"the computer's keyboard is set to {layout}, the scanner's is not",
        change=lambda _, right: _each(right, lambda text: mistyped(text, layout)),
    )


def _lost_separator(rng: Random) -> Slip:
    """The software fills batch and expiry from its delivery note where the scan has swallowed them."""
    field, identifier = rng.choice(
        [
            ("serial_number", "710"),
            ("serial_number", "17"),
            ("serial_number", "10"),
            ("batch", "710"),
            ("batch", "17"),
        ]
    )

    def change(printed: Printed, right: Sent) -> Sent:
        swallowed = {"710": printed.product.nhrn, "17": printed.expiry, "10": printed.batch}[identifier]
        return _with(right, field, lambda text: text + identifier + swallowed)

    return Slip(
        note=f"no separator behind the {_NAMES[field]}, which swallows element {identifier}", change=change
    )


def _barcode_appended(rng: Random) -> Slip:
    field = rng.choice(("serial_number", "serial_number", "batch"))
    length = rng.choice((13, 13, 3, 4, 5, 6, 7, 8))

    def change(printed: Printed, right: Sent) -> Sent:
        # What fits: an input field of twenty characters cuts the rest off.
        room = _FIELD_MAX - len(str(getattr(right, field)))
        barcode = printed.product.product_code[1:]
        return _with(
            right, field, lambda text: text + barcode[: min(length, room)] if room >= _EAN_MIN else text
        )

    return Slip(note=f"the pack's EAN bar code is read into the {_NAMES[field]}", change=change)


def _truncated(rng: Random) -> Slip:
    field = rng.choice(("serial_number", "serial_number", "batch"))
    lost = rng.choice((1, 1, 2, 3, 4)) if field == "serial_number" else 1
    from_start = rng.random() < 0.3  # noqa: PLR2004 - the end is lost more often than the beginning

    def cut(text: str) -> str:
        return text[lost:] if from_start else text[:-lost]

    where = "beginning" if from_start else "end"
    return Slip(
        note=f"{lost} characters at the {where} of the {_NAMES[field]} are lost",
        change=lambda _, right: _with(right, field, cut),
    )


def _extra_characters(rng: Random) -> Slip:
    field = rng.choice(("serial_number", "serial_number", "batch"))
    place = rng.random()
    doubled = rng.random() < 0.6  # noqa: PLR2004 - a key that bounces is the commoner fault
    stray = "".join(rng.choice(digits) for _ in range(rng.choice((1, 2))))

    def change(text: str) -> str:
        if not doubled:
            return stray + text
        at = int(place * len(text))
        return text[: at + 1] + text[at:]

    return Slip(
        note=f"a character of the {_NAMES[field]} comes twice"
        if doubled
        else f"{stray} in front of the {_NAMES[field]}",
        change=lambda _, right: _with(right, field, change),
    )


def _residue_characters(rng: Random) -> Slip:
    before, after = rng.choice(
        (("", "<GS>"), ("", "%1D"), ("(21)", ""), ('"', '"'), ("", "?"), ("*", "*"), ("d2", ""))
    )
    field = "serial_number" if before == "(21)" else rng.choice(("serial_number", "batch"))
    return Slip(
        note=f"{before}…{after} is left in the {_NAMES[field]}",
        change=lambda _, right: _with(right, field, lambda text: before + text + after),
    )


def _swapped_fields(_: Random) -> Slip:
    return Slip(
        note="the software has serial number and batch the wrong way round",
        change=lambda _, right: replace(right, serial_number=right.batch or "", batch=right.serial_number),
    )


def _day_zero(rng: Random) -> Slip:
    """Software that cannot do with day 00, or that shows months only."""
    to = rng.choice(("last", "first", "zero"))

    def change(_: Printed, right: Sent) -> Sent:
        expiry = right.expiry or ""
        if to == "zero":
            return replace(right, expiry=expiry[:4] + "00")
        if not expiry.endswith("00"):
            return right
        day = "01" if to == "first" else f"{last_day(expiry).day:02}"
        return replace(right, expiry=expiry[:4] + day)

    return Slip(
        note="the software drops the day" if to == "zero" else f"the software makes the {to} day of day 00",
        change=change,
    )


# ---- people who type


def _look_alike(rng: Random) -> Slip:
    field = rng.choice(("serial_number", "serial_number", "batch"))
    turn = rng.random()

    def change(text: str) -> str:
        places = [at for at, character in enumerate(text) if character in _LOOK_ALIKES]
        if not places:
            return text
        at = places[int(turn * len(places))]
        others = _LOOK_ALIKES[text[at]]
        return text[:at] + others[int(turn * len(others))] + text[at + 1 :]

    return Slip(
        note=f"a character of the {_NAMES[field]} is taken for one that looks like it",
        change=lambda _, right: _with(right, field, change),
        by_hand=True,
    )


def _typing_error(rng: Random) -> Slip:
    field = rng.choice(("serial_number", "serial_number", "serial_number", "batch"))
    kind = rng.choice(
        ("is another", "is another", "is exchanged with the next", "is left out", "comes twice")
    )
    place, turn = rng.random(), rng.random()

    def change(text: str) -> str:
        at = int(place * (len(text) - 1))
        match kind:
            case "is another":
                others = _others_than(text[at])
                return text[:at] + others[int(turn * len(others))] + text[at + 1 :]
            case "is exchanged with the next":
                return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            case "is left out":
                return text[:at] + text[at + 1 :]
            case _:
                return text[: at + 1] + text[at:]

    return Slip(
        note=f"typing error: a character of the {_NAMES[field]} {kind}",
        change=lambda _, right: _with(right, field, change),
        by_hand=True,
    )


def _others_than(character: str) -> str:
    """Characters of the same kind that do not look like it."""
    kind = digits if character in digits else ascii_letters
    if kind is ascii_letters:
        kind = kind[:26] if character.islower() else kind[26:]
    return "".join(one for one in kind if one != character and one not in _LOOK_ALIKES.get(character, ""))


def _date_order(rng: Random) -> Slip:
    order = rng.choice(
        (("DDMMYY", (4, 2, 0)), ("DDMMYY", (4, 2, 0)), ("MMDDYY", (2, 4, 0)), ("YYDDMM", (0, 4, 2)))
    )
    name, starts = order

    def change(_: Printed, right: Sent) -> Sent:
        expiry = right.expiry or ""
        return replace(right, expiry="".join(expiry[start : start + 2] for start in starts))

    return Slip(note=f"the expiry date is typed as {name}", change=change, by_hand=True)


_MAKERS: Final[Mapping[Cause, Callable[[Random], Slip]]] = {
    Cause.CASE_SWAP: _case_swap,
    Cause.KEYBOARD_LAYOUT: _keyboard_layout,
    Cause.LOST_SEPARATOR: _lost_separator,
    Cause.BARCODE_APPENDED: _barcode_appended,
    Cause.TRUNCATED: _truncated,
    Cause.EXTRA_CHARACTERS: _extra_characters,
    Cause.LOOK_ALIKE: _look_alike,
    Cause.TYPING_ERROR: _typing_error,
    Cause.DATE_ORDER: _date_order,
    Cause.DAY_ZERO: _day_zero,
    Cause.SWAPPED_FIELDS: _swapped_fields,
    Cause.RESIDUE_CHARACTERS: _residue_characters,
}
TECHNICAL: Final = tuple(_MAKERS)
"""Causes that are a slip."""

_NAMES: Final = {"serial_number": "serial number", "batch": "batch"}
_FIELD_MAX: Final = 20
_EAN_MIN: Final = 3
_ALIKE: Final = ("O0", "Il1", "B8", "S5", "Z2", "3E")
"""Groups of look-alikes that operators name (CZMVO on closing alerts)."""
_LOOK_ALIKES: Final = {one: group.replace(one, "") for group in _ALIKE for one in group}


def _each(right: Sent, change: Callable[[str], str]) -> Sent:
    return _with(_with(right, "serial_number", change), "batch", change)


def _with(right: Sent, field: str, change: Callable[[str], str]) -> Sent:
    changed = change(str(getattr(right, field)))
    return (
        replace(right, serial_number=changed) if field == "serial_number" else replace(right, batch=changed)
    )
