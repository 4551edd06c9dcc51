"""`daybook seal`: the process that seals the log, and publishes each checkpoint outside the database.

Of several such processes one seals and the others stand by: a lock in the database decides, a crash frees it, and the
database refuses a checkpoint that does not follow the last one. It asks for news twice a second, which costs an append
nothing: a notification per batch would. It must never serve requests nor write to the log.
"""

import secrets
import signal
import time
from dataclasses import replace
from threading import Event
from typing import Any

import psycopg
import structlog

from adapters.postgres.roles import WORK
from adapters.seals.checkpoint_file import CheckpointFile
from adapters.seals.checkpoint_post import CheckpointPost
from adapters.seals.key_file import KeyFile, KeyFileError
from daybook.run import logs
from daybook.run.children import follow_parent
from daybook.run.leading import FAILED_SECONDS, leading
from daybook.settings import Settings
from eventstore.seals.checkpoint import SignedCheckpoint
from eventstore.seals.note import NoteError
from eventstore.seals.reader import last_note
from eventstore.seals.sealer import EVENTS_MAX, LogRewritten, Sealer

SEAL_LOCK = (0x44415942, 0x53)
POLL_SECONDS = 0.5
REFUSED_SECONDS = 60.0

log = structlog.get_logger("seal")


class Outside:
    """The file of checkpoints, and the address they are posted to, if any."""

    def __init__(self, file: CheckpointFile, post: CheckpointPost | None) -> None:
        self._file = file
        self._post = post

    def last(self) -> SignedCheckpoint | None:
        return self._file.last()

    def write(self, note: str) -> None:
        self._file.write(note)
        if self._post is not None:
            self._post.offer(note)


def seal(settings: Settings) -> None:
    """Seal until SIGINT or SIGTERM."""
    follow_parent()
    logs.configure("seal")
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings = replace(settings, app_login=WORK)
    post = CheckpointPost(settings.checkpoint_url) if settings.checkpoint_url else None
    outside = Outside(CheckpointFile(settings.checkpoint_file), post)
    while not stop.is_set():
        try:
            with leading(settings.app_conninfo, SEAL_LOCK, stop) as connection:
                if not stop.is_set():
                    follow(connection, signing_keys(connection, settings), outside, stop)
        except (LogRewritten, KeyFileError, NoteError) as error:
            log.critical("seal_refused", error=str(error))
            stop.wait(REFUSED_SECONDS)
        except (psycopg.Error, OSError) as error:
            log.warning("seal_waits", error=str(error).strip())
            stop.wait(FAILED_SECONDS)
    if post is not None:
        post.close()


def follow(connection: psycopg.Connection[Any], keys: KeyFile, outside: Outside, stop: Event) -> None:
    """Seal what is appended, for as long as nothing is in the way."""
    sealer = Sealer(connection, keys.signing, outside)
    log.info("sealing", size=sealer.size)
    while not stop.is_set():
        started = time.monotonic()
        if sealer.step() < EVENTS_MAX:
            stop.wait(max(0.0, POLL_SECONDS - (time.monotonic() - started)))


def signing_keys(connection: psycopg.Connection[Any], settings: Settings) -> KeyFile:
    """The signing keys, made at the first start. Never makes one for a log that is sealed: nobody had heard of it."""
    keys = KeyFile(settings.seal_key_file)
    if not keys.exists:
        if last_note(connection) is not None:
            raise KeyFileError(
                f"The log is sealed, and {keys.path} is missing; bring that file back, or set SEAL_KEY_FILE, "
                "or make a new key: daybook seals rotate."
            )
        keys.create(made_up_origin(settings))
    return keys


def made_up_origin(settings: Settings) -> str:
    """The name of a log that has none yet."""
    return settings.seal_origin or f"daybook/{secrets.token_hex(8)}"
