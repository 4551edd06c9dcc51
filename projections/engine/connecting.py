"""How the projections connect to the database."""

from typing import Any

from psycopg import Connection


def connect(conninfo: str, kind: type[Connection[Any]] = Connection) -> Connection[Any]:
    """A connection for projecting: autocommit outside of batches, times in UTC.

    A machine that vanished must not hold its slices for the hours that TCP would wait, hence the keepalives; nor one
    that stands still in the middle of a batch. A ``PatientConnection`` gives up on a server that stands still.
    """
    connection: Connection[Any] = kind.connect(
        conninfo,
        autocommit=True,
        connect_timeout=10,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
    connection.execute(
        "SELECT set_config('TimeZone', 'UTC', false), set_config('tcp_keepalives_idle', '5', false), "
        "set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '3', false), "
        "set_config('idle_in_transaction_session_timeout', '60s', false)"
    )
    return connection
