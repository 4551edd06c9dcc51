"""Which order a line of a file concerns, as far as the file tells: by its path, or by an earlier line."""

from daybook.importing.lines import Line

REMEMBERED = 100_000


class Orders:
    """A line that names only a shipment or an invoice belongs to the order whose earlier line introduced that id.

    Memory is bounded: the oldest of `REMEMBERED` introductions is forgotten first.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, line: Line) -> str:
        """The order, or something of its own for a line that names none."""
        subject = line.subject or f"line {line.number}"
        order = self._known.get(subject, subject)
        for introduced in line.introduces:
            self._known[introduced] = order
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        return order
