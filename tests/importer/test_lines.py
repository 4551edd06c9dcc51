"""A file of commands is read line by line, and what is no command is said and not posted."""

from pathlib import Path

import pytest

from daybook.importing import lines as import_lines
from daybook.importing.lines import Line, MalformedLine, read_lines

ORDER = "0b1f0c7e-6c5a-4b9e-9d0e-000000000001"
SHIPMENT = "0b1f0c7e-6c5a-4b9e-9d0e-00000000000a"


def lines_of(tmp_path: Path, content: bytes) -> list[Line | MalformedLine]:
    path = tmp_path / "commands.ndjson"
    path.write_bytes(content)
    return list(read_lines(path))


def one_line(tmp_path: Path, text: str) -> Line | MalformedLine:
    (line,) = lines_of(tmp_path, text.encode() + b"\n")
    return line


def test_the_body_is_carried_on_as_it_was_written(tmp_path: Path) -> None:
    line = one_line(tmp_path, '{"command": "orders", "key": "k-1", "body": {"note": "Ærø",  "n": 1.50}}')

    assert isinstance(line, Line)
    assert line.body == '{"note": "Ærø",  "n": 1.50}'.encode()


def test_a_command_without_a_body_posts_an_empty_object(tmp_path: Path) -> None:
    line = one_line(tmp_path, f'{{"command": "orders/{ORDER}/hold", "key": "k-1"}}')

    assert isinstance(line, Line)
    assert (line.command, line.body, line.subject) == (f"orders/{ORDER}/hold", b"{}", ORDER)


def test_placing_is_about_the_order_it_names(tmp_path: Path) -> None:
    line = one_line(tmp_path, f'{{"command": "orders", "key": "k", "body": {{"order_id": "{ORDER.upper()}"}}}}')

    assert isinstance(line, Line)
    assert (line.subject, line.introduces) == (ORDER, ())


def test_booking_introduces_the_shipment_it_names(tmp_path: Path) -> None:
    text = f'{{"command": "orders/{ORDER}/shipments", "key": "k", "body": {{"shipment_id": "{SHIPMENT}"}}}}'
    line = one_line(tmp_path, text)

    assert isinstance(line, Line)
    assert (line.subject, line.introduces) == (ORDER, (SHIPMENT,))


@pytest.mark.parametrize("body", ['{"order_id": 7}', "[]", '"text"', "null"])
def test_a_body_that_the_server_will_refuse_is_posted_all_the_same(tmp_path: Path, body: str) -> None:
    line = one_line(tmp_path, f'{{"command": "orders", "key": "k", "body": {body}}}')

    assert isinstance(line, Line)
    assert line.subject is None


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"command": "orders", "body": {}}',
        '{"command": "orders", "key": "", "body": {}}',
        '{"command": "orders", "key": "two words"}',
        '{"command": "orders", "key": "k\\r\\nHost: elsewhere"}',
        '{"command": "orders", "key": "k", "bdoy": {}}',
        '{"command": "", "key": "k"}',
        '{"command": "/orders", "key": "k"}',
        '{"command": "orders/../queries", "key": "k"}',
        '{"command": "orders?x=1", "key": "k"}',
        '{"command": "orders HTTP/1.1\\r\\n", "key": "k"}',
        '{"command": "bulk", "key": "k"}',
    ],
)
def test_what_is_no_command_is_said(tmp_path: Path, text: str) -> None:
    line = one_line(tmp_path, text)

    assert isinstance(line, MalformedLine)
    assert line.detail


def test_blank_lines_a_byte_order_mark_and_a_missing_last_newline_are_no_fault(tmp_path: Path) -> None:
    command = b'{"command": "orders", "key": "k"}'
    found = lines_of(tmp_path, b"\xef\xbb\xbf" + command + b"\r\n\n  \n" + command)

    assert [(type(line), line.number) for line in found] == [(Line, 1), (Line, 4)]


def test_a_line_that_is_too_long_is_left_out_and_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_lines, "MAX_LINE_BYTES", 64)
    long, short = b'{"key": "' + b"x" * 300 + b'"}\n', b'{"command": "orders", "key": "k"}\n'
    first, second = lines_of(tmp_path, long + short)

    assert isinstance(first, MalformedLine)
    assert isinstance(second, Line)
    assert (first.size, second.number) == (len(long), 2)


def test_the_sizes_of_the_lines_add_up_to_the_file_for_the_progress_bar(tmp_path: Path) -> None:
    content = b'{"command": "orders", "key": "k"}\nno JSON\n'
    assert sum(line.size for line in lines_of(tmp_path, content)) == len(content)


def test_only_commands_about_one_order_run_beside_others(tmp_path: Path) -> None:
    def concerns_one(command: str) -> bool:
        line = one_line(tmp_path, f'{{"command": "{command}", "key": "k"}}')
        assert isinstance(line, Line)
        return line.concerns_one_order

    assert all(concerns_one(path) for path in ("orders", f"orders/{ORDER}/hold", f"shipments/{SHIPMENT}/cancel"))
    assert not any(concerns_one(path) for path in ("batches", "dispatches", "tracking-events", "customers/c-1/erase"))
