"""Who works with whom: the only place that knows every part and puts them together.

Connections are opened here, so this must run in the process that uses them, after any fork.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from flask import Flask
from psycopg_pool import ConnectionPool, PoolTimeout

from adapters.identifiers import new_id, new_token, now
from application.book import EVENT_CLASSES
from application.command import Merchant
from application.desk import Desk, Surroundings
from application.handlers import HANDLERS
from application.order_log import OrderLog
from daybook.settings import Settings
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader, log_pool
from projections.order_queries import OrderQueries, read_pool
from web.app import Collaborators
from web.app import create_app as create_edge
from web.audit.trail import LogTrail
from web.auth import ApiKeys


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process needs to take commands."""

    reader: LogReader
    log: OrderLog
    desk: Desk
    codec: Codec
    keyring: Keyring


def assemble(settings: Settings) -> Parts:
    """The command side, with connections of its own."""
    keyring = Keyring(settings.master_key)
    codec = Codec(EVENT_CLASSES)
    reader = LogReader(log_pool(settings.app_conninfo, settings.web_threads))
    log = OrderLog(reader, GroupCommitter(settings.app_conninfo), codec, keyring)
    desk = Desk(log, Surroundings(Merchant(), now, new_id, new_token))
    return Parts(reader, log, desk, codec, keyring)


class DatabaseReadiness:
    """Ready is who gets an answer from the database."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection]) -> None:
        self._pool = pool

    def complaints(self) -> Sequence[str]:
        """What is missing, a sentence each."""
        try:
            with self._pool.connection(timeout=1) as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout):
            return ["The database does not answer."]
        return []


def create_app(settings: Settings) -> Flask:
    """The HTTP edge over everything it needs."""
    parts = assemble(settings)
    pool = read_pool(settings.app_conninfo, settings.web_threads)
    return create_edge(
        Collaborators(
            desk=parts.desk,
            commands=HANDLERS.keys(),
            orders=OrderQueries(pool, parts.reader, parts.codec, parts.keyring),
            audit=LogTrail(parts.reader, parts.codec, parts.keyring),
            authenticate=ApiKeys(pool).authenticate,
            readiness=DatabaseReadiness(pool),
        )
    )
