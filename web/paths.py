"""Which path leads to which view, and what of somebody is seen there: said where the path is made, nowhere else."""

from typing import Literal

from flask import Flask

from web import observing
from web.guard import View
from web.noting import Noting

Shows = Literal["list", "detail", "history", "past_grid", "access_report", "report", "export", "document"]
"""Under which kind it is noted who looked at personal data."""
NOTHING = None
"""Of nobody anything, or of customers what they look at themselves."""


class Paths:
    """The paths of one application; ``shown`` is what each shows, by method and path."""

    def __init__(self, app: Flask, noting: Noting) -> None:
        self.app = app
        self.shown: dict[tuple[str, str], Shows | None] = {}
        self._noting = noting

    def get(self, path: str, view: View, *, shows: Shows | None) -> None:
        """What is looked at; who does is noted unless it ``shows`` NOTHING."""
        self.add("GET", path, view, shows=shows)

    def post(self, path: str, view: View) -> None:
        """What is done; its answer shows nothing that was not sent."""
        self.add("POST", path, view, shows=NOTHING)

    def add(self, method: str, path: str, view: View, *, shows: Shows | None) -> None:
        """Either."""
        self.shown[method, path] = shows
        routed = observing.routed(path, view)
        seen = routed if shows is None else self._noting.look(shows, path, routed)
        self.app.add_url_rule(path, endpoint=f"{method} {path}", view_func=seen, methods=[method])
