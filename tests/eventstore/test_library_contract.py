"""The eventsourcing library's own published test cases, run against our recorders: they ask what any recorder must do.

Its streams start at 0 and at 1, its topics are junk and nobody sends metadata; the append is the same as for orders.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, NotSupportedError, StoredEvent
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    NonInterleavingNotificationIDsBaseCase,
)
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

from eventstore.library.factory import LogFactory
from eventstore.library.recorder import LogAggregateRecorder, LogRecorder
from eventstore.reader import LogReader, log_pool
from eventstore.records import Metadata
from tests.support.postgres import Database


def environment(database: Database) -> Environment:
    part = conninfo_to_dict(database.app_url)
    return Environment(
        "",
        {
            "PERSISTENCE_MODULE": "eventstore.library",
            "POSTGRES_DBNAME": str(part["dbname"]),
            "POSTGRES_HOST": str(part["host"]),
            "POSTGRES_PORT": str(part.get("port", 5432)),
            "POSTGRES_USER": str(part["user"]),
            "POSTGRES_PASSWORD": str(part.get("password", "")),
            "POSTGRES_ROLE": "daybook_app",
        },
    )


class OnOurLog:
    """A log of its own for every test, reached through the library's own setting."""

    env: Environment
    factory: Any

    @pytest.fixture(autouse=True)
    def on_a_log_of_its_own(self, fresh_database: Database) -> Iterator[None]:
        self.env = environment(fresh_database)
        self.made: list[LogFactory] = []
        yield
        for factory in self.made:
            factory.close()

    def make_factory(self) -> LogFactory:
        factory = InfrastructureFactory.construct(self.env)
        assert isinstance(factory, LogFactory)
        self.made.append(factory)
        return factory


class TestAggregateRecorder(OnOurLog, AggregateRecorderTestCase):
    def create_recorder(self) -> LogAggregateRecorder:
        return self.make_factory().aggregate_recorder()


class TestApplicationRecorder(OnOurLog, ApplicationRecorderTestCase[LogRecorder]):
    def create_recorder(self) -> LogRecorder:
        return self.make_factory().application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestStreamsFromZero(OnOurLog, ApplicationRecorderTestCase[LogRecorder]):
    INITIAL_VERSION = 0

    def create_recorder(self) -> LogRecorder:
        return self.make_factory().application_recorder()


class TestNonInterleaving(OnOurLog, NonInterleavingNotificationIDsBaseCase):
    insert_num = 1000

    def create_recorder(self) -> LogRecorder:
        return self.make_factory().application_recorder()


class TestFactory(OnOurLog, InfrastructureFactoryTestCase[LogFactory]):
    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[LogAggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[LogRecorder]:
        return LogRecorder

    def expected_tracking_recorder_class(self) -> Any:
        raise AssertionError("none is offered")

    def tracking_recorder_subclass(self) -> Any:
        raise AssertionError("none is offered")

    def expected_process_recorder_class(self) -> Any:
        raise AssertionError("none is offered")

    def test_create_tracking_recorder(self) -> None:
        with pytest.raises(NotSupportedError):
            self.factory.tracking_recorder()

    def test_create_process_recorder(self) -> None:
        with pytest.raises(NotSupportedError):
            self.factory.process_recorder()

    def test_snapshots_are_refused(self) -> None:
        with pytest.raises(NotSupportedError):
            self.factory.aggregate_recorder(purpose="snapshots")


class Parcel(Aggregate):
    INITIAL_VERSION = 1

    def __init__(self, weight_grams: int) -> None:
        self.weight_grams = weight_grams

    @event("Weighed")
    def weigh(self, weight_grams: int) -> None:
        self.weight_grams = weight_grams


def test_an_application_of_the_library_records_with_our_metadata(fresh_database: Database) -> None:
    command = Metadata(uuid4(), uuid4(), uuid4(), "api_key", "integrator")
    application: Application[UUID] = Application(dict(environment(fresh_database)))
    pool = log_pool(fresh_database.app_url)
    try:
        parcel = Parcel(400)
        parcel.weigh(420)
        recordings = application.save(parcel, metadata=command)
        assert [recording.notification.id for recording in recordings] == [1, 2]
        copy: Parcel = application.repository.get(parcel.id)
        assert copy.weight_grams == 420
        rows = LogReader(pool).read_stream(parcel.id)
        assert [(row.version, row.command_id, row.causation_id, row.actor_id) for row in rows] == [
            (1, command.command_id, command.causation_id, "integrator"),
            (2, command.command_id, command.causation_id, "integrator"),
        ]
    finally:
        application.close()
        pool.close()


def test_a_hole_in_a_stream_is_refused_through_the_library_too(fresh_database: Database) -> None:
    factory = LogFactory(environment(fresh_database))
    try:
        recorder = factory.application_recorder()
        stream = uuid4()
        recorder.insert_events([StoredEvent(stream, 1, "a", b"")])
        with pytest.raises(IntegrityError):
            recorder.insert_events([StoredEvent(stream, 3, "a", b"")])
    finally:
        factory.close()
