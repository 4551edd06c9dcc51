"""`daybook serve`: the WSGI server, granian, with processes and threads as set.

It must never open a connection itself: each worker opens its own after it was started.
"""

from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from daybook.children import follow_parent
from daybook.settings import Settings

_STOP_SECONDS = 8
_BACKLOG = 1024


def serve(settings: Settings, application: str = "daybook.wsgi:create_app") -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    follow_parent()
    server = Server(
        application,
        factory=True,
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
    server.serve()
