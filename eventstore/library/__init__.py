"""The bridge to the eventsourcing library: its applications and aggregates can record in this log and read from it.

``PERSISTENCE_MODULE=eventstore.library`` is all that they name. Nothing of ours needs this room; it must never write
past the group committer.
"""

from eventstore.library.factory import LogFactory

__all__ = ["LogFactory"]
