"""What people decide about notifications."""

from dataclasses import dataclass
from typing import Any

from application.command_context import CommandContext
from application.command_type import CommandType
from application.due_notifications import due_claim
from application.unit_of_work import UnitOfWork
from domain.notification import Notification
from domain.refusals import unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendNotification:
    """A message is to be sent once more."""


def resend(work: UnitOfWork, _command: ResendNotification, context: CommandContext) -> None:
    """Send a message once more, whatever became of it: the customer may then have it twice."""
    notification = work.aggregates.get(context.target)
    if not isinstance(notification, Notification):
        raise unknown("notification", context.target)
    before = due_claim(notification.state, notification.id, work.root.id)
    notification.resend(context.at)
    after = due_claim(notification.state, notification.id, work.root.id)
    context.releases += [before] if before else []
    context.claims += [after] if after else []


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="notifications/resend",
        value=ResendNotification,
        handle=resend,
        summary="Send a message to the customer once more.",
        codes=("notification_under_way",),
    ),
)
