"""`daybook project`: the process that keeps the read models up to date with the log.

It must never serve requests nor write to the log.
"""

from daybook.children import follow_parent
from daybook.settings import Settings
from projections.runner import run_projections


def project(settings: Settings) -> None:
    """Follow the log until SIGINT or SIGTERM."""
    follow_parent()
    run_projections(settings)
