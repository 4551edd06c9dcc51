"""Given facts, when a verb is asked, then these facts follow, or a refusal: the domain without a database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, Event
from domain.refusals import Refusal

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
AggregateT = TypeVar("AggregateT", bound=Aggregate)


def given(aggregate: AggregateT, *facts: Event) -> AggregateT:
    """The aggregate after these facts, nothing of them pending."""
    for fact in facts:  # a copy of each, because a fact gets its place in the stream when it is triggered
        aggregate.trigger(replace(fact, originator_id=NO_STREAM, originator_version=0))
    aggregate.collect_events()
    return aggregate


def then(aggregate: Aggregate) -> list[Event]:
    """What was decided since."""
    return list(aggregate.collect_events())


def refusal(verb: Callable[[], object], aggregate: Aggregate) -> str:
    """The code with which a verb is refused; nothing may have happened then."""
    with pytest.raises(Refusal) as refused:
        verb()
    assert not aggregate.pending_events
    return refused.value.code
