"""Who answers what an auditor asks, put together: searches, chains, the past grid, reports, notes about requests."""

from dataclasses import dataclass

from access.accesses import Accesses
from access.authentication import Pool
from access.refusals import Refusals
from application.unit_of_work import EVENT_CLASSES
from eventstore.codec import Codec
from eventstore.event_keys import EventKeys
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from projections.audit.chain import EventChains
from projections.audit.reports.catalogue import reports
from projections.audit.reports.report import LogWalk
from projections.audit.search import EventSearch, amount_fields
from projections.orders_grid.past import PastGrid
from projections.public_events.reading import PublicEvents
from web.audit.asking import Asking
from web.noting import Noting


@dataclass(frozen=True, slots=True)
class Auditing:
    """Who answers, and who notes what there is to answer about requests."""

    asking: Asking
    noting: Noting
    refusals: Refusals
    accesses: Accesses


def event_keys(pool: Pool) -> EventKeys:
    """By what the log is searched."""
    return EventKeys(pool, [each.TOPIC for each in EVENT_CLASSES], amount_fields(EVENT_CLASSES))


def auditing(pool: Pool, reader: LogReader, codec: Codec, keyring: Keyring, events: PublicEvents) -> Auditing:
    """All of it over one pool."""
    keys = event_keys(pool)
    refusals, accesses = Refusals(pool), Accesses(pool)
    asking = Asking(
        EventSearch(pool, reader, keys, events),
        EventChains(keys, events),
        PastGrid(pool, codec, keyring),
        reader,
        reports(pool, LogWalk(reader, keys), events, codec, keyring),
        refusals,
        accesses,
        keyring.customer_hash,
    )
    return Auditing(asking, Noting(refusals, accesses, keyring.customer_hash), refusals, accesses)
