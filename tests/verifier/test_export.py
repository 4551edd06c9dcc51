"""An export is proved by one file of the standard library, and one flipped bit anywhere in it is found."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from random import Random
from uuid import uuid4

import aics_tlog
import pytest
from aics_tlog.tiles import FileSystemTileReader

from eventstore.bulk import load
from eventstore.patience import PatientConnection
from eventstore.records import RecordedEvent
from eventstore.seals.exporting import Bundle, ExportError, Selection, export, fields_of
from eventstore.seals.note import SigningKey
from tests.eventstore.seals.conftest import SealedLog
from tests.eventstore.values import append, event
from tests.support.postgres import Database
from verifier import verify

SHIPPED = {name: (files("verifier") / name).read_bytes() for name in ("verify.py", "README.md")}
ORDER = uuid4()
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
            "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
            "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
"""RFC 8032, section 7.1, tests 1 to 3: public key, message, signature."""


@pytest.fixture(scope="module")
def log(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedLog]:
    """1,120 events with everything that a row can hold, in two checkpoints; those of one order lie apart."""
    log = SealedLog(database, tmp_path_factory.mktemp("log"))
    log.append(300, 2, series="order", sealed=bytes(range(256)))
    load(database.owner_url, [append(event(ORDER, payload='{"name":"Ünï \\"☃\\" \\u0001"}'.encode(), topic="Ünïcode"))])
    log.append(19)
    log.seal()
    load(database.owner_url, [append(event(ORDER, 2), event(ORDER, 3))])
    log.append(249, 2)
    log.seal()
    yield log
    log.close()


def exported(log: SealedLog, folder: Path, selection: Selection | None = None, note: str | None = None) -> Path:
    last = log.file.last()
    assert last is not None
    bundle = Bundle(note or last.checkpoint.signed(log.keys), [str(log.keys[0].verifier)], SHIPPED)
    with PatientConnection.connect(log.database.app_url, autocommit=True, client_encoding="utf8") as connection:
        export(connection, folder, selection or Selection(), bundle, lambda _done, _all: None)
    return folder


def verified(folder: Path, *options: object, said: str = "Proved.") -> int:
    """As an auditor runs it: nothing but the folder, no environment, no packages."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder), *map(str, options)]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert said in done.stdout + done.stderr, done.stdout + done.stderr
    return done.returncode


