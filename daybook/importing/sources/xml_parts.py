"""A foreign XML file as parts that remember what of them was read, so that nothing is left out in silence.

None with a document type: entities that grow to gigabytes cannot be declared. Names are without namespaces.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from daybook.importing.sources.encodings import encoding_of
from daybook.importing.sources.refused import Unreadable

FILE_MAX = 16_000_000
DECLARATION_MAX = 200
ENCODINGS = frozenset({"utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"})
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding=["']([A-Za-z0-9_-]+)["']""")


class Part:
    """One element and what is below it."""

    def __init__(self, element: ET.Element, seen: set[int] | None = None) -> None:
        self._element = element
        self._seen = set() if seen is None else seen

    @property
    def name(self) -> str:
        return self._element.tag.rpartition("}")[2]

    def parts(self, path: str) -> "list[Part]":
        """Those at a path such as "Party/PartyName"."""
        found = [self._element]
        for name in path.split("/"):
            found = [child for each in found for child in each if child.tag.rpartition("}")[2] == name]
        return [Part(each, self._seen) for each in found]

    def text(self, path: str = "") -> str:
        """The first text at a path, "" where there is none; it counts as read."""
        part = next(iter(self.parts(path)), None) if path else self
        if part is None:
            return ""
        self._seen.add(id(part._element))
        return (part._element.text or "").strip()

    def attribute(self, path: str, name: str) -> str:
        """An attribute of the first element at a path."""
        part = next(iter(self.parts(path)), None)
        return "" if part is None else part._element.get(name, "")

    def said_of(self, name: str) -> Iterator[tuple[str, str]]:
        """The elements that have an attribute, with what it says."""
        for each in self._element.iter():
            if (said := each.get(name)) is not None:
                yield each.tag.rpartition("}")[2], said

    def read_whole(self, path: str) -> None:
        """Nothing below is to be reported as unread."""
        for part in self.parts(path):
            self._seen.update(id(each) for each in part._element.iter())

    def unread(self, below: str = "") -> Iterator[tuple[str, str]]:
        """Path and text of everything that says something and was not read."""
        for child in self._element:
            part = Part(child, self._seen)
            path = f"{below}{part.name}"
            if len(child):
                yield from part.unread(f"{path}/")
            elif id(child) not in self._seen and (child.text or "").strip():
                yield path, (child.text or "").strip()


def _declared(path: Path) -> str:
    """The encoding that the first line names, if it is one of those that XML is written in; else UTF-8."""
    with path.open("rb") as file:
        found = _DECLARED.match(file.read(DECLARATION_MAX))
    named = found[1].decode("ascii").lower() if found else ""
    return named if named in ENCODINGS else "utf-8"


def read_xml(path: Path, root: str) -> Part:
    """The element of a file; raises Unreadable when it is another, or no XML that is taken."""
    if path.stat().st_size > FILE_MAX:
        raise Unreadable(f"{path} is larger than {FILE_MAX // 1_000_000} MB")
    try:
        text = path.read_bytes().decode(encoding_of(path, _declared(path)))
        if "<!DOCTYPE" in text:
            raise Unreadable(f"{path} has a document type, which no order needs")
        part = Part(ET.fromstring(text))  # noqa: S314  (without a document type there are no entities to expand)
    except UnicodeError:
        raise Unreadable(f"{path} is not encoded as its first line says, which is {_declared(path)}") from None
    except ET.ParseError as error:
        raise Unreadable(f"{path} is no XML, or is cut off: {error}") from None
    if part.name != root:
        raise Unreadable(f"{path} is no {root} of UBL, but a {part.name[:40]}")
    return part
