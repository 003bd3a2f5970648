"""Made-up facts of falsified packs, as many as wanted: what the guard rails of the analysis must never let go.

Each is what the analysis would be told of an alert that a falsified pack raises: copies of one identifier at places
that have nothing in common, serial numbers and batches that nobody gave out, stolen packs; with everything beside it
that may lead astray: near stored values, typing by hand, bursts of scanner faults, reactivations, later successes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from sinetti.alerts.root_cause.model import (
    AlertKind,
    BatchAlerts,
    Facts,
    Happened,
    LocationAlerts,
    Photographed,
    Place,
    SendingMode,
    Sent,
    StoredBatch,
    StoredPack,
)
from sinetti.gs1.charset import character_classes
from sinetti.rules.vocabulary import Cause, EntryMode, Operation, OrganisationKind, PackState

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_ALPHABETS = ("0123456789", "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", "ABCDEFabcdef0123456789_-")
_KINDS = (
    OrganisationKind.PHARMACY,
    OrganisationKind.PHARMACY,
    OrganisationKind.HOSPITAL_PHARMACY,
    OrganisationKind.WHOLESALER,
)
_GENUINE_IS_HERE = 0.001
"""How often the genuine pack that a made-up serial number happens to be near to is sold at the same place within the
hour. There are some eight hundred pharmacies in Finland, and a pack is sold once: far less often in truth."""
_IS_PHOTOGRAPHED = 0.2
"""How often somebody adds a photograph, which shows what the forger printed."""
_PATTERNS = (
    "copies",
    "copies",
    "copies",
    "two places",
    "unknown packs",
    "lone unknown pack",
    "invented batch",
    "stolen",
)


def falsifications(seed: int, count: int) -> Iterator[tuple[str, Facts]]:
    """So many alerts of falsified packs, each with the name of its pattern."""
    rng = Random(seed)
    for _ in range(count):
        pattern = rng.choice(_PATTERNS)
        yield pattern, _Forger(rng).facts(pattern)


class _Forger:
    """One alert of a falsified pack, and what happened around it."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        alphabet = rng.choice(_ALPHABETS)
        self.alphabet = alphabet
        self.length = rng.choice((8, 10, 12, 14, 16, 18, 20))
        self.serial = self._serial()
        self.batch = StoredBatch(
            batch_id=1,
            batch=f"LOT{rng.randint(100, 9999)}",
            expiry=rng.choice(("281231", "280600", "270228")),
            pack_count=rng.choice((500, 5_000, 50_000, 200_000)),
            serial_length_min=self.length,
            serial_length_max=self.length,
            serial_format=character_classes(alphabet),
            uploads=(_NOON - timedelta(days=rng.randint(1, 700)),),
            supplied_locations=rng.choice((0, 0, 3, 40)),
        )
        self.here = self._place(1)

    def facts(self, pattern: str) -> Facts:
        """Facts of an alert of this pattern."""
        if pattern in {"copies", "two places"}:
            return self._copied(3 if pattern == "copies" else 2)
        if pattern == "stolen":
            return self._decommissioned(PackState.STOLEN, [])
        return self._unknown(pattern)

    def _copied(self, places: int) -> Facts:
        """The alert of one of the copies, when so many unrelated places at least have been seen with one."""
        others = [
            self._place(number + 2) for number in range(places - 1 + self.rng.randint(0, 3) * (places > 2))
        ]
        at = _NOON - timedelta(minutes=self.rng.randint(1, 200_000))
        events = []
        for number, place in enumerate(others):
            events.append(self._event(at, place, supplied=number == 0))
            at += (_NOON - at) * self.rng.random() * 0.9
        return self._decommissioned(PackState.SUPPLIED, events)

    def _decommissioned(self, state: PackState, before: list[Happened]) -> Facts:
        rng = self.rng
        history = [*before, self._event(_NOON, self.here, supplied=False)]
        if rng.random() < 0.3:  # the same again, at once or later
            again = _NOON + timedelta(seconds=rng.randint(1, 9000))
            history.append(self._event(again, self.here, supplied=False))
        if rng.random() < 0.3:  # somebody reactivates it, perhaps even here
            undone = _NOON + timedelta(minutes=rng.randint(1, 20_000))
            by = rng.choice([self.here, *(event.place for event in before)])
            history.append(
                Happened(
                    at=undone, serial_number=self.serial, operation=Operation.REACTIVATE, place=by, confirmed=True,
                    state_before=PackState.SUPPLIED, state_after=PackState.ACTIVE,
                )
            )  # fmt: skip
        history.sort(key=lambda event: event.at)
        kind = AlertKind.ALREADY_DECOMMISSIONED
        expiry: str | None = self.batch.expiry
        if rng.random() < 0.2 and state is PackState.SUPPLIED:  # a copy with a slip of its own
            kind, expiry = AlertKind.EXPIRY_DIFFERS, "311228"
        return self._facts(
            kind=kind,
            expiry=expiry,
            state=None if kind is AlertKind.EXPIRY_DIFFERS else state,
            pack=StoredPack(serial_number=self.serial, batch=self.batch, state=state),
            history=tuple(history),
            later=tuple(event for event in history if event.at > _NOON and event.confirmed),
        )

    def _unknown(self, pattern: str) -> Facts:
        rng = self.rng
        forged = self._serial()
        near = tuple(
            StoredPack(serial_number=self._near(forged), batch=self.batch)
            for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 5)) if self._is_dense() else 0)
        )
        packs = 1 if pattern == "lone unknown pack" else rng.randint(3, 12)
        here = self.here.location_id or 0
        invented = pattern == "invented batch"
        return self._facts(
            kind=AlertKind.BATCH_AND_SERIAL_UNKNOWN if invented else AlertKind.SERIAL_UNKNOWN,
            serial=forged,
            batch_name="NEVERMADE" if invented else self.batch.batch,
            near=() if invented else near,
            alerts=BatchAlerts(unexplained_packs=packs, packs_at_location={here: packs}),
        )

    def _is_dense(self) -> bool:
        """Whether stored serial numbers lie so near to each other that a made-up one may be near to one of them."""
        neighbours = (self.length * len(self.alphabet) * 2) ** 2 / 2
        share = neighbours * self.batch.pack_count / float(len(self.alphabet)) ** self.length
        return self.rng.random() < share

    def _facts(
        self, *, kind: AlertKind, serial: str | None = None, batch_name: str | None = None, expiry: str | None = None,
        state: PackState | None = None, pack: StoredPack | None = None, near: tuple[StoredPack, ...] = (),
        history: tuple[Happened, ...] = (), later: tuple[Happened, ...] = (), alerts: BatchAlerts | None = None,
    ) -> Facts:  # fmt: skip
        rng = self.rng
        sent = Sent(
            alert_id="FI-222-222-222-222-222",
            at=_NOON,
            kind=kind,
            operation=rng.choice((Operation.SUPPLY, Operation.VERIFY)),
            scheme="gs1",
            product_code="06412345678907",
            serial_number=serial or self.serial,
            batch=batch_name or self.batch.batch,
            expiry=expiry or self.batch.expiry,
            place=self.here,
            entry_mode=rng.choice((EntryMode.MANUAL, EntryMode.NON_MANUAL, None)),
            mode=rng.choice((SendingMode.SINGLE, SendingMode.SINGLE, SendingMode.BULK, SendingMode.RECOVERY)),
            state_before=state,
        )
        # A location with a scanner fault of its own, which has nothing to do with the forged pack.
        others = rng.choice((0, 2, 15))
        around = LocationAlerts(
            alerts=others,
            signs={rng.choice((Cause.CASE_SWAP, Cause.TYPING_ERROR, Cause.TRUNCATED)): others},
            replayed_packs=rng.choice((0, 1, 4)),
        )
        if near and rng.random() < _GENUINE_IS_HERE:
            after = _NOON + timedelta(minutes=rng.randint(1, 60))
            later = (*later, self._event(after, self.here, supplied=True, serial=near[0].serial_number))
        photographs: tuple[Photographed, ...] = ()
        if rng.random() < _IS_PHOTOGRAPHED:
            photographs = (
                Photographed(
                    product_code=sent.product_code,
                    serial_number=sent.serial_number,
                    batch=sent.batch,
                    expiry=sent.expiry,
                ),
            )
        return Facts(
            sent=sent,
            photographed=photographs,
            now=_NOON + timedelta(days=rng.randint(1, 20)),
            asked_batch=None if batch_name == "NEVERMADE" else self.batch,
            pack=pack,
            near=near,
            history=history,
            later=later,
            location_alerts=around,
            batch_alerts=alerts or BatchAlerts(packs_supplied_twice=rng.choice((0, 1, 3))),
            product_packs=self.batch.pack_count * rng.choice((1, 5)),
        )

    def _serial(self) -> str:
        return "".join(self.rng.choices(self.alphabet, k=self.length))

    def _near(self, serial: str) -> str:
        at = self.rng.randrange(len(serial))
        return serial[:at] + self.rng.choice(self.alphabet) + serial[at + 1 :]

    def _place(self, organisation: int) -> Place:
        return Place(
            location_id=100 * organisation + self.rng.randint(0, 3),
            organisation_id=organisation,
            organisation_kind=self.rng.choice(_KINDS),
            equipment_id=organisation,
        )

    def _event(self, at: datetime, place: Place, *, supplied: bool, serial: str | None = None) -> Happened:
        return Happened(
            at=at,
            serial_number=serial or self.serial,
            operation=Operation.SUPPLY,
            place=place,
            is_alert=not supplied,
            confirmed=supplied,
            state_before=PackState.ACTIVE if supplied else PackState.SUPPLIED,
            state_after=PackState.SUPPLIED,
        )
