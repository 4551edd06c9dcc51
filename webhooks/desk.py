"""Takes what people ask of endpoints: one transaction each, under their name, once for each key of theirs.

The answer under a key is kept sealed, because the first one may hold a secret; a repeat of the very same request gets
it again. What is refused is not kept. It must never hold a transaction open while it waits for anybody.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg_pool import ConnectionPool

from webhooks import deliveries, endpoints
from webhooks.deliveries import Delivery, Listed, Standing
from webhooks.endpoints import Connection, Endpoint, VersionPassed
from webhooks.secrets import SecretBox

Json = dict[str, Any]
Pool = ConnectionPool[psycopg.Connection[Any]]


class KeyReused(Exception):
    """The caller's key stands for another request."""


class NoEndpoint(Exception):
    """There is no endpoint of that id."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, as what (the kind of actor in the log), for what (canonical bytes), under which key of theirs."""

    key_id: str
    kind: str
    request: bytes
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered, now or, when it is ``repeated``, before."""

    answer: Json
    repeated: bool = False


class EndpointDesk:
    """The endpoints of one installation, for those who administer and those who look. Thread-safe."""

    def __init__(self, pool: Pool, box: SecretBox) -> None:
        self._pool = pool
        self.box = box

    def perform(self, asking: Asking, act: Callable[[Connection], Json]) -> Answered:
        """Do something in one transaction, unless it was done under this key. Raises KeyReused."""
        with self._pool.connection() as connection, connection.transaction():
            if asking.key is not None and (before := self._before(connection, asking)) is not None:
                return Answered(before, repeated=True)
            connection.execute(
                "SELECT set_config('daybook.actor_type', %s, true), set_config('daybook.actor', %s, true)",
                [asking.kind, asking.key_id],
            )
            answer = act(connection)
            if asking.key is not None:
                sealed = self.box.seal(msgspec.json.encode(answer), place(asking.key_id, asking.key))
                connection.execute(
                    "UPDATE webhooks.requests SET answer = %s WHERE key_id = %s AND key = %s",
                    [sealed, asking.key_id, asking.key],
                )
            return Answered(answer)

    def _before(self, connection: Connection, asking: Asking) -> Json | None:
        """What was answered under the key; None when it is new, and then it is taken."""
        hashed = sha256(asking.request).digest()
        taken = connection.execute(
            "INSERT INTO webhooks.requests (key_id, key, request_hash) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [asking.key_id, asking.key, hashed],
        )
        if taken.rowcount == 1:
            return None
        known, sealed = connection.execute(
            "SELECT request_hash, answer FROM webhooks.requests WHERE key_id = %s AND key = %s",
            [asking.key_id, asking.key],
        ).fetchone() or (b"", b"")
        if not hmac.compare_digest(known, hashed):
            raise KeyReused
        answer: Json = msgspec.json.decode(self.box.unseal(sealed, place(asking.key_id, asking.key)))
        return answer

    def all(self) -> list[tuple[Endpoint, Standing]]:
        """Every endpoint with how it stands."""
        with self._pool.connection() as connection:
            found = deliveries.standings(connection)
            return [(each, found.get(each.webhook_id, Standing())) for each in endpoints.endpoints(connection)]

    def one(self, webhook_id: UUID) -> tuple[Endpoint, Standing] | None:
        """One endpoint with how it stands."""
        return next((each for each in self.all() if each[0].webhook_id == webhook_id), None)

    def deliveries(self, webhook_id: UUID, listed: Listed) -> list[Delivery]:
        """What was and is to be sent to it; raises NoEndpoint."""
        with self._pool.connection() as connection:
            if endpoints.endpoint(connection, webhook_id) is None:
                raise NoEndpoint
            return deliveries.deliveries(connection, webhook_id, listed)

    def secrets(self, webhook_id: UUID) -> tuple[Endpoint, list[str]]:
        """An endpoint and what requests to it are signed with; for who sends. Raises NoEndpoint."""
        with self._pool.connection() as connection:
            found = endpoints.endpoint(connection, webhook_id)
            if found is None:
                raise NoEndpoint
            return found, endpoints.secrets_of(connection, self.box, webhook_id)


def locked(connection: Connection, webhook_id: UUID, version: int | None = None) -> Endpoint:
    """The endpoint, for who changes it; raises NoEndpoint, or VersionPassed when it is not at that version."""
    found = endpoints.endpoint(connection, webhook_id, locked=True)
    if found is None:
        raise NoEndpoint
    if version is not None and version != found.version:
        raise VersionPassed(found.version)
    return found


def place(key_id: str, key: str | None) -> bytes:
    """What a kept answer is bound to."""
    return f"{key_id}\n{key}".encode()
