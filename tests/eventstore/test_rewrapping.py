"""Another master key, while everything goes on: what was sealed opens, and who was known is known."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection

from eventstore.errors import SealBroken
from eventstore.master_key import MasterKey
from eventstore.personal_data import Keyring
from eventstore.records import DataKey
from eventstore.rewrapping import KEYS_AT_ONCE, Rewrapped, rewrap
from tests.support.postgres import Database

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
KEYS = 3 * KEYS_AT_ONCE
SLOWLY = """
import sys, time, psycopg
from eventstore.master_key import MasterKey
from eventstore.personal_data import Keyring
from eventstore.rewrapping import rewrap

def watch(done):
    print(done.seen, flush=True)
    time.sleep(60)

with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    rewrap(connection, Keyring(MasterKey.of(*[bytes.fromhex(key) for key in sys.argv[2:]])), watch)
"""


def keys_under(keyring: Keyring, connection: Connection[Any], count: int) -> dict[UUID, bytes]:
    """Data keys in the table; returns what each seals "Ana" to."""
    sealed = {}
    rows = []
    for _ in range(count):
        partition = uuid4()
        key, cipher = keyring.new_data_key(partition, "c-1")
        sealed[partition] = cipher.seal(b"Ana", partition, 1)
        rows.append((partition, key.customer_hash, key.wrapped))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO log.data_keys VALUES (%s, %s, %s, 1, now())", rows)
    return sealed


def opened(keyring: Keyring, connection: Connection[Any], sealed: dict[UUID, bytes]) -> int:
    """How many of them open."""
    found = dict(connection.execute("SELECT partition_id, wrapped FROM log.data_keys").fetchall())
    count = 0
    for partition, content in sealed.items():
        try:
            cipher = keyring.cipher(partition, DataKey(found[partition], 1))
        except SealBroken:
            continue
        assert cipher is not None
        assert cipher.unseal(content, partition, 1) == b"Ana"
        count += 1
    return count


def test_killed_in_the_middle_it_is_begun_again(fresh_database: Database) -> None:
    both = MasterKey.of(NEW, OLD)
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        sealed = keys_under(Keyring(OLD), connection, KEYS)
        slow = subprocess.Popen(
            [sys.executable, "-c", SLOWLY, fresh_database.owner_url, NEW.hex(), OLD.hex()], stdout=subprocess.PIPE
        )
        assert slow.stdout is not None
        assert slow.stdout.readline()
        slow.send_signal(signal.SIGKILL)
        slow.wait()
        slow.stdout.close()
        assert 0 < opened(Keyring(NEW), connection, sealed) < KEYS
        assert opened(Keyring(both), connection, sealed) == KEYS
        progress: list[int] = []
        done = rewrap(connection, Keyring(both), lambda done: progress.append(done.seen))
        assert (done.total, done.wrapped, done.lost) == (KEYS, KEYS - KEYS_AT_ONCE, 0)
        assert progress == sorted(progress)
        assert opened(Keyring(NEW), connection, sealed) == KEYS
        assert opened(Keyring(OLD), connection, sealed) == 0
        again = rewrap(connection, Keyring(both), lambda _: None)
        assert again == Rewrapped(KEYS, KEYS, 0, 0)


def test_what_hashes_are_made_with_outlives_the_old_key() -> None:
    both = MasterKey.of(NEW, OLD)
    after = MasterKey.parse(both.renewed)
    assert after.opening == (NEW,)
    assert OLD.hex() not in both.renewed
    for made in (Keyring(both), Keyring(after)):
        assert made.customer_hash("c-1") == Keyring(OLD).customer_hash("c-1")
        assert made.request_hash(b"POST") == Keyring(OLD).request_hash(b"POST")
        assert made.customer_stream("c-1") == Keyring(OLD).customer_stream("c-1")
    assert MasterKey.parse(after.renewed) == after


def test_a_key_that_no_master_key_opens_is_counted_and_left(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        sealed = keys_under(Keyring(bytes(32)), connection, 2)
        done = rewrap(connection, Keyring(MasterKey.of(NEW, OLD)), lambda _: None)
        assert (done.wrapped, done.lost) == (0, 2)
        assert opened(Keyring(bytes(32)), connection, sealed) == 2


def test_a_key_changes_in_no_other_way(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        keys_under(Keyring(OLD), connection, 1)
        for change in ("wrapped = ''", "customer_hash = NULL", "from_position = 9"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"UPDATE log.data_keys SET {change}".encode())
        connection.execute("SET daybook.rewrapping = 'yes'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE log.data_keys SET from_position = 9")


@pytest.mark.parametrize("text", ["", "ab", f"{NEW.hex()} hash:ab", "hash:" + "ab" * 64, " ".join([NEW.hex()] * 6)])
def test_what_is_no_master_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        MasterKey.parse(text)
