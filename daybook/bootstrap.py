"""Who works with whom: the only place that knows every part and puts them together.

Connections are opened here, so this must run in the process that uses them, after any fork.
"""

from flask import Flask

from access.authentication import ApiKeys, Pool
from access.key_desk import KeyDesk
from access.mass_actions import MassActions
from access.notes import Forgetting
from access.saved_views import SavedViews
from access.sessions import Sessions
from adapters.carriers.kept_labels import KeptLabels
from adapters.merchant.config import MerchantConfig
from application.catalogue import COMMANDS
from application.processes.approvals import Approvals
from application.processes.attempts import Attempts
from application.processes.batches import Batches
from application.processes.expiry import Expiry
from application.processes.gateway_requests import GatewayRequests
from application.processes.process import Process
from daybook.auditing import auditing, event_keys
from daybook.carrying import AskedRates, are_awaited, asking_carriers, carrier_reports, carriers
from daybook.configured import configured
from daybook.gateways import payment_reports
from daybook.identities import Identities, identities
from daybook.mailing import mail_processes
from daybook.parts import assemble, document_printer, origin
from daybook.run.storage import Storage
from daybook.run.watching import Watch
from daybook.sending import WebhookTester, poster, sending_webhooks
from daybook.settings import Settings
from daybook.telling import telling_merchant
from eventstore.aside import Aside
from eventstore.master_key import derived
from eventstore.news import LogNews
from eventstore.seals.reader import SealReader
from projections.approvals.queries import ApprovalQueries
from projections.audit.trail import LogTrail
from projections.catalogue import READ_MODELS
from projections.dashboard import Dashboard
from projections.documents.queries import DocumentQueries
from projections.engine.lag import LagWatch
from projections.engine.positions import WAITERS, WAITERS_MAX
from projections.exports import Exports
from projections.order_history.actors import Actors
from projections.orders.access_report import AccessReports
from projections.orders.past import PastOrders
from projections.orders.queries import OrderQueries, read_pool
from projections.orders.telling import OrderTeller
from projections.public_events.reading import PublicEvents
from web.app import Collaborators
from web.app import create_app as create_edge
from web.auth import by_bearer_key
from web.commands.routes import House
from web.pages.routes import People
from web.rate_limits import RateLimit, RateLimits, SharedUses
from web.webhooks.commands import Outgoing
from webhooks.desk import EndpointDesk
from webhooks.secrets import SecretBox

# Of a key, where none is set: a thousand requests in each second, and a minute of them at once.
RATE_LIMIT = "60000/60"


def people(settings: Settings, config: MerchantConfig, pool: Pool, known: Identities) -> People:
    """Who may sign in on the pages, and what is theirs."""
    return People(
        Sessions(pool, settings.oidc.issuer if settings.oidc and known.provider else ""),
        SavedViews(pool),
        MassActions(pool),
        ApiKeys(pool).caller_of,
        choices(config),
        secure=settings.served_by_tls,
        provider=known.provider,
        keys=KeyDesk(pool),
        secret=derived(settings.master_key.opening[0], b"daybook keys of forms v1"),
        proxies=settings.proxies,
    )


def choices(config: MerchantConfig) -> dict[str, tuple[str, ...]]:
    """The merchant's codes, by the field of a form that takes one."""
    carriers, places = tuple(config.carriers), tuple(config.locations)
    return {"carrier": carriers, "origin": places, "location": places, "type": tuple(sorted(config.packagings))}


def rate_limits(settings: Settings) -> RateLimits | None:
    """How much a key may send; on a developer's database as much as it likes, unless a limit is set."""
    chosen = settings.rate_limit or ("off" if settings.embedded else RATE_LIMIT)
    if chosen == "off":
        return None
    requests, seconds = chosen.split("/")
    return RateLimits(RateLimit(int(requests), int(seconds)), SharedUses(settings.home / "rate-limits"))


