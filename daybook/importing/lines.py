"""The lines of an import file: what each one commands, under which key, and whose turn it has to wait for.

A line is `{"command": "orders/{order_id}/invoices", "key": "...", "body": {...}}` with real ids. The body is carried
on as the bytes it was read as: the server judges it. A line must never reach the server without a key of its own,
because then importing twice would command twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

MAX_LINE_BYTES = 4 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ORDER_DOCUMENTS = {"orders", "invoices", "shipments", "credit-memos"}
_COMMAND = re.compile(r"[a-z-]+(/[A-Za-z0-9_~@%:-][A-Za-z0-9._~@%:-]*){0,2}")
_KEY = re.compile(r"[!-+\--~]{1,255}")


class MalformedLine(Exception):
    """The line is no command; says why. Nothing was posted."""

    def __init__(self, number: int, size: int, detail: str) -> None:
        super().__init__(detail)
        self.number = number
        self.size = size
        self.detail = detail


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One command of the file; `subject` is the id in its path or of the order it places, None without any."""

    number: int
    size: int
    command: str
    key: str
    body: bytes
    subject: str | None
    introduces: tuple[str, ...]

    @property
    def concerns_one_order(self) -> bool:
        """False for batches, dispatches and the like: what they do depends on everything before them."""
        return self.command.partition("/")[0] in ORDER_DOCUMENTS


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    command: str
    key: str
    body: msgspec.Raw = msgspec.Raw(b"{}")


class _ChosenIds(msgspec.Struct):
    order_id: Any = None
    invoice_id: Any = None
    shipment_id: Any = None


_written = msgspec.json.Decoder(_Written)
_chosen_ids = msgspec.json.Decoder(_ChosenIds)


def read_lines(path: Path) -> Iterator[Line | MalformedLine]:
    """Every line that is not blank, in the order of the file, one in memory at a time."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE_BYTES):
            number += 1
            size = len(raw) + _skip_the_rest(file, raw)
            if size > len(raw):
                yield MalformedLine(number, size, f"A line may have at most {MAX_LINE_BYTES} bytes")
            elif text := raw.removeprefix(BYTE_ORDER_MARK if number == 1 else b"").strip():
                yield _line_or_why_not(number, size, text)


def _skip_the_rest(file: BinaryIO, raw: bytes) -> int:
    skipped = 0
    while not raw.endswith(b"\n") and (raw := file.readline(MAX_LINE_BYTES)):
        skipped += len(raw)
    return skipped


def _line_or_why_not(number: int, size: int, text: bytes) -> Line | MalformedLine:
    try:
        written = _written.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return MalformedLine(number, size, str(error))
    if not _COMMAND.fullmatch(written.command) or written.command == "bulk":
        return MalformedLine(number, size, f"`command` is no path below /commands: {written.command!r}")
    if not _KEY.fullmatch(written.key):
        return MalformedLine(number, size, "`key` must be 1 to 255 visible ASCII characters without a comma")
    body = bytes(written.body)
    chosen = _ids_in(body)
    path = written.command.split("/")
    subject = path[1].lower() if len(path) > 1 else next(iter(chosen), None)
    introduces = tuple(chosen_id for chosen_id in chosen if chosen_id != subject)
    return Line(number, size, written.command, written.key, body, subject, introduces)


def _ids_in(body: bytes) -> tuple[str, ...]:
    try:
        chosen = _chosen_ids.decode(body)
    except msgspec.DecodeError:
        return ()  # the server will say what is wrong with it
    found = (chosen.order_id, chosen.invoice_id, chosen.shipment_id)
    return tuple(value.lower() for value in found if isinstance(value, str))
