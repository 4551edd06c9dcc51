"""Endpoints: who is told of which events, where, and whether they are sent to at the moment.

Each function works in a transaction of its caller (``Desk``), which says who acts: the database writes that into the
log (migration 0022). Their rows are locked before anything of an endpoint changes, by people as by who sends. Nothing
here may return a secret but the two functions that make one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from webhooks.secrets import SecretBox, new_secret

ENDPOINTS_MAX = 50
PATTERNS_MAX = 100
DESCRIPTION_MAX = 500
OVERLAP = timedelta(hours=24)
OVERLAP_HOURS_MAX = 168

ACTIVE, PAUSED = "active", "paused"
ASKED, GONE, FAILING = "asked", "gone", "failing"

Connection = psycopg.Connection[Any]

_COLUMNS = """
    webhook_id, version, url, origin, events, description, state, paused_why, paused_at, position, failures,
    failing_since, succeeded_at, created_at, updated_at,
    (SELECT max(s.ends_at) FROM webhooks.secrets s
     WHERE s.webhook_id = endpoints.webhook_id AND s.ends_at > clock_timestamp()) AS old_secret_ends_at
"""


class TooManyEndpoints(Exception):
    """There are no more than ENDPOINTS_MAX."""


class EndpointExists(Exception):
    """There is an endpoint of that id already."""


class VersionPassed(Exception):
    """The endpoint is not at the version that the caller has seen; ``version`` is the one it is at."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as it is kept; ``events`` are types and patterns as they were given, ``position`` is of the log.

    ``old_secret_ends_at`` is until when requests are signed with a secret before the newest too, if they are.
    """

    webhook_id: UUID
    version: int
    url: str
    origin: str
    events: Sequence[str]
    description: str
    state: str
    paused_why: str | None
    paused_at: datetime | None
    position: int
    failures: int
    failing_since: datetime | None
    succeeded_at: datetime | None
    created_at: datetime
    updated_at: datetime
    old_secret_ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an endpoint is made of: where to send, scheme and host of that, which events, and what people call it."""

    url: str
    origin: str
    events: Sequence[str]
    description: str


def endpoints(connection: Connection) -> list[Endpoint]:
    """All of them, oldest first."""
    statement = f"SELECT {_COLUMNS} FROM webhooks.endpoints ORDER BY created_at, webhook_id"  # noqa: S608
    with connection.cursor(row_factory=class_row(Endpoint)) as cursor:
        return cursor.execute(statement.encode()).fetchall()


def endpoint(connection: Connection, webhook_id: UUID, *, locked: bool = False) -> Endpoint | None:
    """One of them; ``locked`` until the transaction ends, for who will change something of it."""
    lock = "FOR UPDATE" if locked else ""
    statement = f"SELECT {_COLUMNS} FROM webhooks.endpoints WHERE webhook_id = %s {lock}"  # noqa: S608
    with connection.cursor(row_factory=class_row(Endpoint)) as cursor:
        return cursor.execute(statement.encode(), [webhook_id]).fetchone()


def create(connection: Connection, box: SecretBox, webhook_id: UUID, wanted: Wanted, position: int) -> str:
    """Make an endpoint that is told of what the log has after ``position``; returns its secret, this once.

    Raises EndpointExists, TooManyEndpoints.
    """
    connection.execute("LOCK TABLE webhooks.endpoints IN SHARE ROW EXCLUSIVE MODE")
    counted = connection.execute("SELECT count(*) FROM webhooks.endpoints").fetchone()
    if counted and counted[0] >= ENDPOINTS_MAX:
        raise TooManyEndpoints
    values = [webhook_id, wanted.url, wanted.origin, list(wanted.events), wanted.description, position]
    try:
        connection.execute(
            "INSERT INTO webhooks.endpoints (webhook_id, url, origin, events, description, position)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            values,
        )
    except UniqueViolation:
        raise EndpointExists from None
    return _add_secret(connection, box, webhook_id, 1)


