"""A country with packs and people for tests of the alert management: operations go through the real pack path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from sinetti.alerts.files import find_file
from sinetti.alerts.findings import Findings
from sinetti.alerts.intake import analyse_waiting, take_in
from sinetti.alerts.model import AlertFile, Doer
from sinetti.gs1.charset import character_classes
from sinetti.identity.model import Caller
from sinetti.kit.db import Database, Transaction
from sinetti.kit.ids import new_transaction_text
from sinetti.nmvs.model import Outcome, PackRequest
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.alerts.vocabulary import Party
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Cause, ClientRole, Language, Operation, OrganisationKind

RULES = load_rules("FI")
GTIN = "06412345678907"
BATCH = "B1"
EXPIRY = "301231"
_STATES = {Operation.SUPPLY: "Supplied", Operation.REACTIVATE: "Active", Operation.DECOMMISSION: "Destroyed"}


def findings(**changes: Any) -> Findings:
    """What an analysis says: nothing found, but for what a test says otherwise."""
    return Findings(
        **{
            "cause": Cause.UNKNOWN,
            "cause_class": "unknown",
            "rule_id": "R30",
            "confidence": 10,
            "is_high_risk": False,
            "closing_rule": None,
            "meant_serial_number": None,
            "rules_version": RULES.version,
            "whole": {"analysed_at": "now", "is_high_risk": changes.get("is_high_risk", False)},
            **changes,
        }
    )


@dataclass
class SaidAnalysis:
    """Analyses alerts as the test says: by what was sent. The real analysis has tests of its own."""

    by_serial: dict[str, Findings] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)

    async def __call__(
        self, tx: Transaction, alert_ids: Sequence[str], _now: datetime
    ) -> dict[str, Findings]:
        said = {}
        for alert_id in alert_ids:
            file = await find_file(tx, alert_id)
            assert file is not None
            self.asked.append(file.serial_number)
            if file.serial_number in self.fails:
                await tx.execute("SELECT 1 / 0")
            said[alert_id] = self.by_serial.get(file.serial_number, findings())
        return said


class World:
    """Pharmacies A and B (one organisation each), A2 (a second location of A's), an OBP with one product."""

    def __init__(self, database: Database, clock: Any) -> None:
        self.database = database
        self.clock = clock
        self.country = Country(market="FI", rules=RULES, zone=ZoneInfo("Europe/Helsinki"))
        self.callers: dict[str, Caller] = {}
        self.obp = 0
        self.analysis = SaidAnalysis()

    async def set_up(self) -> None:
        async with self.database.transaction() as tx:
            organisations: dict[str, int] = {}
            for name, kind in (("A", "pharmacy"), ("B", "pharmacy"), ("C", "wholesaler"), ("OBP", "mah_obp")):
                organisations[name] = await _value(
                    tx,
                    "INSERT INTO organisation (name, kind) VALUES (%s, %s) RETURNING organisation_id",
                    name,
                    kind,
                )
            self.obp = organisations["OBP"]
            for name, owner, kind in (
                ("A", "A", OrganisationKind.PHARMACY),
                ("A2", "A", OrganisationKind.PHARMACY),
                ("B", "B", OrganisationKind.PHARMACY),
                ("C", "C", OrganisationKind.WHOLESALER),
            ):
                location = await _value(
                    tx,
                    "INSERT INTO location (organisation_id, name) VALUES (%s, %s) RETURNING location_id",
                    organisations[owner], f"Location {name}",
                )  # fmt: skip
                equipment = await _value(
                    tx,
                    "INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role)"
                    " VALUES (%s, %s, %s, sha256('x'), 'full_access') RETURNING equipment_id",
                    location, f"Equipment {name}", f"client-{name}",
                )  # fmt: skip
                self.callers[name] = Caller(
                    equipment_id=equipment,
                    location_id=location,
                    organisation_id=organisations[owner],
                    organisation_kind=kind,
                    client_role=ClientRole.FULL_ACCESS,
                )
            await tx.execute(
                "INSERT INTO product (scheme, product_code, organisation_id, name, uploaded_at)"
                " VALUES ('gs1', %s, %s, 'Example 10 mg', %s)",
                (GTIN, self.obp, self.clock()),
            )
        await self.batch(BATCH, ["AbCdEfGh", "SN2", "SN3", "SN4"])

    async def batch(self, batch: str, serials: Sequence[str], expiry: str = EXPIRY) -> None:
        """Upload packs, into a new batch or into one that is there."""
        async with self.database.transaction() as tx:
            classes = 0
            for serial in serials:
                classes |= character_classes(serial)
            batch_id = await _value(
                tx,
                "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min,"
                " serial_length_max, serial_format) VALUES (1, %s, %s, %s, %s, 3, 8, %s)"
                " ON CONFLICT (product_id, batch) DO UPDATE SET pack_count = batch.pack_count + excluded.pack_count"
                " RETURNING batch_id",
                batch, expiry, self.clock(), len(serials), classes,
            )  # fmt: skip
            for serial in serials:
                key = serial_key(serial)
                assert key is not None
                await tx.execute(
                    "INSERT INTO pack (serial_key, product_id, batch_id) VALUES (%s, 1, %s)",
                    (key.hex(), batch_id),
                )

    async def scan(
        self, place: str, operation: str, serial: str, batch: str | None = BATCH, expiry: str | None = EXPIRY,
        entry_mode: str = "non-manual", product_code: str = GTIN,
    ) -> Outcome:  # fmt: skip
        """One operation of a location, through the pack path."""
        wanted = Operation(operation)
        request = PackRequest(
            caller=self.callers[place],
            operation=wanted,
            requested_state=_STATES.get(wanted),
            scheme="gs1",
            product_code=product_code,
            serial_number=serial,
            batch=batch,
            expiry=expiry,
            entry_mode=entry_mode,
            language=Language.FI,
            transaction_id=new_transaction_text(),
            received_at=self.clock(),
            user_agent="PharmacySystem/1.0",
        )
        async with self.database.transaction() as tx:
            (outcome,) = await perform(tx, self.country, [request], self.clock())
        return outcome

    async def alert(self, place: str, operation: str, serial: str, **sent: Any) -> AlertFile:
        """An operation that raises an alert, and the alert under management."""
        outcome = await self.scan(place, operation, serial, **sent)
        assert outcome.alert_id is not None, outcome.decision.code.code
        await self.intake()
        return await self.file(outcome.alert_id)

    async def intake(self) -> int:
        """Take over and analyse everything that waits; how many deviations there were."""
        taken = 0
        async with self.database.transaction() as tx:
            while more := await take_in(tx, RULES, self.clock()):
                taken += more
        async with self.database.transaction() as tx:
            while await analyse_waiting(tx, RULES, self.analysis, self.clock()):
                pass
        return taken

    async def file(self, alert_id: str | None) -> AlertFile:
        """The alert as it stands."""
        assert alert_id is not None
        async with self.database.transaction() as tx:
            file = await find_file(tx, alert_id)
        assert file is not None, alert_id
        return file

    async def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        async with (
            self.database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query, values)
            return await cursor.fetchall()

    def doer(self, who: str) -> Doer:
        """Somebody: `A`'s staff, `A main` for its main user, `obp`, `operator`, `authority`."""
        place, _, role = who.partition(" ")
        if place in self.callers:
            caller = self.callers[place]
            main = role == "main"
            return Doer(
                party=Party.END_USER_ORGANISATION if main else Party.END_USER_LOCATION,
                user_id=10 + caller.location_id,
                user_name=f"Person of {place}",
                organisation_id=caller.organisation_id,
                location_ids=() if main else (caller.location_id,),
            )
        others: Mapping[str, tuple[Party, int, int | None]] = {
            "obp": (Party.OBP, 2, self.obp),
            "mah": (Party.MAH, 2, self.obp),
            "operator": (Party.OPERATOR, 3, None),
            "authority": (Party.AUTHORITY, 4, None),
        }
        party, user_id, organisation_id = others[who]
        return Doer(
            party=party, user_id=user_id, user_name=f"Person of {who}", organisation_id=organisation_id
        )


async def _value(tx: Any, query: str, *values: Any) -> Any:
    row = await (await tx.execute(query, values)).fetchone()
    assert row is not None
    return row[0]
