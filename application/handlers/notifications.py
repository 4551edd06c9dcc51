"""What people decide about notifications."""

from application.book import Book
from application.processes.notifications import due_claim
from application.work import Work
from domain.notification import Notification
from domain.refusals import unknown


def resend(book: Book, work: Work) -> None:
    """Send a message once more, whatever became of it: the customer may then have it twice."""
    notification = book.aggregates.get(work.target)
    if not isinstance(notification, Notification):
        raise unknown("notification", work.target)
    before = due_claim(notification.state, notification.id, book.root.id)
    notification.resend(work.at)
    after = due_claim(notification.state, notification.id, book.root.id)
    work.releases += [before] if before else []
    work.claims += [after] if after else []
