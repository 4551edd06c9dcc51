"""Lists of JSON objects in foreign files, one object in memory at a time, numbers as decimals."""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import ijson  # type: ignore[import-untyped]  # it ships no types

from daybook.importing.sources.encodings import encoding_of
from daybook.importing.sources.order import Notes, SourceOrder
from daybook.importing.sources.refused import Unreadable
from daybook.importing.sources.shelf import Kept

UTF_8 = "utf-8"


def read_list(path: Path, prefix: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects at ``prefix`` (as ijson names places: "item", "orders.items.item"), counted from 1."""
    try:
        with _opened(path) as file:
            for n, found in enumerate(ijson.items(file, prefix), start=1):
                if not isinstance(found, dict):
                    raise Unreadable(f"{path}: entry {n} of {prefix} is no object")
                yield n, found
    except ijson.JSONError as error:
        raise Unreadable(f"{path} is no JSON, or is cut off: {error}") from None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file as UTF-8, whatever the mark is that some programs put in front of it (PowerShell's is of UTF-16)."""
    encoding = encoding_of(path, UTF_8)
    with path.open("rb") as file:
        yield file if encoding == UTF_8 else cast("BinaryIO", _Recoded(file, encoding))


class _Recoded:
    """A file that is read as if it were UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int = -1) -> bytes:
        """About so much of it; nothing only at its end, or where nothing is asked for."""
        while size:
            found = self._file.read(size)
            text = self._decoder.decode(found, final=not found)
            if text or not found:
                return text.encode()
        return b""


def newest(things: Sequence[Kept], changed: Sequence[str]) -> list[Kept]:
    """Of an order that stands several times in the files, pages that overlap or older ones beside, the newest alone.

    Two that are moved at the same time would each be told that nothing of the other is here. ``changed`` names the
    fields that say when it was changed.
    """

    def when(thing: Kept) -> str:
        return next((str(thing.value[name]) for name in changed if thing.value.get(name)), "")

    return [max(reversed(things), key=when)] if things else []


def told_once(order: SourceOrder, times: int) -> SourceOrder:
    """The same, with a word on how often it stands in the files."""
    if times > 1:
        order.notes.assumed.append(f"it stands {times} times in the files: the newest is taken")
    return order


def why_no_order(error: Exception, of: str) -> str:
    """What to tell people of an entry that does not have the fields of an order, or has them in another form."""
    if isinstance(error, KeyError):
        return f"The entry is no order of {of}: it has no {error.args[0]}. Fetch it again, with all its fields"
    return f"The entry is no order of {of}: a field is of another kind than there ({error}). Fetch it again, unchanged"


def shape_of(path: Path) -> tuple[str, list[str]]:
    """What the file is as a whole ("list" or "object"), and the names in its first object.

    Of an object that is a page of a search, the names up to `items` are enough.
    """
    try:
        with _opened(path) as file:
            events = ijson.parse(file)
            _prefix, first, _value = next(events, ("", "", None))
            if first == "start_array":
                return "list", [value for _, event, value in _first_entry(events) if event == "map_key"]
            names: list[str] = []
            for prefix, event, value in events:
                if event == "map_key" and prefix == "":
                    names.append(value)
                    if value == "items":
                        break
            return "object", names
    except ijson.JSONError as error:
        raise Unreadable(f"{path} is no JSON, or is cut off: {error}") from None


def _first_entry(events: Iterator[tuple[str, str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """What is directly in the first object of a list."""
    for prefix, event, value in events:
        if prefix == "item" and event == "end_map":
            return
        if prefix == "item":
            yield prefix, event, value


def report_unknown(found: Mapping[str, Any], fields: Mapping[str, str], what: str, notes: Notes) -> None:
    """What nobody knows is dropped, and said so with its name; what is empty says nothing."""
    for name, value in found.items():
        if name not in fields and value not in (None, "", [], {}, 0, False):
            notes.dropped.append(f"{what}{name}: {str(value)[:200]}")
