"""The whole log recomputed from its rows, and held against every checkpoint: those kept inside and those from outside.

Several processes read and hash; this one puts their pieces together. It names the first event that is not as it was
sealed, what was done, and what proves it. It reads everything and changes nothing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from eventstore.patience import PatientConnection
from eventstore.seals.checkpoint import SignedCheckpoint
from eventstore.seals.continuity import complaints
from eventstore.seals.locating import KeptTree, locate
from eventstore.seals.note import VerifierKey
from eventstore.seals.recomputing import (
    PIECE_EVENTS,
    PIECE_HEIGHT,
    Claim,
    Piece,
    Recomputed,
    Subtrees,
    begin,
    checked,
    claim_of,
    end,
    recompute,
)

PROCESSES = 2

_LAST = "SELECT coalesce(max(size), 0) FROM seals.checkpoints"
_HEAD = "SELECT coalesce(max(position), 0) FROM log.events"

Progress = Callable[[int, int], None]
"""How many events of how many are recomputed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; ``proof`` says what shows it, empty when nothing does."""

    kind: str
    detail: str
    position: int | None = None
    proof: str = ""


@dataclass(slots=True)
class Report:
    """What was looked at and what was found."""

    events: int
    sealed: int
    inside: int = 0
    outside: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify(
    conninfo: str,
    outside: Iterable[tuple[str, str]],
    keys: Sequence[VerifierKey],
    progress: Progress = lambda _done, _all: None,
    processes: int = PROCESSES,
) -> Report:
    """Recompute the log and compare it with the checkpoints inside and those of ``outside`` (note, source).

    Raises NoteError for a note that is no checkpoint, psycopg.Error.
    """
    notes = sorted(((SignedCheckpoint.parse(note).checkpoint.size, note, source) for note, source in outside))
    with PatientConnection.connect(conninfo, autocommit=True, client_encoding="utf8") as connection:
        report = Report(sealed=_value(connection, _LAST), events=_value(connection, _HEAD))
        with ThreadPoolExecutor(1) as beside:
            continuity = beside.submit(_continuity, conninfo)
            pieces = _pieces(report.events, notes)
            comparison = _Comparison()
            for recomputed in _recomputed(conninfo, keys, pieces, processes):
                comparison.add(recomputed)
                progress(recomputed.piece.last, report.events)
            beyond = [checked(note, source, keys) for size, note, source in notes if size > report.events]
            comparison.claims += beyond + _inside_beyond(connection, report.events, keys)
            report.findings += comparison.findings(connection, report.events)
            report.findings += _missing_inside(comparison.claims)
            report.findings += continuity.result()
    report.inside = sum(not claim.source for claim in comparison.claims)
    report.outside = len(comparison.claims) - report.inside
    return report


def _recomputed(
    conninfo: str, keys: Sequence[VerifierKey], pieces: Sequence[Piece], processes: int
) -> Iterator[Recomputed]:
    if len(pieces) <= 1:  # not worth a process
        begin(conninfo, keys)
        yield from map(recompute, pieces)
        end()
        return
    spawned = multiprocessing.get_context("spawn")
    count = min(processes, len(pieces))
    with ProcessPoolExecutor(count, mp_context=spawned, initializer=begin, initargs=(conninfo, keys)) as pool:
        waiting: list[Future[Recomputed]] = [pool.submit(recompute, piece) for piece in pieces]
        for future in waiting:
            yield future.result()


def _pieces(events: int, notes: Sequence[tuple[int, str, str]]) -> list[Piece]:
    found = []
    for first in range(1, events + 1, PIECE_EVENTS):
        last = min(events, first + PIECE_EVENTS - 1)
        found.append(Piece(first, last, [(note, source) for size, note, source in notes if first <= size <= last]))
    return found


class _Comparison:
    """The pieces put together, and what each checkpoint claims beside the root that the rows have."""

    def __init__(self) -> None:
        self._before = Subtrees()
        self._roots: dict[int, bytes | None] = {}
        self._whole = True
        self._suspect: int | None = None
        self._kept_differs = False
        self.claims: list[Claim] = []

    def add(self, recomputed: Recomputed) -> None:
        for size, root in recomputed.ends.items():
            self._roots[size] = self._before.with_end(root) if self._whole and root is not None else None
        self.claims += recomputed.claims
        if recomputed.root is None:
            self._whole = False
        else:
            self._before.push(PIECE_HEIGHT, recomputed.root)
        marks = [mark for mark in (recomputed.differs_at, recomputed.gap_at) if mark is not None]
        if marks and self._suspect is None:
            self._suspect = min(marks)

    def findings(self, connection: Connection[Any], events: int) -> Iterator[Finding]:
        yield from _unbelievable(self.claims)
        # What nobody known has signed accuses nobody.
        believed = sorted((claim for claim in self.claims if not claim.fault), key=lambda claim: claim.size)
        failing = [claim for claim in believed if self._roots.get(claim.size) != claim.root]
        if failing:
            yield self._accused(connection, failing, believed, events)
        elif self._suspect is not None:
            detail = f"The tiles kept in the database are not those of the log, first at position {self._suspect}."
            yield Finding("tiles_changed", detail, self._suspect, "the log agrees with every checkpoint")

    def _accused(
        self, connection: Connection[Any], failing: Sequence[Claim], believed: Sequence[Claim], events: int
    ) -> Finding:
        first = failing[0]
        agreed = max((claim.size for claim in believed if claim.size < first.size), default=0)
        if first.size > events and self._suspect is None:
            return Finding(
                "tail_removed",
                f"The log ends at position {events}, and a checkpoint of {first.size} events was made: "
                f"what stood from position {events + 1} on is missing.",
                events + 1,
                _proof(failing),
            )
        # The later the tree, the farther an event can be looked for; any that was signed will do.
        trees = (KeptTree(connection, claim.size, claim.root) for claim in (failing[-1], first))
        kept = next((tree for tree in trees if tree.has_root), None)
        suspect = self._suspect or min(events + 1, first.size)
        alteration = locate(connection, kept, agreed, suspect, first.size)
        return Finding(alteration.kind, alteration.detail, alteration.position, _proof(failing))


def _proof(failing: Sequence[Claim]) -> str:
    """Which checkpoint shows it best: one from outside, whoever owns the database."""
    outside = [claim for claim in failing if claim.source]
    claim = (outside or failing)[0]
    where = claim.source or "kept inside the database, which its owner can rewrite together with the key's file"
    return f"the checkpoint of {claim.size} events signed by {claim.signers[0].name}, {where}"


def _unbelievable(claims: Sequence[Claim]) -> Iterator[Finding]:
    """Checkpoints whose signatures do not hold or whose keys nobody knows; of many the first, by where they stand."""
    for source in sorted({claim.source for claim in claims if claim.fault}):
        doubtful = sorted((c for c in claims if c.fault and c.source == source), key=lambda claim: claim.size)
        more = f" (and {len(doubtful) - 1} more)" if len(doubtful) > 1 else ""
        where = source or "the database"
        yield Finding(
            "checkpoint_not_ours",
            f"The checkpoint of {doubtful[0].size} events{more} in {where} proves nothing: {doubtful[0].fault}.",
        )


def _missing_inside(claims: Sequence[Claim]) -> Iterator[Finding]:
    inside = {claim.size for claim in claims if not claim.source}
    missing = sorted({claim.size for claim in claims if claim.source and not claim.fault} - inside)
    if missing:
        detail = (
            f"{len(missing)} checkpoints that were published are not in the database, the first of {missing[0]} events."
        )
        yield Finding("checkpoint_missing", detail)


def _inside_beyond(connection: Connection[Any], events: int, keys: Sequence[VerifierKey]) -> list[Claim]:
    """Checkpoints kept inside of more events than there are."""
    rows = connection.execute(
        "SELECT size, root, note FROM seals.checkpoints WHERE size > %s ORDER BY size", [events]
    ).fetchall()
    return [claim_of(size, root, note, keys) for size, root, note in rows]


def _continuity(conninfo: str) -> list[Finding]:
    with PatientConnection.connect(conninfo, autocommit=True) as connection:
        return [Finding("discontinuous", sentence) for sentence in complaints(connection)]


def _value(connection: Connection[Any], statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return 0 if row is None else int(row[0])
