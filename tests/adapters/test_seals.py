"""Keys that sign are kept to their owner and never lost in silence; checkpoints reach an address outside."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from adapters.seals.checkpoint_post import CheckpointPost
from adapters.seals.key_file import KeyFile, KeyFileError

NAME = "shop.example.com/audit"


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    keys = KeyFile(tmp_path / "seals" / "signing.key")
    keys.create(NAME)
    return keys


def test_a_key_is_made_once_and_readable_by_its_owner_only(keys: KeyFile) -> None:
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert [key.name for key in keys.signing()] == [NAME]
    assert keys.verifiers() == [key.verifier for key in keys.signing()]
    with pytest.raises(KeyFileError, match="exists"):
        keys.create(NAME)


def test_a_rotated_key_signs_on_until_it_is_retired(keys: KeyFile) -> None:
    running = KeyFile(keys.path)
    first = running.signing()[0]
    second = keys.rotate(NAME)
    assert [key.verifier for key in running.signing()] == [second.verifier, first.verifier]
    assert keys.retire() == [first.verifier]
    assert [key.verifier for key in running.signing()] == [second.verifier]
    assert keys.verifiers() == [first.verifier, second.verifier]


@pytest.mark.parametrize("content", [None, "", "PRIVATE+KEY+a+b+c\n"])
def test_keys_that_are_gone_or_spoilt_are_said_with_the_mend(keys: KeyFile, content: str | None) -> None:
    if content is None:
        keys.path.unlink()
    else:
        keys.path.write_text(content)
    with pytest.raises(KeyFileError, match="bring "):
        KeyFile(keys.path).signing()


class Archive(HTTPServer):
    """A server that fails at first, then takes what is posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.refusals = 1
        self.taken: list[str] = []
        self.arrived = threading.Event()


class Taking(BaseHTTPRequestHandler):
    server: Archive

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.refusals:
            self.server.refusals -= 1
            self.send_error(503)
            return
        self.server.taken.append(body)
        self.send_response(204)
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the library's name)
        """Say nothing."""


@pytest.fixture
def archive() -> Iterator[Archive]:
    with Archive() as archive:
        thread = threading.Thread(target=archive.serve_forever, daemon=True)
        thread.start()
        yield archive
        archive.shutdown()
        thread.join()


def test_the_newest_checkpoint_is_posted_until_it_is_taken(archive: Archive) -> None:
    post = CheckpointPost(f"http://127.0.0.1:{archive.server_port}/", again_seconds=0.05)
    post.offer("a checkpoint\n")
    assert archive.arrived.wait(10)
    post.close()
    assert archive.taken == ["a checkpoint\n"]


def test_an_address_that_does_not_answer_keeps_nobody_waiting() -> None:
    post = CheckpointPost("http://127.0.0.1:9/", again_seconds=60)
    post.offer("a checkpoint\n")
    post.close()
