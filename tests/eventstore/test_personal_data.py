"""Personal data opens under its partition's key only, and never again once that key is erased."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest

from eventstore import randomness
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.errors import NoDataKey, SealBroken
from eventstore.personal_data import Cipher, Keyring
from eventstore.reader import LogReader
from eventstore.records import Append, DataKey, NewEvent
from tests.eventstore.values import NOON, append, command, event

MASTER = bytes(range(32))
NO_STREAM = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestSigned:
    TOPIC: ClassVar[str] = "guest.signed"
    SCHEMA_VERSION: ClassVar[int] = 1
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name"})
    SERIES: ClassVar[str | None] = None

    originator_id: UUID = NO_STREAM
    originator_version: int = 0
    occurred_at: Any = NOON
    seats: int = 0
    name: str | None = None


CODEC = Codec([GuestSigned])


def signing(stream: UUID, version: int, cipher: Cipher | None, name: str = "Ana Silva") -> NewEvent:
    signed = GuestSigned(originator_id=stream, originator_version=version, seats=version, name=name)
    payload, sealed = CODEC.encode(signed, cipher, reason="asked at the door")
    return NewEvent(stream, version, stream, stream, "guest", signed.TOPIC, 1, payload, sealed, None, NOON)


def test_nothing_personal_stands_readable_in_the_database(
    committer: GroupCommitter, reader: LogReader, owner: psycopg.Connection[Any]
) -> None:
    keyring, stream = Keyring(MASTER), uuid4()
    data_key, cipher = keyring.new_data_key(stream, "c-1001")
    committer.append(Append([signing(stream, 1, cipher)], command(), data_keys=[data_key]))
    dump = owner.execute("SELECT string_agg(e::text || k::text, '') FROM log.events e, log.data_keys k").fetchone()
    assert dump is not None
    for secret in ("Ana Silva", "asked at the door", "c-1001"):
        assert secret not in dump[0]
        assert secret.encode().hex() not in dump[0]
    partition = reader.read_partition(stream)
    row = partition.events[0]
    opened = Keyring(MASTER).cipher(stream, partition.data_key)
    assert CODEC.decode(row, opened).name == "Ana Silva"
    assert CODEC.document(row, opened).reason == "asked at the door"


def test_an_erased_key_leaves_the_rest_readable(
    committer: GroupCommitter, reader: LogReader, owner: psycopg.Connection[Any]
) -> None:
    keyring, stream = Keyring(MASTER), uuid4()
    data_key, cipher = keyring.new_data_key(stream, "c-1002")
    committer.append(Append([signing(stream, 1, cipher)], command(), data_keys=[data_key]))
    with owner.transaction():
        owner.execute("SET LOCAL daybook.erasing = 'yes'")
        owner.execute("DELETE FROM log.data_keys WHERE customer_hash = %s", [keyring.customer_hash("c-1002")])
    partition = reader.read_partition(stream)
    assert partition.data_key is None
    erased = CODEC.decode(partition.events[0], keyring.cipher(stream, partition.data_key))
    assert (erased.seats, erased.name) == (1, None)
    document = CODEC.document(partition.events[0], None)
    assert (document.data, document.reason, document.erased) == ({"seats": 1}, None, True)

    # What comes afterwards is sealed under a new key, which opens nothing from before.
    fresh_key, fresh = keyring.new_data_key(stream, "c-1002")
    committer.append(Append([signing(stream, 2, fresh, "Bea")], command(), data_keys=[fresh_key]))
    partition = reader.read_partition(stream)
    opened = keyring.cipher(stream, partition.data_key)
    assert [one.name for one in CODEC.decode_all(partition.events, {stream: opened})] == [None, "Bea"]


def test_a_sealed_part_opens_only_at_its_own_place() -> None:
    stream = uuid4()
    cipher = Cipher(bytes(32))
    sealed = cipher.seal(b"personal", stream, 1)
    assert cipher.unseal(sealed, stream, 1) == b"personal"
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for wrong, where, version in ((sealed, stream, 2), (sealed, uuid4(), 1), (altered, stream, 1)):
        with pytest.raises(SealBroken):
            cipher.unseal(wrong, where, version)


def test_a_data_key_opens_only_under_its_master_key_and_for_its_partition() -> None:
    stream = uuid4()
    data_key, _ = Keyring(MASTER).new_data_key(stream)
    wrapped = DataKey(data_key.wrapped, 1)
    assert Keyring(MASTER).cipher(stream, wrapped) is not None
    with pytest.raises(SealBroken):
        Keyring(bytes(32)).cipher(stream, wrapped)
    with pytest.raises(SealBroken):
        Keyring(MASTER).cipher(uuid4(), wrapped)


def test_personal_data_without_a_key_is_refused_rather_than_written_open() -> None:
    with pytest.raises(NoDataKey):
        CODEC.encode(GuestSigned(name="Ana"), None)
    with pytest.raises(NoDataKey):
        CODEC.encode(GuestSigned(), None, reason="free text is personal too")
    assert CODEC.encode(GuestSigned(seats=2), None) == (b'{"seats":2}', None)


def test_hashes_need_the_master_key_and_tell_purposes_apart() -> None:
    keyring = Keyring(MASTER)
    assert keyring.request_hash(b"c-1") == Keyring(MASTER).request_hash(b"c-1")
    assert (
        len({keyring.request_hash(b"c-1"), keyring.customer_hash("c-1"), Keyring(bytes(32)).request_hash(b"c-1")}) == 3
    )
    assert keyring.request_hash(b"x" * 10_000) != keyring.request_hash(b"x" * 10_001)
    assert len(keyring.request_hash(b"")) == 32


def test_a_master_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")


def test_keys_and_nonces_never_repeat() -> None:
    assert len({randomness.new_key() for _ in range(1000)}) == 1000
    nonces = {randomness.new_nonce() for _ in range(1000)}
    assert len(nonces) == 1000
    assert {len(nonce) for nonce in nonces} == {12}


def test_a_counted_nonce_is_the_same_in_no_two_processes() -> None:
    before = randomness.new_nonce()
    randomness._start_anew()  # what happens in a forked child
    after = randomness.new_nonce()
    assert before[:6] != after[:6]


def test_events_without_anything_personal_are_not_sealed(committer: GroupCommitter, reader: LogReader) -> None:
    stream = uuid4()
    committer.append(append(event(stream)))
    assert reader.read_stream(stream)[0].sealed is None
