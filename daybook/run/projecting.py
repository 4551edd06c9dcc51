"""`daybook project`: the process that keeps the read models up to date with the log.

It must never serve requests nor write to the log.
"""

from application.unit_of_work import EVENT_CLASSES
from daybook.run import logs
from daybook.run.children import follow_parent
from daybook.settings import Settings
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from projections.catalogue import READ_MODELS
from projections.engine.runner import run_projections


def project(settings: Settings) -> None:
    """Follow the log until SIGINT or SIGTERM."""
    follow_parent()
    logs.configure("projections")
    run_projections(settings.projector_conninfo, Keyring(settings.master_key), Codec(EVENT_CLASSES), READ_MODELS)
