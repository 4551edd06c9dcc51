"""Notes, keys and checkpoints are those of the field: another implementation reads ours, and we read theirs."""

import contextlib

import aics_tlog
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore.seals.checkpoint import Checkpoint, SignedCheckpoint, listed, read_notes
from eventstore.seals.note import COSIGNATURE, Note, NoteError, SigningKey, VerifierKey, sign

# From the specification of signed notes and from Go's note package: not our own words.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_SIGNED = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

KEY = SigningKey.generate("shop.example.com/audit")
CHECKPOINT = Checkpoint("shop.example.com/audit", 57, bytes(range(32)))


def test_a_note_of_the_field_is_read_and_written_alike() -> None:
    note = Note.parse(PETER_SIGNED)
    assert note.signers([VerifierKey.parse(PETER)]) == [VerifierKey.parse(PETER)]
    assert sign(note.text, [SigningKey.parse(PETERS)]) == PETER_SIGNED
    assert str(SigningKey.parse(PETERS).verifier) == PETER
    assert SigningKey.parse(PETERS).secret_text() == PETERS


def test_another_implementation_accepts_our_checkpoint() -> None:
    signed = CHECKPOINT.signed([KEY, SigningKey.generate("shop.example.com/audit")])
    read = aics_tlog.verify_checkpoint(aics_tlog.parse_note(signed), aics_tlog.parse_vkey(str(KEY.verifier)))
    assert (read.ok, read.origin, read.size, read.root) == (True, CHECKPOINT.origin, 57, CHECKPOINT.root)


def test_we_accept_theirs_with_the_cosignature_of_a_witness() -> None:
    log, witness = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    line = aics_tlog.sign_note(CHECKPOINT.text, log, "log")
    _, cosigned = aics_tlog.sign_cosignature(witness, "w1", 1_700_000_000, CHECKPOINT.origin, 57, CHECKPOINT.root)
    note = aics_tlog.Note(CHECKPOINT.text, (line, cosigned)).serialise()
    keys = [
        VerifierKey("log", log.public_key().public_bytes_raw()),
        VerifierKey("w1", witness.public_key().public_bytes_raw(), COSIGNATURE),
    ]
    assert str(keys[1]) == aics_tlog.format_vkey(aics_tlog.cosignature_vkey("w1", witness.public_key()))
    read = SignedCheckpoint.parse(note)
    assert read.checkpoint == CHECKPOINT
    assert read.note.signers(keys) == keys


@pytest.mark.parametrize("place", range(0, 96, 5))
def test_a_flipped_bit_is_found(place: int) -> None:
    signed = CHECKPOINT.signed([KEY]).encode()
    flipped = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    with contextlib.suppress(ValueError):
        assert SignedCheckpoint.parse(flipped.decode()).note.signers([KEY.verifier]) == []


def test_a_signature_of_a_known_key_that_is_not_its_own_is_refused() -> None:
    note = Note.parse(CHECKPOINT.signed([KEY]).replace("57\n", "58\n"))
    with pytest.raises(NoteError, match="is not of this text"):
        note.signers([KEY.verifier])
    assert note.signers([SigningKey.generate("shop.example.com/audit").verifier]) == []


@pytest.mark.parametrize(
    "note",
    ["", "text\n", "text\n\n", "text\n\nname AAAAAAA=\n", "text\n\n— name AAAA\n", "text\n\n— name !!\n",
     "a\x00b\n\n— n AAAAAAA=\n", "text\n\n— name AAAAAAA="],
)  # fmt: skip
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(note)


@pytest.mark.parametrize(
    "text", ["log\n", "log\n5\n", "log\n05\nAAAA\n", "log\n5\nAAAA\n", "log\n-5\n" + "A" * 44 + "\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize("key", ["", "name", "a+b+c", PETER.replace("c74f", "c74e"), PETER[:-4] + "AAAA", PETERS])
def test_what_is_no_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(key)


def test_no_error_shows_a_private_key() -> None:
    for wrong in (PETERS.replace("c74f", "c74e"), PETERS[:-4] + "!!!!", PETERS.removeprefix("PRIVATE+")):
        with pytest.raises(NoteError) as caught:
            SigningKey.parse(wrong)
        assert "AYEKFALV" not in str(caught.value)
    assert "AYEKFALV" not in repr(SigningKey.parse(PETERS))


def test_a_list_of_notes_reads_as_it_was_written() -> None:
    notes = [Checkpoint("log", size, bytes(32)).signed([KEY]) for size in range(1, 4)]
    assert list(read_notes("".join(map(listed, notes)).splitlines(keepends=True))) == notes
    assert list(read_notes(notes[0].splitlines(keepends=True))) == notes[:1]
    assert list(read_notes([])) == []
