"""`daybook serve`: the WSGI server, granian, with processes and threads as set.

It has a thread for every connection it takes, so that a request never waits for one: how many of them work at once is
up to `web.capacity`. It must never open a connection itself: each worker opens its own after it was started.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from secrets import token_hex
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server, mp

from daybook.run.children import follow_parent
from daybook.run.connections import raise_file_limit
from daybook.run.cpu_affinity import take_cpu
from daybook.settings import Settings
from web.capacity import ARRIVAL, Answering, Arrival, discard_body

_STOP_SECONDS = 8
_BACKLOG = 4096
# Of each worker. Who is idle, or does not finish the head of a request, is let go after HEAD_TIMEOUT_MS.
_CONNECTIONS = 1024
_HEAD_TIMEOUT_MS = 20_000

WsgiCallback = Callable[[Any, dict[str, Any]], int]


def serve(settings: Settings, application: str = "daybook.run.wsgi:create_app") -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    follow_parent()
    raise_file_limit()
    server = Server(
        application,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=_CONNECTIONS,
        backlog=_BACKLOG,
        backpressure=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_TIMEOUT_MS),
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        process_name=None,
    )
    pinned, workers = settings.web_cpu_affinity, settings.web_workers
    server.serve(target_loader=partial(_load, pinned=pinned, workers=workers, family=token_hex(8)))


def _load(application: str, pinned: bool, workers: int, family: str) -> Callable[..., Any]:
    """What a worker serves, made in the worker: the application of a "module:factory"."""
    if pinned:
        take_cpu(workers, family)
    # Granian hands a request's protocol to nobody, so we step in where it makes its calls.
    vars(mp)["_wsgi_call_wrap"] = with_arrival(vars(mp)["_wsgi_call_wrap"])
    module, _, factory = application.partition(":")
    made: Callable[..., Any] = getattr(import_module(module), factory)()
    return made


def with_arrival(wrap: Callable[..., WsgiCallback]) -> Callable[..., WsgiCallback]:
    """Granian's way to call an application, which leaves an Arrival in environ and takes in what that did not read."""

    def wrapped(*arguments: Any) -> WsgiCallback:
        call = wrap(*arguments)

        def answer(protocol: Answering, scope: dict[str, Any]) -> int:
            arrival = scope[ARRIVAL] = Arrival(protocol)
            status = call(protocol, scope)
            if not arrival.body_read:
                discard_body(scope)
            return status

        return answer

    return wrapped
