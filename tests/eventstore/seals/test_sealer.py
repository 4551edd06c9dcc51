"""The sealer: everything is sealed once, by one, whatever stops it, and nothing that contradicts what it published."""

from typing import Any

import aics_tlog
import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege, SerializationFailure

from eventstore.seals import sealer as module
from eventstore.seals.checkpoint import Checkpoint, SignedCheckpoint
from eventstore.seals.note import SigningKey
from eventstore.seals.rows import leaf_hashes, leaves
from eventstore.seals.sealer import LogRewritten
from tests.eventstore.seals.conftest import ORIGIN, SealedLog
from tests.support.postgres import Database


def test_a_row_is_hashed_as_the_database_writes_it(log: SealedLog) -> None:
    log.append(3, 2, series="order", sealed=b"\x00sealed", topic="Ünïcode")
    log.append(1, payload=b"")
    log.append(1, payload=bytes(200_000))
    expected = log.leaves()
    assert list(leaves(log.connection, 1, 100)) == list(enumerate(expected, 1))
    assert leaf_hashes(log.connection, 2, 5) == [aics_tlog.leaf_hash(leaf) for leaf in expected[1:5]]
    assert leaf_hashes(log.connection, 9, 20) == []
    for position, _ in leaves(log.connection, 1, 100):
        if position == 2:
            break
    assert log.connection.closed


def test_what_is_appended_is_sealed_with_the_root_of_another_implementation(log: SealedLog) -> None:
    log.grow(1, 254, 2, 1_000)
    rows = log.asked("SELECT size, root, note FROM seals.checkpoints ORDER BY size")
    theirs = aics_tlog.MerkleTree(log.leaves())
    assert [size for size, _, _ in rows] == [1, 255, 257, 1257]
    key = aics_tlog.parse_vkey(str(log.keys[0].verifier))
    for size, root, note in rows:
        read = aics_tlog.verify_checkpoint(aics_tlog.parse_note(note), key, expected_origin=ORIGIN)
        assert (read.ok, read.size, read.root) == (True, size, root)
        assert theirs.root(size) == root
    assert [kept.note.text for kept in log.file.read()] == [SignedCheckpoint.parse(note).note.text for *_, note in rows]


def test_a_backlog_is_sealed_piece_by_piece(log: SealedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVENTS_MAX", 300)
    log.append(700)
    assert log.seal().size == 700
    assert log.asked("SELECT size FROM seals.checkpoints ORDER BY size") == [(300,), (600,), (700,)]


def test_a_sealer_that_ended_between_inside_and_outside_is_completed(log: SealedLog) -> None:
    log.grow(5)
    published = log.file.path.read_bytes()
    log.grow(5)
    log.file.path.write_bytes(published)
    log.sealer()
    assert [kept.checkpoint.size for kept in log.file.read()] == [5, 10]


def test_a_note_that_was_cut_off_is_written_again(log: SealedLog) -> None:
    log.grow(5, 5)
    log.file.path.write_bytes(log.file.path.read_bytes()[:-40])
    log.grow(5)
    assert [kept.checkpoint.size for kept in log.file.read()] == [5, 10, 15]


def test_of_two_sealers_one_fails(log: SealedLog) -> None:
    log.append(5)
    one, other = log.sealer(), log.sealer()
    assert one.step() == 5
    with pytest.raises(SerializationFailure, match="somebody else has sealed"):
        other.step()
    assert log.asked("SELECT count(*) FROM seals.checkpoints") == [(1,)]


def test_a_key_being_retired_signs_beside_the_new_one(log: SealedLog) -> None:
    log.grow(1)
    earlier = log.keys[0]
    log.keys.insert(0, SigningKey.generate(ORIGIN))
    log.grow(1)
    last = log.file.last()
    assert last is not None
    assert last.note.signers([earlier.verifier, log.keys[0].verifier]) == [earlier.verifier, log.keys[0].verifier]
    assert log.asked("SELECT vkey, first_size FROM seals.keys ORDER BY first_size") == [
        (str(earlier.verifier), 1),
        (str(log.keys[0].verifier), 2),
    ]


def test_an_older_log_than_the_published_one_is_not_sealed(log: SealedLog) -> None:
    log.grow(3)
    log.file.write(Checkpoint(ORIGIN, 9, bytes(32)).signed(log.keys))
    with pytest.raises(LogRewritten, match="9 events was published, and only 3 are sealed"):
        log.sealer()


def test_another_log_than_the_published_one_is_not_sealed(log: SealedLog) -> None:
    log.grow(3)
    log.file.write(Checkpoint(ORIGIN, 2, bytes(32)).signed(log.keys))
    with pytest.raises(LogRewritten, match="first 2 events are not those"):
        log.sealer()


def test_the_checkpoints_of_another_log_are_not_continued(log: SealedLog) -> None:
    log.grow(3)
    log.keys = [SigningKey.generate("another.example.com")]
    with pytest.raises(LogRewritten, match="a checkpoint of another log, shop"):
        log.sealer()


def test_a_log_with_a_gap_or_an_end_before_its_seal_is_not_sealed(log: SealedLog, as_superuser: Any) -> None:
    log.grow(3)
    log.append(3)
    as_superuser("DELETE FROM log.events WHERE position = 5")
    with pytest.raises(LogRewritten, match="only 2 events"):
        log.sealer().step()
    as_superuser("DELETE FROM log.events WHERE position > 2")
    with pytest.raises(LogRewritten, match="ends at position 2, and 3"):
        log.sealer().step()


def test_spoilt_tiles_are_not_built_upon(log: SealedLog, as_superuser: Any) -> None:
    log.grow(3)
    as_superuser("UPDATE seals.tiles SET hashes = substr(hashes, 1, 64) || sha256('x')")
    with pytest.raises(LogRewritten, match="tiles kept in the database"):
        log.sealer()


CHANGES = [
    "UPDATE seals.checkpoints SET note = ''", "DELETE FROM seals.checkpoints", "TRUNCATE seals.checkpoints",
    "UPDATE seals.keys SET vkey = ''", "DELETE FROM seals.keys", "TRUNCATE seals.keys",
    "DELETE FROM seals.tiles", "TRUNCATE seals.tiles", "UPDATE seals.tiles SET hashes = sha256('x')",
    "UPDATE seals.tiles SET hashes = sha256('x') || hashes", "UPDATE seals.tiles SET index = 7",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["owner_url", "app_url", "projector_url"])
def test_nobody_changes_what_is_sealed(sealed: Database, who: str, change: str) -> None:
    with psycopg.connect(getattr(sealed, who)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(change)


@pytest.fixture(scope="module")
def sealed(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Database:
    log = SealedLog(database, tmp_path_factory.mktemp("sealed"))
    log.grow(3)
    log.close()
    return database


def test_the_application_seals_by_the_function_alone(sealed: Database) -> None:
    with psycopg.connect(sealed.app_url, autocommit=True) as connection:
        with pytest.raises(InsufficientPrivilege):
            connection.execute("INSERT INTO seals.tiles VALUES (0, 9, sha256(''))")
        record = "SELECT seals.record(%s, %s, sha256(''), '', '{}', %s, %s, %b)"
        with pytest.raises(CheckViolation):
            connection.execute(record, [3, 3, [], [], []])
        with pytest.raises(CheckViolation):
            connection.execute(record, [3, 99, [], [], []])
        with pytest.raises(SerializationFailure):
            connection.execute(record, [2, 3, [], [], []])
