"""What a WSGI server loads in each of its worker processes: the application, made after the fork.

It must never be imported by the process that forks the workers: connections do not survive a fork.
"""

from flask import Flask

from daybook import bootstrap, logs
from daybook.children import follow_parent
from daybook.settings import Settings


def create_app() -> Flask:
    """The application of this worker, with connections of its own."""
    follow_parent()
    logs.configure("web")
    return bootstrap.create_app(Settings.from_env())
