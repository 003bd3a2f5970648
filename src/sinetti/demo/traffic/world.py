"""Who takes part in demo traffic, and with which products: the same for every seed, so that it is made only once."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib import resources
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sinetti.rules.vocabulary import OrganisationKind

Names = Mapping[str, Any]

PHARMACIES_MAX = 400
_BRANCHES = (1, 1, 1, 2, 1, 1, 3)
"""Locations of one pharmacy organisation after the other: most have no branch."""


class Opening:
    """Hours in which a place is open, Monday to Friday, Saturday and Sunday; `None` for closed."""

    def __init__(
        self, week: tuple[int, int], saturday: tuple[int, int] | None, sunday: tuple[int, int] | None
    ) -> None:
        self._hours = (week, week, week, week, week, saturday, sunday)

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """When it opens and closes on a day."""
        hours = self._hours[day.weekday()]
        if hours is None:
            return None
        opens, closes = hours
        return datetime.combine(day, time(opens), zone), datetime.combine(day, time(closes), zone)


OPENINGS: Mapping[str, Opening] = {
    "town": Opening((8, 20), (9, 18), (11, 17)),
    "village": Opening((9, 17), (9, 14), None),
    "mall": Opening((9, 21), (9, 18), (12, 18)),
    "hospital": Opening((7, 16), None, None),
    "wholesaler": Opening((6, 18), None, None),
    "company": Opening((5, 19), (5, 19), (5, 19)),
}
"""Hours by the kind of place. Systems of companies upload on every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location with its client equipment."""

    key: str
    """Client id of its equipment."""
    organisation: str
    """Name of its organisation; places with the same one belong together."""
    kind: OrganisationKind
    name: str
    hours: str
    """Key of `OPENINGS`."""
    size: float
    """How much goes on there; 1 is the middle."""

    def open_on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """When it opens and closes on a day; `None` where it stays closed."""
        return OPENINGS[self.hours].on(day, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A row of `tables/products.csv`. No product in it is real; the GTINs have the prefix for demonstrations."""

    key: str
    company: Place
    product_code: str
    nhrn: str
    name: str
    common_name: str
    form: str
    strength: str
    pack_size: str
    batch_form: str
    """How its batches are named: `L` and `l` letters, `yy` the year, `s` digits, all else itself."""
    serial_characters: frozenset[str]
    serial_length: int
    expiry_form: str
    """`day`, or `month` where the packs have day 00."""
    share: int
    """How much of it is sold, compared with the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everybody and everything."""

    pharmacies: tuple[Place, ...]
    hospitals: tuple[Place, ...]
    wholesaler: Place
    companies: tuple[Place, ...]
    products: tuple[Product, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """All places."""
        return (*self.pharmacies, *self.hospitals, self.wholesaler, *self.companies)


def make_world(pharmacies: int) -> World:
    """The world with this many pharmacies; a larger one has the places of a smaller one, and more."""
    if not 1 <= pharmacies <= PHARMACIES_MAX:
        raise ValueError(f"pharmacies: from 1 to {PHARMACIES_MAX}")
    names = _names()
    companies = tuple(
        Place(
            key=f"demo-traffic-company-{number}",
            organisation=name,
            kind=OrganisationKind.MAH_OBP,
            name=name,
            hours="company",
            size=1.0,
        )
        for number, name in enumerate(names["companies"], 1)
    )
    return World(
        pharmacies=tuple(_pharmacies(pharmacies, names)),
        hospitals=tuple(
            Place(
                key=f"demo-traffic-hospital-{number}",
                organisation=name,
                kind=OrganisationKind.HOSPITAL_PHARMACY,
                name=f"{name}, sairaala-apteekki",
                hours="hospital",
                size=2.0,
            )
            for number, name in enumerate(names["hospitals"][: 1 + pharmacies // 20], 1)
        ),
        wholesaler=Place(
            key="demo-traffic-wholesaler",
            organisation=names["wholesaler"],
            kind=OrganisationKind.WHOLESALER,
            name=f"{names['wholesaler']}, palautukset",
            hours="wholesaler",
            size=1.0,
        ),
        companies=companies,
        products=tuple(_products(companies)),
    )


def _pharmacies(number: int, names: Names) -> Iterator[Place]:
    """Pharmacies under names that are mixed, but the same in every world."""
    all_names = [f"{beginning}{end}" for beginning in names["beginnings"] for end in names["ends"]]
    all_names.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
    # Numbered from one, as people number: the first location of each organisation bears its name.
    starts = [0]
    while starts[-1] < number:
        starts.append(starts[-1] + _BRANCHES[len(starts) % len(_BRANCHES)])
    for first, after in pairwise(starts):
        organisation = f"{all_names[first]} apteekki"
        for index in range(first, min(after, number)):
            rng = Random(f"place {index}")  # noqa: S311 - a demo wants chance that repeats
            yield Place(
                key=f"demo-traffic-pharmacy-{index + 1:03}",
                organisation=organisation,
                kind=OrganisationKind.PHARMACY,
                name=organisation if index == first else f"{all_names[index]} sivuapteekki",
                hours=rng.choices(("town", "village", "mall"), (5, 3, 2))[0],
                size=min(max(rng.lognormvariate(0.0, 0.5), 0.3), 3.0),
            )


def _products(companies: tuple[Place, ...]) -> Iterator[Product]:
    for row in rows("products"):
        yield Product(
            key=row["key"],
            company=companies[int(row["company"])],
            product_code=row["product_code"],
            nhrn=row["nhrn"],
            name=row["name"],
            common_name=row["common_name"],
            form=row["form"],
            strength=row["strength"],
            pack_size=row["pack_size"],
            batch_form=row["batch_form"],
            serial_characters=frozenset(row["serial_characters"].split()),
            serial_length=int(row["serial_length"]),
            expiry_form=row["expiry_form"],
            share=int(row["share"]),
        )


def rows(table: str) -> list[dict[str, str]]:
    """Rows of a table of the traffic."""
    text = resources.files("sinetti.demo.traffic").joinpath("tables", f"{table}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


@cache
def _names() -> Names:
    text = resources.files("sinetti.demo.traffic").joinpath("tables", "names.toml").read_text("utf-8")
    return tomllib.loads(text)
