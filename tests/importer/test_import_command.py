"""`daybook import` gets every command done exactly once and writes down every answer, whatever the line does."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from daybook.importing import client as import_client
from daybook.importing.command import import_command
from tests.importer.unreliable_server import Answer, unreliable_server

EMPTY_ORDER: Answer = (422, {"code": "empty_order", "status": 422, "title": "Empty order"})


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_client, "PAUSES_SECONDS", (0.0, 0.01))


def commands(tmp_path: Path, orders: int, per_order: int = 3) -> Path:
    path = tmp_path / "commands.ndjson"
    with path.open("w") as file:
        for number in range(orders * per_order):
            order = f"00000000-0000-4000-8000-{number // per_order:012}"
            line = {"command": f"orders/{order}/comment", "key": f"k-{number:04}", "body": {"text": f"{number}"}}
            file.write(json.dumps(line) + "\n")
    return path


def run(path: Path, port: int, *options: str) -> Result:
    return CliRunner().invoke(import_command, [str(path), "--port", str(port), "--key", "a-key", *options])


def results(path: Path) -> list[dict[str, Any]]:
    with Path(f"{path}.results.ndjson").open() as file:
        return sorted((json.loads(line) for line in file), key=lambda result: int(result["line"]))


def test_every_line_is_posted_and_has_a_result(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=40)
    with unreliable_server() as server:
        result = run(path, server.port)

    assert result.exit_code == 0, result.output
    assert "120 accepted, 0 refused" in result.output
    assert sorted(server.asked) == [f"k-{number:04}" for number in range(120)]
    assert [answer["key"] for answer in results(path)] == sorted(server.asked)
    assert {(answer["status"], answer["order_status"]) for answer in results(path)} == {(201, "Pending")}


def test_the_body_and_the_path_are_posted_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "commands.ndjson"
    path.write_text('{"command": "orders", "key": "k", "body": {"note": "Ærø",  "n": 1.50}}\n')
    with unreliable_server() as server:
        run(path, server.port)

    assert server.paths == ["orders"]
    assert server.bodies == ['{"note": "Ærø",  "n": 1.50}'.encode()]


@pytest.mark.parametrize(("options", "told"), [((), None), (("--history",), "true")])
def test_history_is_told_as_such(tmp_path: Path, options: tuple[str, ...], told: str | None) -> None:
    with unreliable_server() as server:
        result = run(commands(tmp_path, orders=2), server.port, *options)

    assert result.exit_code == 0, result.output
    assert server.histories == {told}


@pytest.mark.parametrize("what", ["lose the request", "lose the answer"])
def test_a_lost_line_is_asked_again_with_the_same_key_and_done_once(tmp_path: Path, what: str) -> None:
    path = commands(tmp_path, orders=20)
    with unreliable_server(lambda key, attempt: what if int(key[2:]) % 7 == 0 and attempt == 1 else None) as server:
        result = run(path, server.port)

    assert result.exit_code == 0, result.output
    assert sorted(server.done) == [f"k-{number:04}" for number in range(60)]
    assert server.asked.count("k-0007") >= 2
    assert [answer["key"] for answer in results(path)] == sorted(server.done)


def test_what_comes_after_a_line_without_an_answer_waits_for_it(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=1, per_order=4)
    later: Answer = (503, {"code": "log_unavailable"})
    with unreliable_server(lambda key, attempt: later if key == "k-0001" and attempt < 3 else None) as server:
        result = run(path, server.port)

    assert result.exit_code == 0, result.output
    assert list(server.done) == [f"k-{number:04}" for number in range(4)]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_takes_no_more_requests_is_asked_again(tmp_path: Path, status: int) -> None:
    with unreliable_server() as server:
        server.instead = lambda number: (status, b'{"code": "bulk_busy"}') if number < 6 else None
        result = run(commands(tmp_path, orders=3), server.port)

    assert result.exit_code == 0, result.output
    assert len(server.done) == 9


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, b'{"code": "not_found", "detail": "There is nothing here."}'), "404 not_found There is nothing here."),
        ((413, b"<html>too large</html>"), "413 unreadable_answer <html>too large</html>"),
    ],
)
def test_a_server_that_knows_no_bulk_requests_ends_the_import(
    tmp_path: Path, answer: tuple[int, bytes], told: str
) -> None:
    with unreliable_server() as server:
        server.instead = lambda _number: answer
        result = run(commands(tmp_path, orders=3), server.port)

    assert result.exit_code == 1
    assert f"does not take commands: {told}" in result.output


def test_of_many_orders_a_line_each_goes_in_one_request(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=400, per_order=2)
    with unreliable_server() as server:
        result = run(path, server.port)

    assert result.exit_code == 0, result.output
    assert len(server.requests) < 80
    for request in server.requests:
        orders = [int(key[2:]) // 2 for key in request.keys]
        assert len(set(orders)) == len(orders)


def test_a_line_about_many_orders_is_done_alone(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=20)
    lines = path.read_text().splitlines()
    lines.insert(30, '{"command": "batches", "key": "batch", "body": {}}')
    path.write_text("\n".join(lines))
    with unreliable_server() as server:
        assert run(path, server.port).exit_code == 0

    (alone,) = [request for request in server.requests if "batch" in request.keys]
    assert alone.keys == ("batch",)
    before = [request for request in server.requests if any(key < "k-0030" for key in request.keys if key != "batch")]
    after = [request for request in server.requests if any(key >= "k-0030" for key in request.keys)]
    assert max(request.ended for request in before) <= alone.began
    assert alone.ended <= min(request.began for request in after)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_answer_that_says_not_now_is_asked_again(tmp_path: Path, status: int) -> None:
    path = commands(tmp_path, orders=3)
    with unreliable_server(lambda _key, attempt: (status, {"code": "later"}) if attempt < 4 else None) as server:
        result = run(path, server.port)

    assert result.exit_code == 0, result.output
    assert all(server.asked.count(key) == 4 for key in server.done)


def test_a_line_that_fails_in_the_server_is_given_up_alone(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=3)
    with unreliable_server(lambda key, _: (500, {"code": "internal_error"}) if key == "k-0004" else None) as server:
        result = run(path, server.port)

    assert result.exit_code == 1
    assert "1  500 internal_error" in result.output
    assert server.asked.count("k-0004") == 3
    assert len(server.done) == 8


def test_a_refusal_is_written_down_and_the_import_goes_on(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=4)
    with unreliable_server(lambda key, _: EMPTY_ORDER if key == "k-0003" else None) as server:
        result = run(path, server.port)

    assert result.exit_code == 1
    assert "11 accepted, 1 refused" in result.output
    assert server.asked.count("k-0003") == 1
    assert results(path)[3] == {
        "line": 4,
        "key": "k-0003",
        "status": 422,
        "code": "empty_order",
        "title": "Empty order",
    }


def test_an_expected_refusal_is_no_failure(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=4)
    with unreliable_server(lambda key, _: EMPTY_ORDER if key == "k-0003" else None) as server:
        assert run(path, server.port, "--expect-refusals", "empty_order").exit_code == 0
        assert run(path, server.port, "--expect-refusals", "totals_mismatch").exit_code == 1


def test_a_line_that_is_no_command_is_counted_and_not_posted(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=1)
    path.write_text(path.read_text() + '{"command": "orders", "body": {}}\n')
    with unreliable_server() as server:
        result = run(path, server.port)

    assert result.exit_code == 1
    assert len(server.asked) == 3
    assert results(path)[3]["code"] == "malformed_line"


def test_importing_again_changes_nothing_and_gives_the_same_answers(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=10)
    with unreliable_server() as server:
        run(path, server.port)
        first, done = results(path), dict(server.done)
        result = run(path, server.port)

    assert result.exit_code == 0
    assert server.done == done
    assert results(path) == first


def test_commands_of_one_order_arrive_in_their_order(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=30, per_order=5)
    with unreliable_server(lambda key, attempt: "lose the answer" if key.endswith("1") and attempt == 1 else None) as s:
        run(path, s.port)

    for order in range(30):
        mine = [key for key in s.done if int(key[2:]) // 5 == order]
        assert mine == sorted(mine)


def test_a_server_that_stays_away_stops_the_import(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=200)
    with unreliable_server() as server:
        port = server.port
    result = run(path, port, "--patience", "0.2")

    assert result.exit_code == 1
    assert f"No answer from 127.0.0.1:{port}" in result.output
    assert results(path) == []


def test_a_key_that_is_refused_stops_the_import_at_once(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=200)
    with unreliable_server() as server:
        server.instead = lambda _number: (401, b'{"code": "unauthorized"}')
        result = run(path, server.port)

    assert result.exit_code == 1
    assert "refuses the API key: 401 unauthorized" in result.output
    assert server.count <= 4


def test_a_command_that_the_key_may_not_send_ends_the_import(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=5)
    forbidden: Answer = (403, {"code": "forbidden"})
    with unreliable_server(lambda key, _: forbidden if key == "k-0000" else None) as server:
        result = run(path, server.port)

    assert result.exit_code == 1
    assert "refuses the API key: 403 forbidden" in result.output


def test_results_that_cannot_be_read_are_asked_for_again(tmp_path: Path) -> None:
    with unreliable_server() as server:
        server.instead = lambda number: (200, b'[]\n{"line": 99, "status": 201}\n<html>') if number == 1 else None
        result = run(commands(tmp_path, orders=1), server.port)

    assert result.exit_code == 0, result.output
    assert len(server.done) == 3


def test_the_results_go_to_stdout_when_asked_and_nothing_else_does(tmp_path: Path) -> None:
    path = commands(tmp_path, orders=2)
    with unreliable_server() as server:
        result = run(path, server.port, "--results", "-")

    assert len([json.loads(line) for line in result.stdout.splitlines()]) == 6
    assert not Path(f"{path}.results.ndjson").exists()


def test_the_key_comes_from_the_home_of_the_server_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBOOK_HOME", str(tmp_path / "var"))
    path = commands(tmp_path, orders=1)
    with unreliable_server() as server:
        monkeypatch.setenv("PORT", str(server.port))
        missing = CliRunner().invoke(import_command, [str(path)])
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / "dev-keys.json").write_text('{"integrator": "from-the-home"}')
        found = CliRunner().invoke(import_command, [str(path)])

    assert missing.exit_code == 1
    assert "There is no API key in" in missing.output
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize("options", [["--url", "ftp://orders.example"], ["--key", "two\nlines"], ["--url", "nowhere"]])
def test_an_address_or_key_that_cannot_be_is_said(tmp_path: Path, options: list[str]) -> None:
    result = run(commands(tmp_path, orders=1), 1, *options)
    assert result.exit_code == 2
    assert "Invalid value for --" in result.output
