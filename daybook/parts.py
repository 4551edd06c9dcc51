"""What every process works with: the log, the desk that takes commands, and the merchant's file.

Connections are opened here, so this must run in the process that uses them, after any fork.
"""

from dataclasses import dataclass

from access.holders import Holders
from adapters.carriers.kept_labels import KeptLabels
from adapters.closed_periods import ClosedPeriods
from adapters.documents.printer import DocumentPrinter, proofreader, stationery_keeper
from adapters.identifiers import new_id, new_token, now
from adapters.merchant.config import MerchantConfig, load
from application.command import Merchant
from application.desk import Desk, Surroundings
from application.gateway import Gateway
from application.order_log import OrderLog
from application.processes.gateway_requests import GatewayRequests
from application.processes.process import Origin
from application.unit_of_work import EVENT_CLASSES
from daybook.carrying import accounts
from daybook.forgetting import BesideTheLog, CountedEraser
from daybook.gateways import payment_gateway
from daybook.run.storage import Storage
from daybook.settings import Settings
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.keeping import Snapshots, Vault, keeping_pool
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader, log_pool
from projections.documents.issued import IssuedDocuments
from projections.documents.queries import DocumentQueries


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process needs to take commands; ``merchant`` is the merchant's file, read once."""

    merchant: MerchantConfig
    gateway: Gateway | None
    reader: LogReader
    log: OrderLog
    desk: Desk
    codec: Codec
    keyring: Keyring
    snapshots: Snapshots
    vault: Vault


def assemble(settings: Settings) -> Parts:
    """The command side, with connections of its own."""
    keyring = Keyring(settings.master_key)
    codec = Codec(EVENT_CLASSES)
    reader = LogReader(log_pool(settings.app_conninfo, settings.web_threads))
    config = load(settings.config)
    pool = keeping_pool(settings.app_conninfo)
    snapshots = Snapshots(pool)
    committer = GroupCommitter(settings.app_conninfo)
    log = OrderLog(
        reader,
        committer,
        codec,
        keyring,
        proofread=proofreader(config.documents.fonts),
        stationery=stationery_keeper(config.stationery, snapshots),
        prefixes=config.number_prefixes,
        eraser=CountedEraser(settings.app_conninfo, BesideTheLog(pool)),
    )
    gateway = payment_gateway(settings)
    requests = GatewayRequests(log, gateway, origin("gateway")) if gateway else None
    surroundings = Surroundings(
        _checked_against(config, gateway),
        now,
        new_id,
        new_token,
        Storage.of(settings).has_room,
        ClosedPeriods(pool).closed_before,
        config.holding,
        Holders(pool).same_person,
    )
    desk = Desk(log, surroundings, requests.settle if requests else None)
    return Parts(config, gateway, reader, log, desk, codec, keyring, snapshots, Vault(pool, reader, keyring))


def origin(name: str) -> Origin:
    """Under which name a process acts."""
    return Origin(name, new_id, now)


def _checked_against(config: MerchantConfig, gateway: Gateway | None) -> Merchant:
    """What commands are checked against."""
    return Merchant(
        carriers=frozenset(config.carriers),
        locations=frozenset(config.locations),
        gs1_prefix=config.gs1_prefix,
        base_currency=config.base_currency,
        has_gateway=gateway is not None,
        payment_methods=config.payment_methods,
        packagings=config.packagings,
        carrier_accounts=frozenset(accounts(config)),
        carrier_manifests=frozenset(code for code, each in accounts(config).items() if each.manifests),
        retention_years=config.retention_years,
        rights=config.rights,
    )


def document_printer(settings: Settings, parts: Parts, documents: DocumentQueries) -> DocumentPrinter:
    """What prints documents, and keeps those that are issued."""
    issued = IssuedDocuments(parts.reader, parts.codec, parts.keyring)
    return DocumentPrinter(
        documents,
        parts.merchant.stationery,
        parts.merchant.documents.fonts,
        issued=issued,
        snapshots=parts.snapshots,
        vault=parts.vault,
        carrier_labels=KeptLabels(parts.vault, parts.reader),
        public_url=settings.public_url,
    )