def processes(settings: Settings) -> list[Process]:
    """What follows from what was recorded, for the process that does it."""
    parts = assemble(settings)
    config = parts.merchant

    def attempts(process: str) -> Attempts:
        return Attempts(Aside(settings.app_conninfo, process))

    pool = read_pool(settings.app_conninfo, 2)
    following: list[Process] = [
        event_keys(pool),
        Forgetting(pool, refusals_days=settings.refusals_days, accesses_days=settings.accesses_days),
        Batches(parts.log, parts.desk, origin("batches"), attempts("batches")),
        Expiry(parts.log, parts.desk, origin("expiry"), attempts("expiry")),
        Approvals(parts.log, parts.desk, origin("approving"), attempts("approving")),
    ]
    if parts.gateway:
        following.append(GatewayRequests(parts.log, parts.gateway, origin("gateway"), attempts("gateway")))
    connected = carriers(settings, config)
    if connected or are_awaited(parts.log):
        files = KeptLabels(parts.vault, parts.reader)
        following.append(asking_carriers(parts.log, connected, files, origin("carriers"), attempts("carriers")))
    documents = DocumentQueries(pool, parts.reader, parts.codec, parts.keyring)
    printer = document_printer(settings, parts, documents)
    events = PublicEvents(parts.reader, parts.codec, parts.keyring, Actors(pool))
    return [
        *following,
        sending_webhooks(settings, events, telling_merchant(settings, config)),
        *mail_processes(settings, config, parts.log, parts.reader, parts.codec, attempts=attempts, attachments=printer),
    ]


def create_app(settings: Settings) -> Flask:
    """The HTTP edge over everything it needs."""
    parts = assemble(settings)
    config = parts.merchant
    WAITERS.limit = max(1, min(WAITERS_MAX, settings.web_threads // 2))
    pool = read_pool(settings.app_conninfo, settings.web_threads)
    documents = DocumentQueries(pool, parts.reader, parts.codec, parts.keyring)
    pages_key = derived(settings.master_key.opening[0], b"daybook pages v1")
    known, actors = identities(settings.oidc, settings.public_url, pool, pages_key), Actors(pool)
    teller = OrderTeller(parts.codec, parts.keyring, actors)
    trail = LogTrail(parts.reader, parts.codec, parts.keyring, actors)
    lags = LagWatch(pool, [model.name for model in READ_MODELS])
    events = PublicEvents(parts.reader, parts.codec, parts.keyring, actors)
    endpoints = EndpointDesk(pool, SecretBox(settings.master_key))
    audit = auditing(pool, parts.reader, parts.codec, parts.keyring, events)
    return create_edge(
        Collaborators(
            desk=parts.desk,
            commands=COMMANDS.keys(),
            orders=OrderQueries(pool, parts.reader, parts.codec, parts.keyring),
            audit=trail,
            past=PastOrders(parts.reader, teller, trail.listed),
            reports=AccessReports(pool, parts.reader, parts.keyring, teller, trail.listed),
            authenticate=by_bearer_key(known.caller_of),
            readiness=Watch(pool, lags, Storage.of(settings), settings.lag_limit_seconds),
            lags=lags,
            exports=Exports(pool),
            views=SavedViews(pool),
            events=events,
            news=LogNews(settings.app_conninfo),
            asking=audit.asking,
            approvals=ApprovalQueries(pool, parts.reader, parts.codec, parts.keyring, actors),
            noting=audit.noting,
            partitions_of=parts.reader.partitions_of,
            dashboard=Dashboard(pool),
            seals=SealReader(pool),
            documents=documents,
            printer=document_printer(settings, parts, documents),
            rates=AskedRates(parts.log, parts.reader, carriers(settings, config), config.locations.keys()),
            providers=payment_reports(settings) | carrier_reports(settings, config, parts.log.claims),
            turns=settings.web_threads,
            house=House(config.rights, config.reasons, config.holding.held if config.holding else ()),
            configured=configured(config, gateway=parts.gateway is not None),
            people=people(settings, config, pool, known),
            issuer=settings.oidc.issuer if settings.oidc and settings.oidc.audience else None,
            outgoing=Outgoing(
                endpoints, events, settings.webhook_allowance, WebhookTester(endpoints, poster(settings))
            ),
            limits=rate_limits(settings),
        )
    )
