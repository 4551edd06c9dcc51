"""A running Daybook, and its description as a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import Running


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        run = Running(tmp_path_factory.mktemp("clients") / "home")
        try:
            yield run.wait_until_ready()
        finally:
            run.close()


@pytest.fixture(scope="package")
def described(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the description that the server publishes."""
    status, document = running.ask("/openapi.json")
    assert status == 200
    path = tmp_path_factory.mktemp("described") / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
