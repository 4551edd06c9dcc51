"""Every report there is: the one place where a new one is added."""

from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from projections.audit.reports.documents import Documents
from projections.audit.reports.manual_acts import ManualActs
from projections.audit.reports.money import Money
from projections.audit.reports.numbers import Numbers
from projections.audit.reports.reconciliation import Reconciliation
from projections.audit.reports.report import LogWalk, Report
from projections.public_events.reading import PublicEvents

REPORTS: tuple[type[Any], ...] = (Numbers, Documents, Money, Reconciliation, ManualActs)


def reports(
    pool: ConnectionPool[Connection[Any]], walk: LogWalk, events: PublicEvents, codec: Codec, keyring: Keyring
) -> list[Report]:
    """All of them, over these readers."""
    return [
        Numbers(pool, walk),
        Documents(walk, events),
        Money(walk, walk.reader),
        Reconciliation(pool, walk, codec, keyring),
        ManualActs(walk, events),
    ]
