"""A connection lost while committing: the outcome is unknown, and the key decides."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from eventstore.committer import GroupCommitter
from eventstore.errors import AlreadyRecorded, OutcomeUnknown
from eventstore.reader import LogReader
from eventstore.records import Appended
from tests.eventstore.conftest import appending_backend, holding_the_lock, in_threads, wait_until
from tests.eventstore.values import append, event, key


class Wire:
    """A stretch of network before the server; `cut_replies` loses every answer from then on."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        self._server = server
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        self.cut_replies = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                threading.Thread(target=self._forward, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client, True), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, is_reply: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if is_reply and self.cut_replies:
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def wire(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    server = conninfo_to_dict(app_url)
    if not str(server.get("host", "")).startswith("/"):
        pytest.skip("the server of DATABASE_URL has no local socket to stand in front of")
    wire = Wire(tmp_path_factory.mktemp("w"), f"{server['host']}/.s.PGSQL.{server.get('port', 5432)}")
    yield wire
    wire.close()


def test_a_reply_that_was_lost_after_the_commit_leaves_the_outcome_unknown(
    wire: Wire, app_url: str, reader: LogReader
) -> None:
    committer = GroupCommitter(make_conninfo(app_url, host=str(wire.folder), port=5432))
    committer.append(append(event(uuid4())))
    stream = uuid4()
    placing = append(event(stream), asked=key(str(stream)))
    wire.cut_replies = True
    with pytest.raises(OutcomeUnknown):
        committer.append(placing)
    wire.cut_replies = False
    wait_until(lambda: len(reader.read_stream(stream)) == 1)  # it was recorded
    with pytest.raises(AlreadyRecorded) as repeat:
        committer.append(placing)
    assert repeat.value.command_id == placing.metadata.command_id
    assert len(reader.read_stream(stream)) == 1
    committer.close()


def test_a_session_ended_before_the_commit_leaves_the_outcome_unknown_for_the_whole_batch(
    owner: psycopg.Connection[Any], postgres: Any, database: Any, committer: GroupCommitter, reader: LogReader
) -> None:
    streams = [uuid4() for _ in range(3)]
    placing = [append(event(stream), asked=key(str(stream))) for stream in streams]
    answers: list[Any] = []
    with psycopg.connect(postgres.admin_url(database), autocommit=True) as admin, holding_the_lock(owner):
        asking = threading.Thread(target=lambda: answers.extend(in_threads(1, lambda n: committer.append(placing[n]))))
        asking.start()
        wait_until(lambda: appending_backend(owner) is not None)
        admin.execute("SELECT pg_terminate_backend(%s)", [appending_backend(owner)])
        asking.join()
    assert [type(answer) for answer in answers] == [OutcomeUnknown]
    assert reader.recorded("integrator", str(streams[0])) is None  # the key decides: it was not recorded
    again = [committer.append(one) for one in placing]
    assert all(isinstance(one, Appended) for one in again)


def test_a_session_that_ended_while_idle_is_replaced_and_nothing_is_unknown(
    postgres: Any, database: Any, committer: GroupCommitter
) -> None:
    first = committer.append(append(event(uuid4())))
    sessions = "FROM pg_stat_activity WHERE application_name = 'daybook-append' AND datname = current_database()"
    with psycopg.connect(postgres.admin_url(database), autocommit=True) as admin:
        assert admin.execute(f"SELECT pg_terminate_backend(pid) {sessions}").fetchall()
        wait_until(lambda: not admin.execute(f"SELECT 1 {sessions}").fetchall())
    assert committer.append(append(event(uuid4()))).first_position == first.last_position + 1
