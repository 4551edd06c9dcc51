"""Bytes that are kept beside the log because events refer to them: snapshots by content, and sealed documents.

Neither is ever changed. What holds personal data opens only with the data keys of all whose data it holds, so erasing
one of them closes it. Nothing here knows what the bytes mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b, sha256
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from eventstore.errors import LogUnavailable, SealBroken
from eventstore.patience import BoundedConnection
from eventstore.personal_data import Cipher, Keyring
from eventstore.randomness import new_key
from eventstore.reader import CONNECT_TIMEOUT_SECONDS, LogReader
from eventstore.records import DataKey
from eventstore.statements import require_alive

FINGERPRINT_BYTES = 16
CONNECTIONS_MAX = 2
_VERSION = 1
Pool = ConnectionPool[Connection[Any]]


def keeping_pool(conninfo: str) -> Pool:
    """Connections for keeping and finding, opened when they are needed."""
    return ConnectionPool(
        conninfo,
        min_size=0,
        max_size=CONNECTIONS_MAX,
        timeout=5,
        connection_class=BoundedConnection,
        kwargs={"autocommit": True, "connect_timeout": CONNECT_TIMEOUT_SECONDS},
        configure=_configure,
        check=require_alive,
        name="keeping",
        open=True,
    )


def _configure(connection: Connection[Any]) -> None:
    # Not as an option of the connection: that would take the place of its role.
    connection.execute("SET statement_timeout = 10000")


def fingerprint(content: bytes) -> str:
    """The name of a content: its hash, 32 hexadecimal digits."""
    return blake2b(content, digest_size=FINGERPRINT_BYTES).hexdigest()


class Snapshots:
    """Contents under their fingerprints. Thread-safe. Raises LogUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def keep(self, content: bytes) -> str:
        """Keep a content; answers its fingerprint."""
        name = fingerprint(content)
        statement = (
            "INSERT INTO work.stationery (fingerprint, content) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1"
        )
        _asked(self._pool, statement, name, content)
        return name

    def find(self, name: str) -> bytes:
        """The content of a fingerprint; raises LookupError."""
        row = _asked(self._pool, "SELECT content FROM work.stationery WHERE fingerprint = %s", name)
        if row is None:
            raise LookupError(f"There is no snapshot {name}.")
        return bytes(row[0])


class Vault:
    """Documents as they were first made, by id and form. Thread-safe. Raises LogUnavailable."""

    def __init__(self, pool: Pool, reader: LogReader, keyring: Keyring) -> None:
        self._pool = pool
        self._reader = reader
        self._keyring = keyring

    def find(self, document_id: UUID, form: str) -> bytes | None:
        """What was kept; None when nothing was, or when one of those whose data it holds was erased."""
        statement = (
            "SELECT owners, wrapped, sealed, sha256 FROM work.kept_documents WHERE document_id = %s AND form = %s"
        )
        row = _asked(self._pool, statement, document_id, form)
        if row is None:
            return None
        owners, wrapped, sealed, digest = row
        keys = self._reader.data_keys(owners)
        try:
            for owner in reversed(owners):
                cipher = self._keyring.cipher(owner, keys.get(owner))
                if cipher is None:
                    return None
                wrapped = cipher.unseal(wrapped, document_id, _VERSION)
        except SealBroken:
            return None  # the key it was sealed under was erased, and a new one made since
        content = Cipher(wrapped).unseal(sealed, document_id, _VERSION)
        if sha256(content).digest() != digest:
            raise SealBroken(f"the kept {form} of {document_id} is not what was printed")
        return content

    def keep(self, document_id: UUID, form: str, owners: Mapping[UUID, DataKey | None], content: bytes) -> bytes:
        """Keep a document; answers what is kept, which is what somebody else kept just before, if anybody did.

        ``owners`` are the partitions that it was made from, with the data keys under which they were read; of one
        without a key (erased) nothing personal is in the document.
        """
        ciphers = {owner: self._keyring.cipher(owner, key) for owner, key in owners.items()}
        holders = [(owner, cipher) for owner, cipher in ciphers.items() if cipher is not None]
        key = wrapped = new_key()
        for _, cipher in holders:
            wrapped = cipher.seal(wrapped, document_id, _VERSION)
        sealed = Cipher(key).seal(content, document_id, _VERSION)
        row = _asked(
            self._pool,
            "INSERT INTO work.kept_documents (document_id, form, owners, wrapped, sealed, sha256) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1",
            document_id,
            form,
            [owner for owner, _ in holders],
            wrapped,
            sealed,
            sha256(content).digest(),
        )
        if row is not None:
            return content
        return self.find(document_id, form) or content


def _asked(pool: Pool, statement: str, *params: object) -> tuple[Any, ...] | None:
    try:
        with pool.connection() as connection:
            return connection.execute(statement.encode(), params).fetchone()
    except (psycopg.OperationalError, PoolTimeout) as failure:
        raise LogUnavailable(str(failure)) from failure
