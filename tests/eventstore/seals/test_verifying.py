"""Tampering as the database's superuser, in every way: what was done is named, where, and what proves it."""

from collections.abc import Callable
from typing import Any

import pytest

from eventstore.seals import verifying
from eventstore.seals.checkpoint import Checkpoint
from eventstore.seals.note import SigningKey
from eventstore.seals.recomputing import PIECE_EVENTS
from eventstore.seals.verifying import Finding, Report, verify
from tests.eventstore.seals.conftest import ORIGIN, SealedLog

Superuser = Callable[..., None]

RENUMBER = (
    "UPDATE log.events SET position = -position; UPDATE log.events SET position = -position {} WHERE position < 0"
)


@pytest.fixture
def sealed(log: SealedLog) -> SealedLog:
    """700 events of 350 streams, in three checkpoints."""
    for streams in (100, 150, 100):
        log.append(streams, 2, series="order")
        log.seal()
    return log


def outside(log: SealedLog) -> list[tuple[str, str]]:
    return [(note(log, kept), "checkpoints.txt") for kept in log.file.read()]


def note(log: SealedLog, kept: Any) -> str:
    return str(kept.checkpoint.signed(log.keys))


def checked(log: SealedLog, notes: list[tuple[str, str]] | None = None, **more: Any) -> Report:
    return verify(
        log.database.owner_url, outside(log) if notes is None else notes, [key.verifier for key in log.keys], **more
    )


def first(report: Report) -> Finding:
    """What was done to the log itself, before what does not go on as it should."""
    return next(finding for finding in report.findings if finding.kind not in ("discontinuous", "checkpoint_missing"))


def test_a_log_that_nobody_touched_agrees_with_everything(sealed: SealedLog) -> None:
    sealed.append(5)
    told: list[tuple[int, int]] = []
    report = checked(sealed, progress=lambda *done: told.append(done))
    assert report == Report(events=705, sealed=700, inside=3, outside=3)
    assert told == [(705, 705)]


def test_an_empty_log_agrees_too(log: SealedLog) -> None:
    assert checked(log, []) == Report(events=0, sealed=0)


