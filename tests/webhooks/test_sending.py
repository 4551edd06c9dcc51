"""Events reach their receivers signed, in the order of each order, and again when they failed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from access.roles import Role
from tests.support.postgres import Database
from tests.webhooks.office import Office, open_office
from tests.webhooks.receiver import Got, Receiver, eventually
from webhooks.retrying import Pauses


@pytest.fixture(scope="module")
def opened(database: Database) -> Iterator[Office]:
    with open_office(database) as office:
        yield office


@pytest.fixture
def office(opened: Office) -> Office:
    with psycopg.connect(opened.database.app_url, autocommit=True) as connection:
        connection.execute("DELETE FROM webhooks.endpoints")
    opened.told.clear()
    return opened


def order_of(receiver: Receiver, order_id: str) -> list[str]:
    return [got.event_id for got in receiver.first_times() if got.event["order_id"] == order_id]


def test_what_happens_to_an_order_arrives_signed_and_in_its_order(office: Office) -> None:
    with Receiver() as receiver, office.sending():
        receiver.secrets.append(office.webhook(receiver.url)["secret"])
        order_id = office.place()
        office.do(order_id, "hold", "release", "comment")
        eventually(lambda: len(receiver.accepted) == 4)
    assert order_of(receiver, order_id) == office.events(order_id)
    assert receiver.forged == 0
    first = receiver.accepted[0].event
    assert (first["type"], first["schema"]) == ("order.placed", "order.placed/1")
    public = office.site.get("/queries/events?limit=5000", Role.INTEGRATOR).get_data(as_text=True).splitlines()
    assert receiver.accepted[0].body.decode() in public


def test_nobody_is_told_of_what_was_before_nor_of_other_events(office: Office) -> None:
    office.place()
    with Receiver() as receiver, office.sending():
        office.webhook(receiver.url, "order.held")
        order_id = office.place()
        office.do(order_id, "hold")
        eventually(lambda: len(receiver.accepted) == 1)
        assert [got.event["type"] for got in receiver.requests] == ["order.held"]


def test_the_next_event_of_an_order_waits_for_the_one_before_and_other_orders_do_not(office: Office) -> None:
    stuck = office.place()

    def decide(got: Got) -> int:
        return 500 if got.event["order_id"] == stuck and got.event["type"] == "order.held" and got.earlier < 4 else 204

    with Receiver(decide=decide) as receiver, office.sending():
        office.webhook(receiver.url)
        office.do(stuck, "hold", "release")
        other = office.place()
        eventually(lambda: len(order_of(receiver, stuck)) == 2)
    kinds = [(got.event["order_id"], got.event["type"]) for got in receiver.accepted]
    assert kinds == [(other, "order.placed"), (stuck, "order.held"), (stuck, "order.released")]
    held = [got for got in receiver.requests if got.event["type"] == "order.held"]
    assert len(held) == 5
    assert len({got.event_id for got in held}) == 1
    assert len({got.body for got in held}) == 1


def test_attempts_are_listed_with_what_came_of_each(office: Office) -> None:
    with Receiver(decide=lambda got: 204 if got.earlier else 503) as receiver, office.sending():
        webhook_id = office.webhook(receiver.url)["webhook_id"]
        office.place()
        eventually(lambda: bool(receiver.accepted))
        eventually(lambda: bool(office.deliveries(webhook_id, status="delivered")))
    (delivery,) = office.deliveries(webhook_id)
    assert [each["status"] for each in delivery["attempts"]] == [503, 204]
    assert delivery["next_attempt_at"] is None


def test_while_a_secret_is_replaced_requests_are_signed_with_both(office: Office) -> None:
    with Receiver() as old, office.sending():
        made = office.webhook(old.url)
        old.secrets.append(made["secret"])
        new = office.ask(f"/{made['webhook_id']}/rotate-secret", {"overlap_hours": 1})["secret"]
        office.place()
        eventually(lambda: len(old.accepted) == 1)
        assert len(old.accepted[0].headers["webhook-signature"].split()) == 2
        old.secrets[:] = [new]
        office.place()
        eventually(lambda: len(old.accepted) == 2)
        office.ask(f"/{made['webhook_id']}/rotate-secret", {"overlap_hours": 0})
    assert old.forged == 0


def test_a_receiver_that_is_gone_pauses_its_webhook_and_loses_nothing(office: Office) -> None:
    with Receiver(decide=lambda _: 410) as receiver, office.sending():
        webhook_id = office.webhook(receiver.url)["webhook_id"]
        order_id = office.place()
        eventually(lambda: office.shown(webhook_id)["state"] == "paused")
        assert office.shown(webhook_id)["paused_why"] == "gone"
        office.do(order_id, "hold")
        eventually(lambda: bool(office.told))
        assert (str(office.told[0][0]), office.told[0][2]) == (webhook_id, "gone")
        receiver.decide = lambda _: 204
        office.ask(f"/{webhook_id}/resume")
        eventually(lambda: len(receiver.accepted) == 2)
    assert order_of(receiver, order_id) == office.events(order_id)
    told = office.site.get("/audit/access/events?limit=500", Role.AUDITOR).get_json()["items"]
    paused = [each for each in told if each["type"] == "WebhookPaused" and each["data"]["webhook_id"] == webhook_id]
    assert [(each["actor"]["type"], each["data"]["why"]) for each in paused] == [("process", "gone")]


def test_who_resumes_may_skip_what_was_missed(office: Office) -> None:
    with Receiver() as receiver, office.sending():
        webhook_id = office.webhook(receiver.url)["webhook_id"]
        office.ask(f"/{webhook_id}/pause")
        office.place()
        office.ask(f"/{webhook_id}/resume", {"missed": "skip"})
        after = office.place()
        eventually(lambda: len(receiver.accepted) == 1)
    assert receiver.requests[0].event["order_id"] == after


def test_an_event_that_fails_alone_is_given_up_and_can_be_sent_again(office: Office) -> None:
    office.pauses = Pauses((0.05, 0.05))
    poisoned = office.place()
    answers = {"now": 500}
    try:
        with Receiver(decide=lambda got: answers["now"] if got.event["type"] == "order.held" else 204) as receiver:
            with office.sending():
                webhook_id = office.webhook(receiver.url)["webhook_id"]
                office.do(poisoned, "hold")
                for _ in range(5):
                    office.place()
                    seen = len(receiver.accepted)
                    eventually(lambda seen=seen: len(receiver.accepted) > seen)  # type: ignore[misc]
                eventually(lambda: office.shown(webhook_id)["dead"] == 1)
                office.do(poisoned, "release")
                eventually(lambda: any(got.event["type"] == "order.released" for got in receiver.accepted))
                (dead,) = office.deliveries(webhook_id, status="dead")
                answers["now"] = 204
                assert office.ask(f"/{webhook_id}/redeliver", {"event_id": dead["event_id"]})["deliveries"] == 1
                eventually(lambda: office.shown(webhook_id)["dead"] == 0)
                eventually(lambda: any(got.event["type"] == "order.held" for got in receiver.accepted))
                eventually(lambda: office.shown(webhook_id)["waiting"] == 0)
                before = len(receiver.accepted)
                since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
                again = office.ask(f"/{webhook_id}/redeliver", {"since": since, "delivered": True})["deliveries"]
                eventually(lambda: len(receiver.accepted) == before + again)
            assert again == 7
            assert office.shown(webhook_id)["state"] == "active"
    finally:
        office.pauses = Pauses((0.1, 0.2, 0.3, 0.5, 1, 2, 3, 60, 3600))


def test_an_endpoint_that_fails_for_long_is_paused_and_nothing_given_up(office: Office) -> None:
    office.pauses = Pauses((0.05, 0.05))
    try:
        with Receiver(decide=lambda _: 500) as receiver, office.sending():
            webhook_id = office.webhook(receiver.url)["webhook_id"]
            office.place()
            eventually(lambda: office.shown(webhook_id)["state"] == "paused")
            found = office.shown(webhook_id)
            assert (found["paused_why"], found["dead"], found["waiting"]) == ("failing", 0, 1)
    finally:
        office.pauses = Pauses((0.1, 0.2, 0.3, 0.5, 1, 2, 3, 60, 3600))


def test_a_slow_and_a_dead_receiver_slow_no_other(office: Office) -> None:
    with Receiver() as quick, Receiver(delay_seconds=4) as slow, office.sending():
        office.webhook(slow.url)
        office.webhook("http://127.0.0.1:9/")
        office.webhook(quick.url)
        office.place()
        eventually(lambda: len(quick.accepted) == 1)
        quick.accepted.clear()
        for _ in range(20):
            office.place()
        eventually(lambda: len(quick.accepted) == 20)
        assert len(slow.accepted) < 20
        delays = [got.at - datetime.fromisoformat(got.event["recorded_at"]).timestamp() for got in quick.accepted]
    assert max(delays) < 2, delays


def test_what_waits_for_a_slow_receiver_goes_to_where_it_moves(office: Office) -> None:
    with Receiver(delay_seconds=1) as slow, Receiver() as quick, office.sending():
        webhook = office.webhook(slow.url)
        quick.secrets.append(webhook["secret"])
        orders = [office.place() for _ in range(20)]
        eventually(lambda: len(slow.requests) >= 4)
        office.ask(f"/{webhook['webhook_id']}/change", {"url": quick.url})
        eventually(lambda: len(slow.accepted) + len(quick.accepted) >= len(orders))
        assert len(slow.requests) <= 8
        told = {got.event["order_id"] for got in (*slow.accepted, *quick.accepted)}
    assert told == set(orders)
    assert quick.forged == 0


def test_nothing_more_is_sent_once_a_webhook_is_paused(office: Office) -> None:
    with Receiver(delay_seconds=1) as slow, office.sending():
        webhook_id = office.webhook(slow.url)["webhook_id"]
        orders = [office.place() for _ in range(20)]
        eventually(lambda: len(slow.requests) >= 4)
        office.ask(f"/{webhook_id}/pause")
        eventually(lambda: office.shown(webhook_id)["waiting"] <= len(orders) - 4)
        assert len(slow.requests) <= 8
        office.ask(f"/{webhook_id}/resume")
        eventually(lambda: len({got.event["order_id"] for got in slow.accepted}) == len(orders))
    assert len(slow.requests) == len(orders)


def test_a_redirect_is_a_failure_and_not_followed(office: Office) -> None:
    with Receiver(decide=lambda got: 204 if got.earlier else 302) as receiver, office.sending():
        webhook_id = office.webhook(receiver.url)["webhook_id"]
        office.place()
        eventually(lambda: bool(office.deliveries(webhook_id, status="delivered")))
    assert [each["status"] for each in office.deliveries(webhook_id)[0]["attempts"]] == [302, 204]


def test_a_test_event_is_sent_at_once_and_its_answer_told(office: Office) -> None:
    with Receiver() as receiver:
        made = office.webhook(receiver.url)
        receiver.secrets.append(made["secret"])
        told = office.ask(f"/{made['webhook_id']}/test")
        assert (told["delivered"], told["status"], told["error"]) == (True, 204, None)
        assert receiver.accepted[0].event["type"] == "webhook.test"
        assert receiver.accepted[0].event_id == told["event_id"]
    assert "Connection" in office.ask(f"/{made['webhook_id']}/test")["error"]
