"""Connections on which nobody answers any more are ended; all others are left alone."""

import socket
import time
from collections.abc import Iterator

import pytest

from daybook.run.connections import cut_once

pytestmark = pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the kernel tells nothing about its sockets")

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def connected(listener: socket.socket) -> Iterator[Pair]:
    """The client's end and ours."""
    with socket.create_connection(listener.getsockname(), timeout=5) as client:
        ours, _ = listener.accept()
        with ours:
            yield client, ours


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def test_a_connection_without_an_answer_is_ended(listener: socket.socket, connected: Pair) -> None:
    client, _ = connected
    client.sendall(b"POST / HTTP/1.1\r\n")  # what the client sends is no answer
    time.sleep(0.3)
    assert cut_once(port_of(listener), 0.2) == 1
    assert client.recv(1) == b""


def test_a_connection_that_was_just_answered_is_left_alone(listener: socket.socket, connected: Pair) -> None:
    client, ours = connected
    time.sleep(0.3)
    ours.sendall(b"x")
    assert cut_once(port_of(listener), 0.2) == 0
    assert client.recv(1) == b"x"


def test_connections_to_other_ports_are_left_alone(listener: socket.socket, connected: Pair) -> None:
    client, ours = connected
    time.sleep(0.3)
    assert cut_once(port_of(listener) + 1, 0.2) == 0
    client_port = client.getsockname()[1]
    assert cut_once(client_port, 0.2) == 1  # the client's own end, of which that is the port
    assert ours.recv(1) == b""


def test_who_listens_is_no_connection(listener: socket.socket) -> None:
    assert cut_once(port_of(listener), 0.0) == 0
