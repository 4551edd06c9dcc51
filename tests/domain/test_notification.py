"""A notification decides without a database: one message, tried so often, and never sent twice by itself."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain import notification as n
from domain.events import Event
from domain.notification import Notification
from tests.support.facts import NOON, given, refusal, then

STREAM = UUID(int=1)


def requested(*facts: Event) -> Notification:
    first = n.NotificationRequested(
        occurred_at=NOON, template="shipped", event_stream=STREAM, event_version=3, recipient="ana@example.com"
    )
    return given(Notification(UUID(int=7)), first, *facts)


def attempted(attempt: int = 1) -> Event:
    return n.NotificationAttempted(occurred_at=NOON, attempt=attempt, answer_by=NOON + n.ANSWER_WITHIN)


def failed(retry_at: bool = True) -> Event:
    at = NOON + n.FIRST_PAUSE if retry_at else None
    return n.NotificationFailed(occurred_at=NOON, attempt=1, code="unreachable", retry_at=at)


def test_the_attempt_is_recorded_before_the_mail_server_is_asked() -> None:
    message = requested()
    assert message.state.due_at == NOON
    message.attempt(NOON)
    (fact,) = then(message)
    assert isinstance(fact, n.NotificationAttempted)
    assert (fact.attempt, fact.answer_by) == (1, NOON + n.ANSWER_WITHIN)
    assert refusal(lambda: message.attempt(NOON), message) == "notification_not_due"


def test_a_sent_message_is_finished() -> None:
    message = requested(attempted())
    message.sent(NOON)
    assert (message.state.state, message.state.due_at) == ("sent", None)
    then(message)
    assert refusal(lambda: message.attempt(NOON), message) == "notification_not_due"
    assert refusal(lambda: message.fail("refused", None, NOON), message) == "notification_not_due"


def test_a_failure_waits_longer_each_time_and_gives_up_in_the_end() -> None:
    message, pauses = requested(), []
    for _ in range(n.ATTEMPTS_MAX):
        message.attempt(NOON)
        message.fail("unreachable", "no route", NOON)
        fact = then(message)[-1]
        assert isinstance(fact, n.NotificationFailed)
        pauses.append(None if fact.retry_at is None else fact.retry_at - NOON)
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(filter(None, pauses)) == n.LONGEST_PAUSE
    assert (pauses[-1], message.state.state, message.state.due_at) == (None, "failed", None)


def test_what_is_pointless_is_not_tried_again() -> None:
    message = requested(attempted())
    message.fail("no_recipient", None, NOON, final=True)
    assert message.state.state == "failed"


def test_an_unknown_outcome_is_never_sent_again_by_itself() -> None:
    message = requested(attempted())
    message.lose("the connection broke", NOON)
    then(message)
    assert (message.state.state, message.state.due_at) == ("unknown", None)
    assert refusal(lambda: message.attempt(NOON), message) == "notification_not_due"
    message.sent(NOON)  # the answer came late: certain is better than unknown
    assert message.state.state == "sent"


@pytest.mark.parametrize("facts", [(failed(retry_at=False),), (n.NotificationSent(occurred_at=NOON, attempt=1),)])
def test_somebody_may_have_it_sent_once_more(facts: tuple[Event, ...]) -> None:
    message = given(requested(attempted()), *facts)
    message.resend(NOON)
    assert (message.state.state, message.state.tries, message.state.due_at) == ("requested", 0, NOON)
    message.attempt(NOON)
    assert message.state.attempt == 2


def test_it_is_not_sent_once_more_while_it_is_under_way() -> None:
    message = requested(attempted())
    assert refusal(lambda: message.resend(NOON), message) == "notification_under_way"


def test_an_event_has_one_message_of_each_template() -> None:
    same = n.notification_id(STREAM, 3, "shipped")
    assert same == n.notification_id(STREAM, 3, "shipped")
    others = {n.notification_id(STREAM, 4, "shipped"), n.notification_id(STREAM, 3, "comment")}
    assert same not in others
