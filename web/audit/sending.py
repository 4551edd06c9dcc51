"""Sending long answers: what is held for them is let go of, and none holds a turn while it is made or sent."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from flask import Response, request

from web.capacity import TURN


@contextmanager
def without_turn() -> Iterator[None]:
    """Let others work meanwhile, for as long as the block lasts. Raises Problem 503 without a turn after it."""
    mine = request.environ.get(TURN)
    if mine is not None:
        mine.give_back()
    yield
    if mine is not None:
        mine.take()


def sent(held: ExitStack, pieces: Iterator[bytes], content_type: str, headers: Mapping[str, str]) -> Response:
    """The answer; what is held is let go of with its last piece, or when its reader leaves, even before the first."""

    def send() -> Iterator[bytes]:
        with held:
            yield from pieces

    answer = Response(send(), content_type=content_type, headers={"Cache-Control": "no-store"} | dict(headers))
    answer.call_on_close(held.close)
    return answer
