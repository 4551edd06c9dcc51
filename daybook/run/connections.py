"""The connections of a worker of the web server: room for many, and an end for those who never get to an answer.

The server ends connections that are idle or do not finish a request's head. One that does not finish its body it would
keep for as long as its client likes; we answer it after a while (`web.capacity`), and here it is cut. Only sockets that
listen on our own port are looked at. Where the kernel does not tell about sockets (macOS) nothing is cut.
"""

import contextlib
import os
import resource
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

SILENT_SECONDS = 90.0
LOOK_SECONDS = 5.0
_DESCRIPTORS = Path("/proc/self/fd")
_TELLS = hasattr(socket, "TCP_INFO")
# struct tcp_info (linux/tcp.h): eight bytes of states, then words of 32 bits, the tenth of which tells how many
# milliseconds ago we last sent something.
_LAST_DATA_SENT_MS = struct.Struct("@8x36xI")


def raise_file_limit() -> None:
    """Take as many descriptors as this user may have: each connection needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def cut_silent_connections(port: int, silent_seconds: float = SILENT_SECONDS) -> None:
    """From now on end every connection to our port on which nothing was sent for so long, in a thread of its own.

    An idle one is ended earlier by the server, so a request is waiting there which nobody answers any more.
    """
    if _TELLS and _DESCRIPTORS.is_dir():
        threading.Thread(target=_watch, args=[port, silent_seconds], name="silent-connections", daemon=True).start()


def _watch(port: int, silent_seconds: float) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        cut_once(port, silent_seconds)


def cut_once(port: int, silent_seconds: float) -> int:
    """End the connections to our port on which nothing was sent for so long; tells how many that were."""
    cut = 0
    for connection in _connections(port):
        with connection, contextlib.suppress(OSError):
            if _silent_seconds(connection) > silent_seconds:
                connection.shutdown(socket.SHUT_RDWR)
                cut += 1
    return cut


def _connections(port: int) -> Iterator[socket.socket]:
    """A duplicate of each connection of this process to our port."""
    for descriptor in _DESCRIPTORS.iterdir():
        with contextlib.suppress(OSError, ValueError):
            if not str(descriptor.readlink()).startswith("socket:"):
                continue
            found = socket.socket(fileno=os.dup(int(descriptor.name)))
            if _is_ours(found, port):
                yield found
            else:
                found.close()


def _is_ours(found: socket.socket, port: int) -> bool:
    if found.family not in {socket.AF_INET, socket.AF_INET6} or found.type != socket.SOCK_STREAM:
        return False
    try:
        found.getpeername()
    except OSError:  # it listens, or has ended
        return False
    return bool(found.getsockname()[1] == port)


def _silent_seconds(connection: socket.socket) -> float:
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return float(_LAST_DATA_SENT_MS.unpack_from(told)[0]) / 1000
