"""The bodies of the commands on webhooks that we send."""

from typing import Any

from web.schemas.body import Body
from web.schemas.faults import impossible
from web.schemas.fields import Choice, Flag, Id, Items, Moment, Text, Whole
from webhooks.addresses import URL_MAX
from webhooks.endpoints import DESCRIPTION_MAX, OVERLAP_HOURS_MAX, PATTERNS_MAX

PATTERN_MAX = 100


class CreateWebhook(Body):
    """Where to send which events; ``order.*`` stands for all of a kind, ``*`` for everything."""

    webhook_id = Id()
    url = Text(URL_MAX, required=True)
    events = Items(Text(PATTERN_MAX), high=PATTERNS_MAX, required=True)
    description = Text(DESCRIPTION_MAX, low=0)


class ChangeWebhook(Body):
    """What is to be different."""

    url = Text(URL_MAX)
    events = Items(Text(PATTERN_MAX), high=PATTERNS_MAX)
    description = Text(DESCRIPTION_MAX, low=0)

    def check(self, body: dict[str, Any]) -> None:
        if not body:
            raise impossible("Say what is to change: url, events or description.")


class ResumeWebhook(Body):
    """What is to become of the events since the pause."""

    missed = Choice(("send", "skip"))


class RotateSecret(Body):
    """For how long requests are signed with the old secret too."""

    overlap_hours = Whole(0, OVERLAP_HOURS_MAX)


class Redeliver(Body):
    """One event, or what was given up of the events since a moment; with ``delivered`` also what arrived."""

    event_id = Id()
    since = Moment()
    delivered = Flag()

    def check(self, body: dict[str, Any]) -> None:
        if (body.get("event_id") is None) == (body.get("since") is None):
            raise impossible("Say which: either event_id or since.")


class NoMore(Body):
    """Nothing more to say."""
