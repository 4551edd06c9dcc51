"""Customers are told once: whoever works, however often, and wherever it is killed."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import psycopg
import pytest

from application.desk import Desk
from application.mailer import NotDelivered
from application.order_log import OrderLog, Snapshot
from application.processes.mailing import Mailing
from application.processes.notifications import NoNotifications
from domain.notification import ATTEMPTS_MAX, Notification, retry_pause
from domain.order import Order
from domain.refusals import Refusal
from eventstore.cursors import Cursor, position_before
from tests.adapters.mail.unkind_server import UnkindServer, unkind_server
from tests.application.killed_mail_room import MOMENTS
from tests.application.mail_room import MailRoom, later, open_mail_room
from tests.support.orders import order_body, packed
from tests.support.postgres import Database


@pytest.fixture
def server() -> Iterator[UnkindServer]:
    """A mail server that can be told to be unkind."""
    with unkind_server() as server:
        yield server


@pytest.fixture
def room(fresh_database: Database, server: UnkindServer, tmp_path: Path) -> Iterator[MailRoom]:
    """A mail room over an empty log."""
    with open_mail_room(fresh_database.app_url, tmp_path, server.address) as room:
        yield room


def subjects(server: UnkindServer) -> list[str]:
    return [message["Subject"] for message in server.messages]


def test_a_placed_order_is_confirmed(room: MailRoom, server: UnkindServer) -> None:
    order = room.office.place()
    room.work()
    assert subjects(server) == ["Your order 000000001"]
    assert room.told(order) == ["Requested", "Attempted", "Sent"]
    assert server.recipients == ["ana@example.com"]


def test_a_mail_loads_its_order_once(room: MailRoom, server: UnkindServer, monkeypatch: pytest.MonkeyPatch) -> None:
    room.office.place()
    room.notice()
    loaded: list[UUID] = []
    load = OrderLog.load_root

    def load_and_count(log: OrderLog, root: Any, root_id: UUID) -> Snapshot:
        loaded.append(root_id)
        return load(log, root, root_id)

    monkeypatch.setattr(OrderLog, "load_root", load_and_count)
    room.deliver()
    assert len(server.received) == len(loaded) == 1


def test_every_event_that_notifies_has_its_message(room: MailRoom, server: UnkindServer) -> None:
    office = room.office
    order = office.place()
    invoice = office.do("orders/invoices", order, lines="all_remaining", capture="offline", notify=True)
    office.do("orders/shipments", order, **packed(("1", 3), package={"tracking_number": "1Z9"}))
    line = {"line_id": "1", "quantity": 1, "disposition": "shipped"}
    memo = office.do("invoices/refund", invoice["invoice_id"], lines=[line], mode="offline", notify=True)
    office.do("orders/comment", order, text="Thanks", visible=True, notify=True)
    room.work()
    assert sorted(subjects(server)) == [
        "Credit memo 000000001 for your order 000000001",
        "Invoice 000000001 for your order 000000001",
        "News about your order 000000001",
        "We have received your payment for order 000000001",
        "Your order 000000001",
        "Your order 000000001 is on its way to the carrier",
    ]
    attached = [part for message in server.messages for part in message.iter_attachments()]
    assert {part.get_filename() for part in attached} == {"invoice-000000001.pdf", "credit-memo-000000001.pdf"}
    assert f"%PDF credit-memo {memo['credit_memo_id']}".encode() in {part.get_content() for part in attached}
    assert any("1Z9" in str(message) for message in server.messages)
    assert len({message["Message-ID"] for message in server.messages}) == 6


def test_what_asks_for_no_notification_gets_none(room: MailRoom, server: UnkindServer) -> None:
    office = room.office
    order = office.place(customer={"id": "c-1"})
    secret = office.place()
    office.do("orders/comment", secret, text="He never pays", visible=False, notify=True)
    office.do("orders/comment", secret, text="Seen online", visible=True, notify=False)
    room.work()
    assert room.told(order) == []
    assert subjects(server) == ["Your order 000000002"]


def test_a_transfer_is_told_when_it_is_recorded_whatever_its_value_date(room: MailRoom, server: UnkindServer) -> None:
    order = room.office.place()
    desk = dated(room, datetime.now(UTC) - timedelta(days=2))
    room.office.do("orders/capture-payment", order, desk=desk, amount=Decimal("29.97"), provider_reference="T-1")
    room.work()
    assert subjects(server)[-1] == "We have received your payment for order 000000001"


def test_a_cancellation_and_a_refund_without_a_memo_are_told(room: MailRoom, server: UnkindServer) -> None:
    office = room.office
    order = office.place(method="card_capture")
    office.do("orders/cancel", order, lines=[{"line_id": "1", "quantity": 1}])
    office.do("orders/cancel", order)
    paid = office.place()
    office.do("orders/capture-payment", paid, amount=Decimal("29.97"), provider_reference="T-1")
    office.do("orders/cancel", paid)
    office.do("orders/refund-payment", paid, amount=Decimal("29.97"))
    room.work()
    told = subjects(server)
    assert told.count("Your order 000000001 was canceled") == 2  # by the time of writing all of it is
    assert told[-1] == "Your refund for order 000000002"
    assert "29.97" in server.messages[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_refund_with_a_memo_is_told_by_the_memo_alone(room: MailRoom, server: UnkindServer) -> None:
    office = room.office
    order = office.place()
    invoice = office.do("orders/invoices", order, lines="all_remaining", capture="offline")["invoice_id"]
    line = {"line_id": "1", "quantity": 1, "disposition": "unshipped"}
    office.do("invoices/refund", invoice, lines=[line], mode="offline", notify=True)
    room.work()
    assert [subject for subject in subjects(server) if "refund" in subject] == []
    assert subjects(server)[-1] == "Credit memo 000000001 for your order 000000001"


def test_messages_about_one_order_leave_in_the_order_of_its_events(room: MailRoom, server: UnkindServer) -> None:
    for place in range(6):
        order = room.office.place()
        room.office.do("orders/comment", order, text=f"{place}", visible=True, notify=True)
        room.office.do("orders/cancel", order)
    room.notice()
    mailing = Mailing(room.deliveries(), room.office.attempts("mailing"), senders=4)
    until = monotonic() + 20
    while len(server.messages) < 18 and monotonic() < until:
        mailing.step()
        sleep(0.01)
    mailing.close()
    of_order: dict[str, list[str]] = {}
    for subject in subjects(server):
        of_order.setdefault(subject[subject.index("0000") :][:9], []).append(subject.partition("0000")[0])
    assert list(of_order.values()) == [["Your order ", "News about your order ", "Your order "]] * 6


def test_a_message_waits_for_an_earlier_one_that_could_not_be_delivered(room: MailRoom, server: UnkindServer) -> None:
    order = room.office.place()
    server.answers["RCPT"] = "450 busy"
    room.work()
    room.office.do("orders/comment", order, text="Later", visible=True, notify=True)
    server.answers.clear()
    room.work()
    assert subjects(server) == []
    room.office.clock_runs_ahead = timedelta(minutes=2)
    room.deliver()
    assert subjects(server) == ["Your order 000000001"]
    room.deliver()
    assert subjects(server) == ["Your order 000000001", "News about your order 000000001"]


def test_each_copy_that_was_asked_for_is_sent(room: MailRoom, server: UnkindServer) -> None:
    office = room.office
    order = office.place()
    invoice = office.do("orders/invoices", order, lines="all_remaining", capture="offline")["invoice_id"]
    for _ in range(2):
        office.do("invoices/send-copy", invoice)
    room.work()
    copies = [message for message in server.messages if "Invoice 000000001" in message["Subject"]]
    contents = [part.get_content() for message in copies for part in message.iter_attachments()]
    assert contents == [f"%PDF invoice {invoice}".encode()] * 2


def test_notifications_never_move_an_order(room: MailRoom) -> None:
    order = room.office.place()
    version = room.office.order(order).version
    room.work()
    assert room.office.order(order).version == version
    answer = room.office.do("orders/hold", order, key="h-1")
    room.work()
    assert room.office.do("orders/hold", order, key="h-1") == answer


def test_an_import_of_old_orders_tells_nobody(room: MailRoom, server: UnkindServer) -> None:
    place_old(room, datetime.now(UTC) - timedelta(days=8))
    place_old(room, datetime.now(UTC) - timedelta(days=6))
    room.work()
    assert subjects(server) == ["Your order 000000002"]


def dated(room: MailRoom, occurred_at: datetime) -> Desk:
    """A desk at which everything happened at a time."""
    desk = room.office.desk()
    execute = desk.execute
    desk.execute = lambda command: execute(replace(command, occurred_at=occurred_at))  # type: ignore[method-assign]
    return desk


def place_old(room: MailRoom, occurred_at: datetime) -> None:
    room.office.do("orders", desk=dated(room, occurred_at), **order_body())


def test_reading_the_log_again_tells_nobody_twice(room: MailRoom, server: UnkindServer) -> None:
    for _ in range(3):
        room.office.place()
    room.work()
    room.notice(room.notifications("notifications-again"))
    room.deliver()
    assert len(server.received) == 3


def test_several_workers_tell_once(room: MailRoom, server: UnkindServer) -> None:
    orders = [room.office.place() for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: room.notice(room.notifications(f"notifications-{'abcd'[n]}")), range(4)))
        list(pool.map(lambda _: room.deliver(), range(4)))
    assert len(server.received) == 12
    assert {tuple(room.told(order)) for order in orders} == {("Requested", "Attempted", "Sent")}


@pytest.mark.parametrize("moment", MOMENTS)
def test_whoever_is_killed_never_sends_twice(moment: str, room: MailRoom, server: UnkindServer, tmp_path: Path) -> None:
    order = room.office.place()
    arguments = [moment, room.app_url, str(tmp_path), str(server.port)]
    killed = subprocess.run(
        [sys.executable, "-m", "tests.application.killed_mail_room", *arguments], check=False, timeout=60
    )
    assert killed.returncode == -9
    room.work()
    if moment in {"after Attempted", "before Sent"}:
        assert room.told(order) == ["Requested", "Attempted"]
        later(room.office, room.notification(order).state.due_at)
        room.work()
        assert room.told(order) == ["Requested", "Attempted", "OutcomeUnknown"]
        assert len(server.received) == (moment == "before Sent")
    else:
        assert room.told(order) == ["Requested", "Attempted", "Sent"]
        assert len(server.received) == 1
    later(room.office, room.office.now() + timedelta(days=2))
    room.work()
    assert len(server.received) <= 1


def test_an_unknown_outcome_is_shown_and_sent_again_only_on_request(room: MailRoom, server: UnkindServer) -> None:
    server.answers["after DATA"] = "drop"
    order = room.office.place()
    room.work()
    assert room.told(order) == ["Requested", "Attempted", "OutcomeUnknown"]
    later(room.office, room.office.now() + timedelta(days=2))
    room.work()
    assert len(server.received) == 1
    server.answers.clear()
    room.office.do("notifications/resend", room.notification(order).id)
    room.work()
    assert room.told(order)[3:] == ["ResendRequested", "Attempted", "Sent"]
    assert len({message["Message-ID"] for message in server.messages}) == 1


def test_a_known_failure_is_tried_again_with_growing_pauses(room: MailRoom, server: UnkindServer) -> None:
    server.answers["RCPT"] = "451 ana@example.com: try later"
    order = room.office.place()
    room.work()
    for tries in range(1, ATTEMPTS_MAX):
        state = room.notification(order).state
        assert (state.state, state.tries) == ("retrying", tries)
        assert room.deliver() == 0
        later(room.office, state.due_at)
        assert room.deliver() == 1
    assert room.notification(order).state.state == "failed"
    assert server.asked == ATTEMPTS_MAX
    later(room.office, room.office.now() + timedelta(days=9))
    assert room.deliver() == 0


def test_pauses_grow_to_hours_and_no_further() -> None:
    assert [retry_pause(n).total_seconds() / 60 for n in (1, 2, 3, 9, 10, 11, 99)] == [1, 2, 4, 256, 360, 360, 360]


def test_a_final_refusal_is_not_tried_again(room: MailRoom, server: UnkindServer) -> None:
    server.answers["RCPT"] = "550 nobody here"
    order = room.office.place()
    room.work()
    assert room.told(order) == ["Requested", "Attempted", "Failed"]
    assert room.notification(order).state.state == "failed"


def test_a_failure_passes(room: MailRoom, server: UnkindServer) -> None:
    server.answers["DATA"] = "452 full"
    order = room.office.place()
    room.work()
    server.answers.clear()
    later(room.office, room.notification(order).state.due_at)
    room.work()
    assert room.told(order) == ["Requested", "Attempted", "Failed", "Attempted", "Sent"]
    assert len(server.received) == 1


def test_a_mistake_in_a_template_is_recorded_and_mended(room: MailRoom, server: UnkindServer, tmp_path: Path) -> None:
    room.templates = tmp_path
    (tmp_path / "en").mkdir()
    ours = tmp_path / "en" / "order_placed.txt"
    ours.write_text("Subject: x\n{{ nothing }}")
    order = room.office.place()
    room.work()
    assert room.told(order) == ["Requested", "Failed"]
    ours.unlink()
    later(room.office, room.notification(order).state.due_at)
    room.work()
    assert subjects(server) == ["Your order 000000001"]


def test_who_sends_is_not_stopped_by_what_cannot_be_recorded(room: MailRoom, server: UnkindServer) -> None:
    """A worker that was taken for dead records what it knows."""
    order = room.office.place()
    room.notice()
    [claim] = room.deliveries().due(10)
    mailer = room.mailer()

    class Slow:
        write = mailer.write

        def deliver(self, recipient: str, message: bytes) -> Any:
            room.office.clock_runs_ahead += timedelta(minutes=11)
            room.deliver()
            return mailer.deliver(recipient, message)

    room.deliveries(Slow()).deliver(claim)
    assert room.told(order) == ["Requested", "Attempted", "OutcomeUnknown", "Sent"]
    assert len(server.received) == 1


def test_mails_are_in_the_language_of_the_store(room: MailRoom, server: UnkindServer) -> None:
    room.office.place(store="shop-de")
    room.notice()
    room.deliver(room.deliveries(language_of={"shop-de": "de"}.__getitem__))
    assert subjects(server) == ["Ihre Bestellung 000000001"]


def test_mailing_goes_on_while_one_mail_hangs(room: MailRoom, server: UnkindServer) -> None:
    orders = [room.office.place() for _ in range(6)]
    room.notice()
    mailing = Mailing(room.deliveries(), room.office.attempts("mailing"), senders=3)
    deadline = monotonic() + 20
    while len(server.received) < 6 and monotonic() < deadline:
        mailing.step()
        sleep(0.01)
    mailing.close()
    assert {tuple(room.told(order)) for order in orders} == {("Requested", "Attempted", "Sent")}


def test_everything_waits_while_there_is_no_mail_server(room: MailRoom, server: UnkindServer) -> None:
    server.answers["EHLO"] = "drop"
    orders = [room.office.place() for _ in range(3)]
    room.notice()
    mailing = Mailing(room.deliveries(), room.office.attempts("mailing"), senders=1)
    assert mailing.step()
    deadline = monotonic() + 20
    while not any("Failed" in room.told(order) for order in orders) and monotonic() < deadline:
        sleep(0.02)
    sleep(0.1)
    assert not mailing.step()
    mailing.close()
    assert sorted(len(room.told(order)) for order in orders) == [1, 1, 3]


def test_switching_mail_on_tells_nothing_old(room: MailRoom, server: UnkindServer) -> None:
    room.office.place()
    cursor = Cursor(room.app_url, "notifications")
    room.cursors.append(cursor)
    NoNotifications(room.office.reader, cursor, room.office.now).step()
    room.work()
    assert subjects(server) == []
    room.office.place()
    room.work()
    assert subjects(server) == ["Your order 000000002"]


def test_a_first_start_begins_with_the_news_of_a_day(room: MailRoom, server: UnkindServer) -> None:
    room.office.place()
    room.office.clock_runs_ahead = timedelta(hours=25)
    room.work()
    assert subjects(server) == []


def test_the_position_of_a_time_is_found(room: MailRoom) -> None:
    reader = room.office.reader
    assert position_before(reader, datetime.now(UTC)) == 0
    for _ in range(5):
        room.office.place()
    times = [row.recorded_at for row in reader.read_after(0, 10)]
    assert [position_before(reader, time) for time in times] == [times.index(time) for time in times]
    assert position_before(reader, times[-1] + timedelta(seconds=1)) == 5


def test_an_order_whose_data_was_erased_is_not_mailed(
    room: MailRoom, server: UnkindServer, fresh_database: Database
) -> None:
    order = room.office.place()
    room.notice()
    with psycopg.connect(fresh_database.owner_url) as connection:
        connection.execute("ALTER TABLE log.data_keys DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM log.data_keys")
    room.deliver()
    assert room.told(order) == ["Requested", "Failed"]
    assert server.asked == 0


def test_an_unreachable_server_is_a_failure(room: MailRoom, server: UnkindServer) -> None:
    server.answers["EHLO"] = "drop"
    room.office.place()
    room.notice()
    [claim] = room.deliveries().due(1)
    outcome = room.deliveries().deliver(claim)
    assert isinstance(outcome, NotDelivered)
    assert outcome.code == "unreachable"


def test_what_is_under_way_cannot_be_sent_again(room: MailRoom) -> None:
    order = room.office.place()
    room.notice()
    snapshot = room.office.log.load_root(Order, UUID(order))
    notification = room.notification(order)
    notification.attempt(room.office.now())
    assert isinstance(snapshot.work.aggregates[notification.id], Notification)
    with pytest.raises(Refusal, match="wait for its answer"):
        notification.resend(room.office.now())


def test_what_another_system_issued_is_told_without_a_document_and_never_copied(
    room: MailRoom, server: UnkindServer
) -> None:
    office = room.office
    order = office.place()
    external = {"number": "S-77"}
    issued = office.do(
        "orders/invoices", order, lines="all_remaining", capture="offline", external=external, notify=True
    )
    with pytest.raises(Refusal) as refused:
        office.do("invoices/send-copy", issued["invoice_id"])
    assert refused.value.code == "issued_elsewhere"
    room.work()
    (told,) = [message for message in server.messages if "Invoice S-77" in message["Subject"]]
    assert list(told.iter_attachments()) == []
