"""Plays a plan through the use cases of the national system, without HTTP and by the clock of the plan.

A week of traffic takes seconds, and stands in the record with the times at which it would have happened. For
measuring what looks at the record, such as the analysis of alerts; a demo plays over the interface (`play`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sinetti.demo.traffic.participants import enrol
from sinetti.demo.traffic.plan import Answer, PackStep, Plan, StatesStep, Step, Story, UploadStep
from sinetti.demo.traffic.truth import Truth, truth_of
from sinetti.demo.traffic.wire import USER_AGENT, batch_head, kind_of_answer, master_data, states_upload
from sinetti.demo.traffic.world import Place, World
from sinetti.identity.model import Caller
from sinetti.kit.db import Database
from sinetti.kit.ids import new_transaction_id
from sinetti.nmvs.batches import upload_batch
from sinetti.nmvs.changes import Change
from sinetti.nmvs.model import Outcome, PackRequest
from sinetti.nmvs.pack_states import upload_pack_states
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.products import upload_products
from sinetti.nmvs.store.packs import ensure_event_months
from sinetti.nmvs.store.serial_set import SerialSet
from sinetti.rules.vocabulary import Language

_TOGETHER_MAX: Final = 200
_TOGETHER: Final = timedelta(minutes=2)
"""Everyday steps within so short a time are done in one transaction: nobody looks at their seconds."""

Callers = Mapping[str, Caller]
OnAnswer = Callable[[Story, PackStep, Outcome], None]


async def register_world(database: Database, world: World, now: datetime, market: str = "FI") -> Callers:
    """Add all places that the system does not have, and tell who asks from each, by the key of the place."""
    async with database.transaction() as tx:
        enrolled = await enrol(tx, world, market, now)
    return {key: one.caller for key, one in enrolled.items()}


async def play_directly(
    plan: Plan,
    database: Database,
    nation: Country,
    callers: Callers,
    *,
    on_answer: OnAnswer | None = None,
) -> list[Truth]:
    """Play a whole plan, and return the truths in the order of the answers."""
    player = _Player(plan, database, nation, callers, on_answer)
    await player.prepare()
    for story, step in plan.timed():
        await player.add(story, step)
    await player.flush()
    return player.truths


class _Player:
    def __init__(
        self,
        plan: Plan,
        database: Database,
        nation: Country,
        callers: Callers,
        on_answer: OnAnswer | None,
    ) -> None:
        self.truths: list[Truth] = []
        self._plan = plan
        self._database = database
        self._nation = nation
        self._callers = callers
        self._on_answer = on_answer
        self._waiting: list[tuple[Story, PackStep]] = []
        self._packs: set[tuple[str, str]] = set()

    async def prepare(self) -> None:
        """What has been there before the plan begins."""
        months = {step.at.strftime("%Y%m"): step.at for _, step in self._plan.timed()}
        async with self._database.transaction() as tx:
            for at in months.values():
                await ensure_event_months(tx, at.astimezone(UTC))
        for product in self._plan.world.products:
            before = self._plan.starts_at - timedelta(days=400)
            await upload_products(
                self._database, self._change(product.company, before), [master_data(product)]
            )
        for upload in self._plan.before:
            await self._upload(upload)

    async def add(self, story: Story, step: Step) -> None:
        """Do a step now, or soon together with others."""
        match step:
            case UploadStep():
                await self.flush()
                await self._upload(step)
            case StatesStep():
                await self.flush()
                await self._tell_states(step)
            case PackStep():
                await self._add(story, step)

    async def _add(self, story: Story, step: PackStep) -> None:
        pack = (step.sent.product_code, step.sent.serial_number)
        alone = story.cause is not None
        first = self._waiting[0][1].at if self._waiting else step.at
        if alone or pack in self._packs or step.at - first > _TOGETHER or len(self._waiting) >= _TOGETHER_MAX:
            await self.flush()
        self._waiting.append((story, step))
        self._packs.add(pack)
        if alone:
            await self.flush()

    async def flush(self) -> None:
        """Do all that waits."""
        if not self._waiting:
            return
        now = self._waiting[-1][1].at.astimezone(UTC)
        requests = [self._request(step, now) for _, step in self._waiting]
        async with self._database.transaction() as tx:
            outcomes = await perform(tx, self._nation, requests, now)
        self._tell(outcomes, now)
        self._waiting.clear()
        self._packs.clear()

    def _tell(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        for (story, step), outcome in zip(self._waiting, outcomes, strict=True):
            truth = truth_of(
                self._plan.options,
                story,
                step,
                alert_id=outcome.alert_id,
                operation_code=outcome.decision.code.code,
                answered_at=now,
            )
            if truth is not None:
                self.truths.append(truth)
            if self._on_answer is not None:
                self._on_answer(story, step, outcome)

    def _request(self, step: PackStep, now: datetime) -> PackRequest:
        sent = step.sent
        return PackRequest(
            caller=self._callers[step.place.key],
            operation=step.operation,
            requested_state=None if step.state is None else step.state.value,
            scheme="gs1",
            product_code=sent.product_code,
            serial_number=sent.serial_number,
            batch=sent.batch,
            expiry=sent.expiry,
            entry_mode=sent.entry_mode.value,
            language=Language.FI,
            transaction_id=str(new_transaction_id()),
            received_at=now,
            api_version="3.1",
            user_agent=USER_AGENT,
        )

    def _change(self, place: Place, at: datetime) -> Change:
        caller = self._callers[place.key]
        return Change(
            organisation_id=caller.organisation_id,
            equipment_id=caller.equipment_id,
            transaction_id=new_transaction_id(),
            at=at.astimezone(UTC),
            user_agent=USER_AGENT,
        )

    async def _upload(self, step: UploadStep) -> None:
        serials = SerialSet("gs1")
        refused = serials.add(step.serial_numbers)
        assert not refused, f"serial numbers of {step.batch}"
        await serials.sort()
        await upload_batch(self._database, self._change(step.place, step.at), batch_head(step), serials)

    async def _tell_states(self, step: StatesStep) -> None:
        change = self._change(step.place, step.at)
        await upload_pack_states(self._database, change, states_upload(step), self._nation.rules.version)


def answer_of(outcome: Outcome) -> Answer:
    """What kind of answer it was."""
    code = outcome.decision.code
    return kind_of_answer(code.http_status, code.colour, alert=outcome.alert_id is not None)
