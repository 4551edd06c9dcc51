"""The series that numbers of documents are drawn from, as the log counts them."""

from typing import Any

from psycopg import Connection


def last_numbers(connection: Connection[Any]) -> dict[str, int]:
    """The last number that was drawn from each series, by its name."""
    return dict(connection.execute("SELECT series, last_number FROM log.number_series ORDER BY series").fetchall())
