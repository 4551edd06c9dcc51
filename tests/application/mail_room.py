"""Notifications over a real log and a real mail server, as ``daybook work`` puts them together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.mail.mailer import SmtpMailer
from adapters.mail.mime import sender_of
from adapters.mail.smtp import SmtpServer
from adapters.mail.templates import Shop, Templates
from application.mailer import Mailer
from application.processes.mailing import Deliveries
from application.processes.notifications import MAX_AGE, Notifications
from application.unit_of_work import EVENT_CLASSES
from domain.notification import Notification, NotificationEvent
from domain.order import Order
from eventstore.codec import Codec
from eventstore.cursors import Cursor
from tests.application.conftest import Office, open_office


class Printer:
    """Prints what it was asked for."""

    def print_issued(self, form: str, document_id: UUID) -> bytes:
        return f"%PDF {form} {document_id}".encode()


@dataclass
class MailRoom:
    """An office whose customers are told."""

    office: Office
    app_url: str
    server: SmtpServer
    templates: Path | None = None
    cursors: list[Cursor] = field(default_factory=list)

    def notifications(self, name: str = "notifications", max_age: timedelta = MAX_AGE) -> Notifications:
        """A worker that notices; its cursor by name."""
        cursor = Cursor(self.app_url, name)
        self.cursors.append(cursor)
        origin = self.office.origin("notifications")
        office = self.office
        attempts = office.attempts("notifications")
        return Notifications(
            office.log, office.reader, Codec(EVENT_CLASSES), cursor, origin, attempts=attempts, max_age=max_age
        )

    def mailer(self, timeout_seconds: float = 5.0) -> SmtpMailer:
        sender = sender_of("Shop <shop@example.com>")
        return SmtpMailer(Templates(Shop("Shop"), self.templates), sender, self.server, timeout_seconds)

    def deliveries(
        self,
        mailer: Mailer | None = None,
        language_of: Callable[[str], str] = lambda store: "en",
        attachments: Any = None,
    ) -> Deliveries:
        """A worker that sends."""
        origin = self.office.origin("notifications")
        return Deliveries(self.office.log, mailer or self.mailer(), origin, language_of, attachments or Printer())

    def notice(self, worker: Notifications | None = None) -> None:
        """Follow the log to its end."""
        worker = worker or self.notifications()
        while worker.step():
            pass

    def deliver(self, deliveries: Deliveries | None = None) -> int:
        """Deliver all that is due; returns how many were looked at."""
        deliveries = deliveries or self.deliveries()
        looked_at = 0
        while due := deliveries.due(100):
            for claim in due:
                deliveries.deliver(claim)
                looked_at += 1
        return looked_at

    def work(self) -> None:
        """Do everything that is due now."""
        self.notice()
        self.deliver()

    def told(self, order_id: str) -> list[str]:
        """The events of an order's notifications, in log order."""
        events = self.office.log.load_root(Order, UUID(order_id)).work.events
        return [type(event).__name__.removeprefix("Notification") for event in events if _of_notification(event)]

    def notification(self, order_id: str) -> Notification:
        """The only notification of an order."""
        aggregates = self.office.log.load_root(Order, UUID(order_id)).work.aggregates.values()
        [found] = [aggregate for aggregate in aggregates if isinstance(aggregate, Notification)]
        return found


def _of_notification(event: object) -> bool:
    return isinstance(event, NotificationEvent)


@contextmanager
def open_mail_room(app_url: str, folder: Path, server: SmtpServer) -> Iterator[MailRoom]:
    """A mail room with connections of its own, for as long as the block lasts."""
    with open_office(app_url, folder / "gateway.json") as office:
        room = MailRoom(office, app_url, server)
        yield room
        for cursor in room.cursors:
            cursor.close()


def later(office: Office, time: datetime | None) -> None:
    """Let the clock run to a time."""
    assert time is not None
    office.clock_runs_ahead += time - office.now() + timedelta(milliseconds=1)
