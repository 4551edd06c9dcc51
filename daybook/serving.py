"""`daybook serve`: the WSGI server, granian, with processes and threads as set.

It must never open a connection itself: each worker opens its own after it was started.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from secrets import token_hex
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from daybook.children import follow_parent
from daybook.cpu_affinity import take_cpu
from daybook.settings import Settings

_STOP_SECONDS = 8
_BACKLOG = 1024


def serve(settings: Settings, application: str = "daybook.wsgi:create_app") -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    follow_parent()
    server = Server(
        application,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
        backlog=_BACKLOG,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        process_name=None,
    )
    server.serve(target_loader=partial(_load, workers=settings.web_workers, family=token_hex(8)))


def _load(application: str, workers: int, family: str) -> Callable[..., Any]:
    """What a worker serves, made in the worker: the application of a "module:factory"."""
    take_cpu(workers, family)
    module, _, factory = application.partition(":")
    made: Callable[..., Any] = getattr(import_module(module), factory)()
    return made
