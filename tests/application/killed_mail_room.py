"""A process that notices and sends, and is killed at a named moment; run by a test."""

import os
import signal
import sys
from pathlib import Path

from adapters.mail.smtp import SmtpServer
from eventstore.cursors import Cursor
from eventstore.records import Append, Appended
from tests.application.mail_room import open_mail_room

MOMENTS = (
    "before Requested",
    "after Requested",
    "after the cursor",
    "before Attempted",
    "after Attempted",
    "before Sent",
    "after Sent",
)


def die() -> None:
    """As a power failure does."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(moment: str, app_url: str, folder: str, port: str) -> None:
    """Do the work of notifications; die at ``moment``."""
    with open_mail_room(app_url, Path(folder), SmtpServer("127.0.0.1", int(port), "never")) as room:
        committer = room.office.log._committer  # to die around its append
        append, move = committer.append, Cursor.move

        def appended(asked: Append) -> Appended:
            recorded = asked.events[0].topic.removeprefix("notification.").capitalize()
            if moment == f"before {recorded}":
                die()
            answer = append(asked)
            if moment == f"after {recorded}":
                die()
            return answer

        def moved(cursor: Cursor, position: int) -> None:
            move(cursor, position)
            if moment == "after the cursor":
                die()

        committer.append = appended  # type: ignore[method-assign, assignment]
        Cursor.move = moved  # type: ignore[method-assign, assignment]
        room.work()


if __name__ == "__main__":
    main(*sys.argv[1:])