@pytest.fixture(scope="module")
def whole(log: SealedLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(log, tmp_path_factory.mktemp("whole") / "export")


def test_the_whole_log_is_proved_on_a_machine_without_daybook(log: SealedLog, whole: Path) -> None:
    assert verified(whole, said="They are all from position 1 to 1120: none is missing between.") == 0
    assert verified(whole, "--key", log.keys[0].verifier, "--checkpoint", log.file.path, said="620 events agrees") == 0


def test_the_tools_of_the_field_audit_it_as_a_log(log: SealedLog, whole: Path) -> None:
    note = aics_tlog.parse_note((whole / "checkpoint").read_bytes())
    assert aics_tlog.verify_checkpoint(note, aics_tlog.parse_vkey(str(log.keys[0].verifier))).ok
    head = aics_tlog.parse_checkpoint(note.text)
    reader = FileSystemTileReader(whole)
    assert aics_tlog.audit_tiles(reader, head.size, head.root, entries=False).size == 1120
    leaves = log.leaves()
    path = aics_tlog.inclusion_proof_from_tiles(reader, 700, head.size)
    assert aics_tlog.verify_leaf_inclusion(leaves[700], 700, head.size, path, head.root)


def test_a_range_is_proved_as_whole(log: SealedLog, tmp_path: Path) -> None:
    folder = exported(log, tmp_path / "export", Selection(250, 600))
    assert verified(folder, said="They are all from position 250 to 600") == 0
    assert len((folder / "events.ndjson").read_text().splitlines()) == 351


def test_an_order_is_proved_and_what_that_does_not_show_is_said(log: SealedLog, tmp_path: Path) -> None:
    folder = exported(log, tmp_path / "export", Selection(partition_id=ORDER))
    assert verified(folder, "--show", said="only the whole log shows") == 0
    events = [json.loads(line) for line in (folder / "events.ndjson").read_text().splitlines()]
    assert [(each["stream_id"], each["version"], each["position"]) for each in events] == [
        (str(ORDER), 1, 601), (str(ORDER), 2, 621), (str(ORDER), 3, 622),
    ]  # fmt: skip
    assert not (folder / "tile/0/000").exists(), "only the tiles that it needs"


def test_it_can_be_proved_against_an_earlier_checkpoint(log: SealedLog, tmp_path: Path) -> None:
    earlier = next(log.file.read()).checkpoint.signed(log.keys)
    folder = exported(log, tmp_path / "export", note=earlier)
    assert verified(folder, said="620 events are in the log") == 0
    assert verified(folder, "--checkpoint", log.file.path, said="1120 events cannot be compared") == 0
    with pytest.raises(ExportError, match="has the events from 1 to 620"):
        exported(log, tmp_path / "other", Selection(1, 700), note=earlier)


def test_one_flipped_bit_anywhere_is_found(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = Random(3)
    for path in sorted(path for path in whole.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for place in {0, len(content) - 1, *(draw.randrange(len(content)) for _ in range(6))}:
            path.write_bytes(flipped(content, place, draw.randrange(8)))
            try:
                assert verify.main([str(whole)]) != 0, (path, place)
            finally:
                path.write_bytes(content)
    assert verify.main([str(whole)]) == 0
    assert "Proved." in capsys.readouterr().out


def test_a_flipped_bit_is_found_without_the_sums_too(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who changes a file changes its sum with it."""
    monkeypatch.setattr(verify, "check_sums", lambda folder: None)
    draw = Random(4)
    proving = [
        path for path in whole.rglob("*") if path.name in ("events.ndjson", "checkpoint") or "tile" in path.parts
    ]
    for path in (path for path in proving if path.is_file()):
        content = path.read_bytes()
        for place in {0, len(content) - 1, *(draw.randrange(len(content)) for _ in range(12))}:
            path.write_bytes(flipped(content, place, draw.randrange(8)))
            try:
                assert verify.main([str(whole)]) != 0, (path, place)
            finally:
                path.write_bytes(content)


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def test_what_was_taken_out_or_put_in_is_found(whole: Path, tmp_path: Path) -> None:
    copy = tmp_path / "export"
    shutil.copytree(whole, copy)
    lines = (copy / "events.ndjson").read_bytes().splitlines(keepends=True)
    (copy / "another.txt").write_text("")
    assert verified(copy, said="files are missing or were added: another.txt") == 1
    (copy / "another.txt").unlink()
    (copy / "tile/0/002").unlink()
    assert verified(copy, said="tile/0/002") == 1
    for changed in (lines[:5] + lines[6:8] + lines[5:6] + lines[8:], [*lines, lines[-1]]):
        (whole / "events.ndjson").write_bytes(b"".join(changed))
        try:
            assert verify.main([str(whole)]) == 1
        finally:
            (whole / "events.ndjson").write_bytes(b"".join(lines))


def test_another_key_or_another_past_is_found(log: SealedLog, whole: Path, tmp_path: Path) -> None:
    stranger = SigningKey.generate(log.keys[0].name)
    assert verified(whole, "--key", stranger.verifier, said="signed by none of the known keys") == 1
    last = log.file.last()
    assert last is not None
    other = tmp_path / "other.txt"
    other.write_text(type(last.checkpoint)(last.checkpoint.origin, 620, bytes(32)).signed(log.keys))
    assert verified(whole, "--checkpoint", other, said="had another root: the log was rewritten") == 1


def test_a_folder_that_exists_is_not_mixed_with(log: SealedLog, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="exists"):
        exported(log, tmp_path)
    with pytest.raises(ExportError, match="no event of"):
        exported(log, tmp_path / "new", Selection(partition_id=uuid4()))


def test_every_column_reads_as_it_was_recorded(log: SealedLog, whole: Path) -> None:
    with (whole / "events.ndjson").open() as lines:
        for leaf, line in zip(log.leaves(), lines, strict=True):
            shown = json.loads(line)
            assert list(shown) == list(RecordedEvent.__struct_fields__)
            assert verify.to_leaf(shown) == leaf
            assert verify.from_leaf(leaf) == shown == fields_of(leaf)


def test_the_signatures_are_those_of_rfc_8032() -> None:
    for public, message, signature in VECTORS:
        key, text, proof = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
        assert verify.signed_by(key, text, proof)
        assert not verify.signed_by(key, text + b".", proof)
        assert not verify.signed_by(key, text, flipped(proof, 40, 0))
        assert not verify.signed_by(key, text, proof[:63])
