"""What a WSGI server loads in each of its worker processes: the application, made after the fork.

It must never be imported by the process that forks the workers: connections do not survive a fork.
"""

import gc
import sys

from flask import Flask

from daybook import bootstrap
from daybook.run import logs
from daybook.run.children import follow_parent
from daybook.run.connections import cut_silent_connections
from daybook.settings import Settings

# With sixteen threads at work each waits for its turn longer than Python's usual 5 ms, and would then interrupt whoever
# has it in the middle of a request. A request takes far less than this; only a long document is interrupted.
TURN_SECONDS = 0.02
# Sixteen requests under way hold some ten thousand objects. At its usual thresholds the collector takes them for ones
# that stay, and so looks through all of the program every few seconds, for 60 ms.
OBJECTS_BETWEEN_COLLECTIONS = 20_000


def create_app() -> Flask:
    """The application of this worker, with connections of its own."""
    follow_parent()
    sys.setswitchinterval(TURN_SECONDS)
    logs.configure("web")
    settings = Settings.from_env()
    app = bootstrap.create_app(settings)
    cut_silent_connections(settings.port)
    gc.collect()
    gc.freeze()  # what is there now stays
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 50)
    return app