def test_a_log_of_several_pieces_is_put_together(log: SealedLog) -> None:
    log.append(PIECE_EVENTS // 4, 4)
    log.seal()
    log.append(PIECE_EVENTS // 4 + 300, 4)
    log.seal()
    log.append(10, 4)
    log.seal()
    report = checked(log)
    assert (report.findings, report.inside, report.events) == ([], 4, 2 * PIECE_EVENTS + 1240)


INSERTED = """
    INSERT INTO log.events SELECT 333, gen_random_uuid(), 1, partition_id, order_id, aggregate, topic, schema_version,
        payload, sealed, NULL, NULL, recorded_at, occurred_at, actor_type, actor_id, command_id, correlation_id,
        causation_id
    FROM log.events WHERE position = 332
"""
TAMPERED = {
    "changed": ["UPDATE log.events SET payload = '\\x7b7d' WHERE position = 333"],
    "changed, its time alone": [
        "UPDATE log.events SET occurred_at = occurred_at + interval '1 microsecond' WHERE position = 333"
    ],
    "changed, its actor alone": ["UPDATE log.events SET actor_id = 'somebody' WHERE position IN (333, 500)"],
    "removed": ["DELETE FROM log.events WHERE position = 333"],
    "removed, and the rest moved up": [
        "DELETE FROM log.events WHERE position = 333",
        RENUMBER.format("- CASE WHEN -position > 333 THEN 1 ELSE 0 END"),
    ],
    "inserted": [
        RENUMBER.format("+ CASE WHEN -position >= 333 THEN 1 ELSE 0 END"),
        INSERTED,
    ],
    "reordered": [
        "UPDATE log.events SET position = -1 WHERE position = 333",
        "UPDATE log.events SET position = 333 WHERE position = 600",
        "UPDATE log.events SET position = 600 WHERE position = -1",
    ],
    "reordered, and the rest moved": [
        "UPDATE log.events SET position = -1 WHERE position = 333",
        "UPDATE log.events SET position = -position WHERE position BETWEEN 334 AND 340",
        "UPDATE log.events SET position = -position - 1 WHERE position BETWEEN -340 AND -334",
        "UPDATE log.events SET position = 340 WHERE position = -1",
    ],
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_named_with_its_place_and_its_proof(sealed: SealedLog, as_superuser: Superuser, what: str) -> None:
    as_superuser(*(part for statement in TAMPERED[what] for part in statement.split("; ")))
    found = first(checked(sealed))
    assert (found.kind, found.position) == (what.partition(",")[0], 333)
    assert found.proof == f"the checkpoint of 500 events signed by {ORIGIN}, checkpoints.txt"


def test_without_an_outside_checkpoint_the_owner_is_the_doubt(sealed: SealedLog, as_superuser: Superuser) -> None:
    as_superuser(TAMPERED["changed"][0])
    found = first(checked(sealed, []))
    assert (found.kind, found.position) == ("changed", 333)
    assert "which its owner can rewrite" in found.proof


def test_a_tail_that_was_dropped_is_missed(sealed: SealedLog, as_superuser: Superuser) -> None:
    as_superuser("DELETE FROM log.events WHERE position > 650")
    found = first(checked(sealed))
    assert (found.kind, found.position) == ("tail_removed", 651)
    assert "the checkpoint of 700 events" in found.proof


OLDER = [
    "DELETE FROM log.events WHERE position > 500",
    "DELETE FROM seals.checkpoints WHERE size > 500",
    "UPDATE seals.tiles SET hashes = substr(hashes, 1, 32 * (500 - 256)) WHERE level = 0 AND index = 1",
    "DELETE FROM seals.tiles WHERE level = 0 AND index = 2",
    "UPDATE seals.tiles SET hashes = substr(hashes, 1, 32) WHERE level = 1",
    "UPDATE log.number_series SET last_number = 500",
]


def test_an_older_backup_misses_what_was_published(sealed: SealedLog, as_superuser: Superuser) -> None:
    as_superuser(*OLDER)
    report = checked(sealed)
    assert (first(report).kind, first(report).position) == ("tail_removed", 501)
    assert checked(sealed, []).findings == [], "only what is outside knows of more"


def test_an_older_backup_that_went_on_is_found_where_it_parted(sealed: SealedLog, as_superuser: Superuser) -> None:
    published = outside(sealed)
    as_superuser(*OLDER)
    sealed.file.path.unlink()
    sealed.append(200, 2)
    sealed.seal()
    found = first(checked(sealed, published))
    assert (found.kind, found.position) == ("altered", 501)
    assert found.proof == f"the checkpoint of 700 events signed by {ORIGIN}, checkpoints.txt"
    assert checked(sealed, []).findings == [], "only what is outside knows of another past"


def replayed(log: SealedLog, as_superuser: Superuser) -> None:
    """Everything from 333 on was recorded again, as the owner would who has the key as well; then sealed anew."""
    as_superuser(
        "UPDATE log.events SET recorded_at = clock_timestamp() WHERE position >= 333",
        "DELETE FROM seals.checkpoints",
        "DELETE FROM seals.tiles",
        "DELETE FROM seals.keys",
    )
    log.file.path.unlink()
    log.seal()


def test_a_log_that_was_replayed_and_sealed_anew_contradicts_what_was_published(
    sealed: SealedLog, as_superuser: Superuser
) -> None:
    published = outside(sealed)
    replayed(sealed, as_superuser)
    found = first(checked(sealed, published))
    assert (found.kind, found.position) == ("altered", 201)
    assert found.proof == f"the checkpoint of 500 events signed by {ORIGIN}, checkpoints.txt"
    assert checked(sealed, []).findings == [], "who has the database and the key can rewrite both"


def test_a_log_that_was_sealed_anew_under_another_key_is_told_by_the_key(
    sealed: SealedLog, as_superuser: Superuser
) -> None:
    published, known = outside(sealed), [key.verifier for key in sealed.keys]
    sealed.keys = [SigningKey.generate(ORIGIN)]
    replayed(sealed, as_superuser)
    report = verify(sealed.database.owner_url, published, known)
    kinds = {finding.kind: finding for finding in report.findings}
    assert "signed by none of the known keys" in kinds["checkpoint_not_ours"].detail
    assert kinds["altered"].position == 201
    alone = verify(sealed.database.owner_url, [], known)
    assert [finding.kind for finding in alone.findings] == ["checkpoint_not_ours"]


def test_tiles_made_to_fit_a_changed_event_do_not_hide_it(sealed: SealedLog, as_superuser: Superuser) -> None:
    as_superuser(
        TAMPERED["changed"][0],
        "UPDATE seals.tiles t SET hashes = overlay(t.hashes PLACING sha256('\\x00'::bytea || log.leaf_bytes(e))"
        " FROM 32 * (333 - 257) + 1) FROM log.events e WHERE e.position = 333 AND t.level = 0 AND t.index = 1",
    )
    found = first(checked(sealed))
    assert (found.kind, found.position) == ("altered", 201)
    assert "Between position 201 and 500" in found.detail


def test_spoilt_tiles_accuse_no_event(sealed: SealedLog, as_superuser: Superuser) -> None:
    as_superuser(
        "UPDATE seals.tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 1) WHERE level = 0 AND index = 1"
    )
    assert [(found.kind, found.position) for found in checked(sealed).findings] == [("tiles_changed", 257)]


def test_checkpoints_taken_out_of_the_database_are_missed(sealed: SealedLog, as_superuser: Superuser) -> None:
    as_superuser("DELETE FROM seals.checkpoints WHERE size = 500")
    assert [found.kind for found in checked(sealed).findings] == ["checkpoint_missing"]


def test_a_checkpoint_that_was_changed_inside_is_told(sealed: SealedLog, as_superuser: Superuser) -> None:
    as_superuser("UPDATE seals.checkpoints SET note = replace(note, '500', '501') WHERE size = 500")
    kinds = [found.kind for found in checked(sealed, []).findings]
    assert kinds == ["checkpoint_not_ours"]


def test_a_forged_checkpoint_from_outside_accuses_nobody(sealed: SealedLog) -> None:
    forged = Checkpoint(ORIGIN, 600, bytes(32)).signed([SigningKey.generate(ORIGIN)])
    found = checked(sealed, [(forged, "forged.txt")]).findings
    assert [each.kind for each in found] == ["checkpoint_not_ours"]
    assert "forged.txt" in found[0].detail


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE log.events SET version = 5 WHERE position = 10", "with versions from"),
        ("UPDATE log.events SET number = 9000 WHERE position = 10", "The series order has"),
        ("UPDATE log.events SET recorded_at = recorded_at - interval '1 day' WHERE position = 700", "700 was recorded"),
        ("UPDATE log.events SET position = -3 WHERE position = 700", "before position 1"),
    ],
)
def test_what_does_not_go_on_is_said_without_any_seal(
    sealed: SealedLog, as_superuser: Superuser, statement: str, said: str
) -> None:
    as_superuser(statement)
    assert [f for f in checked(sealed, []).findings if f.kind == "discontinuous" and said in f.detail]


def test_the_processes_share_the_pieces() -> None:
    pieces = verifying._pieces(PIECE_EVENTS + 1, [(1, "a", "x"), (PIECE_EVENTS + 1, "b", "y")])
    assert [(piece.first, piece.last, piece.outside) for piece in pieces] == [
        (1, PIECE_EVENTS, [("a", "x")]),
        (PIECE_EVENTS + 1, PIECE_EVENTS + 1, [("b", "y")]),
    ]
