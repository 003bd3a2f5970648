"""Rows of the demo country as types, one class for each table in `country/`. No product in them is real."""

from __future__ import annotations

from dataclasses import dataclass

from sinetti.rules.vocabulary import Operation, OrganisationKind, PackState


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A row of `organisations.csv`."""

    key: str
    kind: OrganisationKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A row of `locations.csv`."""

    key: str
    organisation: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """A row of `equipment.csv`. Its client id is readable and the same in every demo; its secret never is."""

    client_id: str
    location: str
    name: str
    client_role: str | None
    """`None`: nobody chose one, so it may do nothing (portal guide, step 7)."""
    locked_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A row of `products.csv`.

    The GTINs have prefix 952, which GS1 keeps for demonstrations, so that no real pack can be among them.
    """

    key: str
    organisation: str
    scheme: str
    product_code: str
    nhrn: str | None
    name: str
    common_name: str
    form: str
    strength: str
    pack_type: str
    pack_size: str
    mah_name: str
    uploaded: bool
    """Whether its company has told the system of it."""
    withdrawn_days_ago: int | None
    withdrawal_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A row of `batches.csv`."""

    product: str
    batch: str
    expiry: str
    """YYMMDD. The table also says `today` and `yesterday`, for batches whose last day that is."""
    packs: int
    serial_characters: frozenset[str]
    """Of `digit`, `upper`, `lower` and `set82`: what the serial numbers are made of."""
    serial_length: int
    uploaded: str
    """`all`, `half` (every other serial number was forgotten) or `none`."""
    uploaded_days_ago: int | None
    recalled_days_ago: int | None
    recall_reason: str | None
    non_fmd_note: str | None
    """Why the batch is on the national non-FMD list; `None` where it is not."""

    @property
    def key(self) -> tuple[str, str]:
        """Product and batch, which name it."""
        return (self.product, self.batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A row of `packs.csv`: a pack that a sample or the history speaks of."""

    key: str
    product: Product
    batch: Batch
    serial_number: str
    uploaded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChange:
    """A row of `history.csv`: what became of a pack before the demo began."""

    pack: str
    days_ago: int
    client_id: str
    asked: PackState


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A row of `samples.csv`: something to try, and what the system then answers."""

    key: str
    pack: Pack
    client_id: str
    operation: Operation
    requested_state: PackState | None
    entry_mode: str
    scheme: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    """What is sent. It differs from the pack where a scanner or a person got something wrong."""
    operation_code: str
    single_use: bool
    """Trying it changes the pack, so that the same again is answered otherwise."""
    valid_days: int | None
    """Days after the start of the demo for which the answer holds; 0 to the end of the first day."""
    sheet_group: str | None
    """Where it stands on the sheet of codes; `None` where it does not."""
    source: str

    @property
    def as_printed(self) -> bool:
        """Whether everything is sent as it stands on the pack."""
        return (self.product_code, self.serial_number, self.batch, self.expiry) == (
            self.pack.product.product_code,
            self.pack.serial_number,
            self.pack.batch.batch,
            self.pack.batch.expiry,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCountry:
    """All tables, read and joined."""

    organisations: tuple[Organisation, ...]
    locations: tuple[Location, ...]
    equipment: tuple[Equipment, ...]
    products: tuple[Product, ...]
    batches: tuple[Batch, ...]
    packs: tuple[Pack, ...]
    history: tuple[PastChange, ...]
    samples: tuple[Sample, ...]
