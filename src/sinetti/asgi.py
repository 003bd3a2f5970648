"""Composition root of the servers: the only place where the parts of a national system are put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from sinetti.alerts.http.routes import routes as case_routes
from sinetti.alerts.http.sender import Entry
from sinetti.alerts.http.sender import Parts as CaseParts
from sinetti.identity.http.routes import routes as identity_routes
from sinetti.identity.maintenance import remove_expired_tokens
from sinetti.identity.people.passkeys import remove_old_challenges
from sinetti.identity.people.sessions import find_session, remove_old_sessions
from sinetti.identity.people.slow_down import remove_old_attempts
from sinetti.identity.tokens import TokenGate
from sinetti.identity.usage import written_usage
from sinetti.kit.clock import Clock, system_clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.http_protocol import TURN_AWAY, TurnAway
from sinetti.kit.logging import configure_logging
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings, load_settings
from sinetti.kit.web import problem_handlers, problem_response
from sinetti.nmvs.bulk_results import remove_expired_results
from sinetti.nmvs.bulk_runner import BulkRunner
from sinetti.nmvs.conditions import prove_conditions
from sinetti.nmvs.http.bounds import out_of_bounds
from sinetti.nmvs.http.bulk import routes as bulk_routes
from sinetti.nmvs.http.documentation import routes as documentation_routes
from sinetti.nmvs.http.health import routes as health_routes
from sinetti.nmvs.http.packs import PackEndpoint
from sinetti.nmvs.http.targets import is_pack_target
from sinetti.nmvs.http.uploads import routes as upload_routes
from sinetti.nmvs.packs import Country
from sinetti.nmvs.system import housekeeping, pack_path
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.app import PortalApplication
from sinetti.portal.letters import Letters
from sinetti.portal.pages.alerts.many import forget_results
from sinetti.reports.http import alerts as alert_routes
from sinetti.reports.http import reports as report_routes
from sinetti.reports.http.sender import Parts as OperatorParts
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language


class NationalSystem:
    """ASGI application of one national system: the pack interface in front, everything else behind a router."""

    def __init__(self, settings: Settings, database_url: str, clock: Clock) -> None:
        self._settings = settings
        self._database_url = database_url
        self._clock = clock
        self._packs: PackEndpoint | None = None
        self._router = Starlette(lifespan=self._lifespan, exception_handlers=problem_handlers())
        self._router.state.default_language = settings.default_language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the pack interface or to the router."""
        if scope["type"] != "http":
            await self._router(scope, receive, send)
        elif problem := out_of_bounds(scope):
            await problem_response(Request(scope), problem)(scope, receive, send)
        elif self._packs is not None and is_pack_target(scope["raw_path"]):
            await self._packs(scope, receive, send)
        else:
            await self._router(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[dict[str, TurnAway]]:
        async with self.running():
            assert self._packs is not None
            yield {TURN_AWAY: self._packs.turn_away}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start every part, and stop all of them at the end. A server does this by the lifespan protocol."""
        settings, clock = self._settings, self._clock
        country = Country(
            market=settings.market,
            rules=load_rules(settings.market),
            zone=settings.zone,
            portal_address=settings.portal_address,
        )
        prove_conditions(country.rules)
        async with AsyncExitStack() as parts:
            database = await parts.enter_async_context(await Database.open(self._database_url))
            lifetime = timedelta(seconds=country.rules.parameters["token_lifetime_seconds"].value)
            usage = await parts.enter_async_context(written_usage(database))
            gate = await parts.enter_async_context(
                TokenGate(
                    database,
                    url=self._database_url,
                    token_lifetime=lifetime,
                    note_refusal=usage.note_refusal,
                )
            )
            chores = [
                remove_expired_tokens,
                remove_expired_results,
                remove_old_attempts,
                remove_old_sessions,
                remove_old_challenges,
                forget_results,
            ]
            await parts.enter_async_context(housekeeping(database, country, clock, chores))
            # A pool of its own: supplies must not wait behind token look-ups, uploads or reports.
            pack_database = await parts.enter_async_context(
                await Database.open(self._database_url, pool_max=2)
            )
            coalescer = await parts.enter_async_context(pack_path(pack_database, country, clock))
            runner = await parts.enter_async_context(BulkRunner(database, country, clock, usage=usage))
            self._packs = PackEndpoint(
                gate=gate,
                coalescer=coalescer,
                clock=clock,
                default_language=Language(settings.default_language),
                rules=country.rules,
                usage=usage,
            )
            for_operators = OperatorParts(
                database=database,
                gate=gate,
                rules=country.rules,
                clock=clock,
                usage=usage,
                public_url=settings.public_url,
            )
            for_cases = CaseParts(
                database=database,
                gate=gate,
                rules=country.rules,
                clock=clock,
                usage=usage,
                market=settings.market,
                zone=settings.zone,
                portal_address=settings.portal_address,
                audit=into_audit,
                letters=Letters(sealer_of(settings.home), settings),
            )
            self._router.router.routes.extend(
                [
                    *case_routes(for_cases),
                    *alert_routes.routes(for_operators),
                    *report_routes.routes(for_operators),
                    *identity_routes(gate, clock),
                    *health_routes(database, country, clock),
                    *bulk_routes(database, gate, country.rules, clock, settings, runner, usage),
                    *upload_routes(database, gate, country.rules, clock, usage),
                    *documentation_routes(country.rules, settings),
                ]
            )
            yield


async def into_audit(tx: Transaction, entry: Entry) -> None:
    """What an IT system does with alerts stands where the same of people stands, under its own name."""
    file, doer, work = entry.file, entry.doer, entry.work
    actor = audit.Actor(
        who=None,
        by="client_equipment",
        name=doer.user_name or "",
        source_address=entry.source_address,
        transaction_id=doer.transaction_id,
    )
    if work is not None:
        await audit.record(
            tx,
            actor,
            entry.at,
            action=entry.action,
            object_kind=work.kind,
            object_id=work.number,
            object_name=work.name,
            concern=Concern(organisation_id=work.organisation_id, location_id=work.location_id),
            old=work.old,
            new=work.new,
            reason=work.reason,
        )
        return
    await audit.record(
        tx,
        actor,
        entry.at,
        action=entry.action,
        object_kind="pack",
        object_id=entry.about,
        object_name=entry.about,
        # A company that reads of a trail or a request would learn where it was.
        concern=Concern()
        if file is None or entry.ground is not None
        else Concern(organisation_id=file.organisation_id, location_id=file.location_id),
        ground=entry.ground,
    )


def create_nmvs(settings: Settings | None = None, clock: Clock = system_clock) -> NationalSystem:
    """The national system as an ASGI application, ready to be given to a server.

    The database must be running: `sinetti serve` starts the embedded one first and names it in the environment.
    """
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    return NationalSystem(settings, settings.known_database_url, clock)


def create_portal(settings: Settings | None = None, clock: Clock = system_clock) -> PortalApplication:
    """The portal as an ASGI application, on the same database as the national system."""
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    return PortalApplication(
        settings, settings.known_database_url, clock, find_session, sealer_of(settings.home)
    )