def change(connection: Connection, found: Endpoint, wanted: Wanted) -> None:
    """Send other events, or elsewhere; what is waiting goes to the new place."""
    connection.execute(
        "UPDATE webhooks.endpoints SET url = %s, origin = %s, events = %s, description = %s, version = version + 1,"
        " updated_at = clock_timestamp() WHERE webhook_id = %s",
        [wanted.url, wanted.origin, list(wanted.events), wanted.description, found.webhook_id],
    )


def pause(connection: Connection, found: Endpoint, why: str = ASKED) -> None:
    """Send nothing until it is resumed; what happens meanwhile is not lost. Who paused it first is kept."""
    if found.state == ACTIVE:
        connection.execute(
            "UPDATE webhooks.endpoints SET state = 'paused', paused_why = %s, paused_at = clock_timestamp(),"
            " told_at = NULL, version = version + 1, updated_at = clock_timestamp() WHERE webhook_id = %s",
            [why, found.webhook_id],
        )


def resume(connection: Connection, found: Endpoint, skip_to: int | None = None) -> None:
    """Send again, everything that waits at once and with all its tries; or go on at a position and skip the rest."""
    connection.execute(
        "UPDATE webhooks.endpoints SET state = 'active', paused_why = NULL, paused_at = NULL, failures = 0,"
        " failing_since = NULL, position = greatest(position, coalesce(%s, position)), version = version + %s,"
        " updated_at = clock_timestamp() WHERE webhook_id = %s",
        [skip_to, int(found.state == PAUSED), found.webhook_id],
    )
    if skip_to is None:
        connection.execute(
            "UPDATE webhooks.deliveries SET ready_at = clock_timestamp(), tries = 0, first_tried_at = NULL"
            " WHERE webhook_id = %s AND status = 'waiting' AND ready_at IS NOT NULL",
            [found.webhook_id],
        )
    else:
        connection.execute(
            "DELETE FROM webhooks.deliveries WHERE webhook_id = %s AND status = 'waiting'", [found.webhook_id]
        )


def rotate(connection: Connection, box: SecretBox, found: Endpoint, overlap: timedelta) -> tuple[str, datetime]:
    """A new secret, told this once, and until when requests are signed with the old one too.

    An end that was set before stays, so that who rotates twice does not cut the overlap that the first time promised.
    """
    row = connection.execute(
        "UPDATE webhooks.secrets SET ends_at = coalesce(ends_at, clock_timestamp() + %s) WHERE webhook_id = %s"
        " AND (ends_at IS NULL OR ends_at > clock_timestamp()) RETURNING number, ends_at",
        [overlap, found.webhook_id],
    ).fetchall()
    number, ends_at = max(row)
    connection.execute(
        "UPDATE webhooks.endpoints SET version = version + 1, updated_at = clock_timestamp() WHERE webhook_id = %s",
        [found.webhook_id],
    )
    return _add_secret(connection, box, found.webhook_id, number + 1), ends_at


def secrets_of(connection: Connection, box: SecretBox, webhook_id: UUID) -> list[str]:
    """The secrets that requests are signed with now, the newest first."""
    rows = connection.execute(
        "SELECT number, sealed FROM webhooks.secrets WHERE webhook_id = %s"
        " AND (ends_at IS NULL OR ends_at > clock_timestamp()) ORDER BY number DESC",
        [webhook_id],
    )
    return [box.unseal(sealed, place(webhook_id, number)).decode() for number, sealed in rows]


def delete(connection: Connection, found: Endpoint) -> None:
    """Forget an endpoint and all that was, or was to be, sent to it."""
    connection.execute("DELETE FROM webhooks.endpoints WHERE webhook_id = %s", [found.webhook_id])


def _add_secret(connection: Connection, box: SecretBox, webhook_id: UUID, number: int) -> str:
    secret = new_secret()
    sealed = box.seal(secret.encode(), place(webhook_id, number))
    connection.execute(
        "INSERT INTO webhooks.secrets (webhook_id, number, sealed) VALUES (%s, %s, %s)", [webhook_id, number, sealed]
    )
    return secret


def place(webhook_id: UUID, number: int) -> bytes:
    """What a secret is bound to."""
    return webhook_id.bytes + number.to_bytes(4, "big")
