"""Erasing: the one append that also deletes data keys, and with them whatever was sealed under them.

What is kept of a person beside the log goes in the same transaction, so that there is no moment, and no crash, after
which one part is gone and the other can be read. It takes a connection of its own each time: erasing is rare, and the
group commit of everybody else knows nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg import Connection

from eventstore import wire
from eventstore.batch import Entry, distribute, parameters
from eventstore.committer import LOCK_TIMEOUT_MS, append_connection
from eventstore.errors import LogUnavailable, OutcomeUnknown
from eventstore.outcomes import refusal
from eventstore.records import Append, Appended
from eventstore.statements import Statement, run

_ERASE = Statement(
    b"log_erase",
    b"SELECT first_position, recorded_at, numbers, outcomes FROM log.erase($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whom to erase: by ``customer_hash`` all of whose data keys are those of ``partitions``, which go.

    ``texts`` are what the person can be recognised by, for what is kept beside the log.
    """

    customer_hash: bytes
    partitions: tuple[UUID, ...]
    customer_id: str = field(repr=False)
    texts: frozenset[str] = field(default=frozenset(), repr=False)


class Elsewhere(Protocol):
    """What is kept of people beside the log."""

    def keeps(self, customer_id: str) -> bool:
        """Whether something is kept under the id of this customer."""

    def forget(self, connection: Connection[Any], erasure: Erasure) -> None:
        """Remove what names the person, in the transaction of the connection."""


class NothingElsewhere:
    """Where there is only the log."""

    def keeps(self, customer_id: str) -> bool:  # noqa: ARG002
        """Nothing."""
        return False

    def forget(self, connection: Connection[Any], erasure: Erasure) -> None:
        """There is nothing to remove."""


class Eraser:
    """Appends erasures. Thread-safe."""

    def __init__(self, conninfo: str, elsewhere: Elsewhere) -> None:
        self._conninfo = conninfo
        self.elsewhere = elsewhere

    def append(self, append: Append, erasure: Erasure) -> Appended:
        """Delete the keys, forget what is kept elsewhere and record the append, or nothing of it.

        Raises what ``GroupCommitter.append`` raises; StreamConflict also when the customer has other keys by now.
        """
        entry = Entry(append)
        try:
            connection, types = append_connection(self._conninfo, _ERASE, str(LOCK_TIMEOUT_MS))
        except psycopg.Error as failure:
            raise LogUnavailable(f"the log cannot be reached: {failure}") from failure
        asked = [*parameters([entry], types), erasure.customer_hash, wire.uuid_array(erasure.partitions)]
        try:
            with connection.transaction():
                self.elsewhere.forget(connection, erasure)
                distribute([entry], run(connection, _ERASE, asked))
                return entry.result()
        except psycopg.Error as failure:
            if connection.closed:
                raise OutcomeUnknown(f"the connection was lost while erasing: {failure}") from failure
            raise refusal(failure.sqlstate, str(failure).strip()) from failure
        finally:
            connection.close()
