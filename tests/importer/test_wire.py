"""An answer is read whole or counts as lost."""

import http.client
from io import BufferedReader, BytesIO

import pytest

from daybook.importing.wire import read_answer


def stream(content: bytes) -> BufferedReader:
    return BufferedReader(BytesIO(content))


def test_an_answer_with_a_length_is_read_and_the_next_one_after_it() -> None:
    two = stream(b"HTTP/1.1 201 CREATED\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 409 C\r\ncontent-length:1\r\n\r\n1")
    assert read_answer(two) == (201, b"{}", True, False)
    assert read_answer(two) == (409, b"1", True, False)


def test_an_answer_in_chunks_is_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
    assert read_answer(stream(head + chunks)) == (200, b"abc0123456789", True, False)


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 200\r\nconnection: Close\r\n"],
)
def test_a_server_that_closes_is_noticed(head: bytes) -> None:
    assert read_answer(stream(head + b"Content-Length: 0\r\n\r\n")) == (200, b"", False, False)


def test_an_answer_that_was_given_before_says_so() -> None:
    repeated = b"HTTP/1.1 201 CREATED\r\nIdempotent-Replayed: true\r\nContent-Length: 0\r\n\r\n"
    assert read_answer(stream(repeated)).replayed


def test_an_announcement_before_the_answer_is_passed_over() -> None:
    content = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    assert read_answer(stream(content)) == (204, b"", True, False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"HTTP/1.1 200 OK",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nno length",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: 1\r\n" % n for n in range(300)) + b"\r\n",
    ],
)
def test_an_answer_that_is_cut_off_or_no_answer_counts_as_lost(content: bytes) -> None:
    with pytest.raises(http.client.HTTPException):
        read_answer(stream(content))
