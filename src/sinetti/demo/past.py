"""Carries out what happened before the first day: real operations by the clock of then, so that the record is true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sinetti.contracts.uploads import BatchRecall, PackStateUpload, ProductWithdrawal
from sinetti.demo.goods import USER_AGENT, owners_change
from sinetti.demo.participants import Participants
from sinetti.demo.plan import Operation, Recall, Step, Withdrawal
from sinetti.demo.tables import DemoCountry, Product
from sinetti.kit.db import Database, Transaction
from sinetti.kit.ids import new_transaction_id
from sinetti.nmvs.batches import recall_batch
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.pack_states import OPERATIONS as STATES_TOLD_OF
from sinetti.nmvs.pack_states import upload_pack_states
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.products import withdraw_product
from sinetti.nmvs.store.packs import ensure_event_months
from sinetti.rules import vocabulary
from sinetti.rules.vocabulary import EntryMode, Language, PackState

_OK = 200
_API_VERSION = "3.1"


async def carry_out(
    database: Database,
    nation: Country,
    country: DemoCountry,
    participants: Participants,
    steps: Sequence[Step],
) -> None:
    """Do all steps in their order. A step that is not answered as it should be is a bug in the tables."""
    products = {product.key: product for product in country.products}
    for step in steps:
        async with database.transaction() as tx:
            await _operations(tx, nation, participants, step)
        for event in step.events:
            match event:
                case Recall(batch=batch):
                    product = products[batch.product]
                    recall = BatchRecall(
                        product_code_scheme=product.scheme,
                        product_code=product.product_code,
                        batch_id=batch.batch,
                        reason=batch.recall_reason or "",
                    )
                    await recall_batch(
                        database, owners_change(participants, product.organisation, step.at), recall
                    )
                case Withdrawal(product=product):
                    await _withdraw(database, participants, product, step.at)
                case Operation() if event.requested_state in STATES_TOLD_OF:
                    await _tell_state(database, nation, participants, event, step.at)


async def prepare_record(tx: Transaction, steps: Sequence[Step]) -> None:
    """See to it that every month in which something happened has its partition of the record."""
    for at in {step.at.strftime("%Y%m"): step.at for step in steps}.values():
        await ensure_event_months(tx, at)


async def _operations(tx: Transaction, nation: Country, participants: Participants, step: Step) -> None:
    requests = [
        _request(event, participants, step.at)
        for event in step.events
        if isinstance(event, Operation) and event.requested_state not in STATES_TOLD_OF
    ]
    for outcome in await perform(tx, nation, requests, step.at) if requests else ():
        code = outcome.decision.code
        assert code.http_status == _OK, f"{outcome.request} was answered {code.code}"


def _request(event: Operation, participants: Participants, at: datetime) -> PackRequest:
    supplied = event.requested_state is PackState.SUPPLIED
    return PackRequest(
        caller=participants.callers[event.client_id],
        operation=vocabulary.Operation.SUPPLY if supplied else vocabulary.Operation.DECOMMISSION,
        requested_state=event.requested_state.value,
        scheme=event.product.scheme,
        product_code=event.product.product_code,
        serial_number=event.serial_number,
        batch=event.batch.batch,
        expiry=event.batch.expiry,
        entry_mode=EntryMode.NON_MANUAL.value,
        language=Language.FI,
        transaction_id=str(new_transaction_id()),
        received_at=at,
        api_version=_API_VERSION,
        user_agent=USER_AGENT,
    )


async def _withdraw(database: Database, participants: Participants, product: Product, at: datetime) -> None:
    withdrawal = ProductWithdrawal(
        product_code_scheme=product.scheme,
        product_code=product.product_code,
        reason=product.withdrawal_reason or "",
    )
    await withdraw_product(database, owners_change(participants, product.organisation, at), withdrawal)


async def _tell_state(
    database: Database, nation: Country, participants: Participants, event: Operation, at: datetime
) -> None:
    upload = PackStateUpload(
        product_code_scheme=event.product.scheme,
        product_code=event.product.product_code,
        state=event.requested_state.value,
        serial_numbers=[event.serial_number],
        reason="Esittelytieto",
    )
    change = owners_change(participants, event.product.organisation, at)
    await upload_pack_states(database, change, upload, nation.rules.version)
