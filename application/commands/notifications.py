"""What people decide about notifications."""

from application.command_context import CommandContext
from application.processes.notifications import due_claim
from application.unit_of_work import UnitOfWork
from domain.notification import Notification
from domain.refusals import unknown


def resend(work: UnitOfWork, context: CommandContext) -> None:
    """Send a message once more, whatever became of it: the customer may then have it twice."""
    notification = work.aggregates.get(context.target)
    if not isinstance(notification, Notification):
        raise unknown("notification", context.target)
    before = due_claim(notification.state, notification.id, work.root.id)
    notification.resend(context.at)
    after = due_claim(notification.state, notification.id, work.root.id)
    context.releases += [before] if before else []
    context.claims += [after] if after else []
