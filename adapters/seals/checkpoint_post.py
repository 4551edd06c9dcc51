"""Posts checkpoints to an address outside, such as an archive or a colleague's machine: the newest, as soon as it can.

A thread of its own, because nobody may be kept from sealing by a server that does not answer. What is overtaken by a
newer checkpoint is not posted: the newer one stands for it too. It must never raise.
"""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request

import structlog

TIMEOUT_SECONDS = 10.0
AGAIN_SECONDS = 30.0
MEDIA_TYPE = "text/plain; charset=utf-8"

log = structlog.get_logger("seal")


class CheckpointPost:
    """Offer notes from any thread; ``close`` waits for the one under way."""

    def __init__(self, url: str, again_seconds: float = AGAIN_SECONDS) -> None:
        self._url = url
        self._again_seconds = again_seconds
        self._newest: str | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="checkpoint-post", daemon=True)
        self._thread.start()

    def offer(self, note: str) -> None:
        """Have this note posted, unless a newer one is offered before."""
        with self._changed:
            self._newest = note
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(TIMEOUT_SECONDS)

    def _run(self) -> None:
        while (note := self._taken()) is not None:
            if not self._posted(note):
                with self._changed:
                    self._newest = self._newest or note
                    if not self._closed:
                        self._changed.wait(self._again_seconds)

    def _taken(self) -> str | None:
        with self._changed:
            while self._newest is None and not self._closed:
                self._changed.wait()
            note, self._newest = self._newest, None
            return None if self._closed else note

    def _posted(self, note: str) -> bool:
        request = urllib.request.Request(  # noqa: S310  (the settings take http and https alone)
            self._url, note.encode(), {"Content-Type": MEDIA_TYPE}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
                return True
        except (OSError, http.client.HTTPException, urllib.error.URLError) as error:
            log.warning("checkpoint_not_posted", error=str(error))
            return False
