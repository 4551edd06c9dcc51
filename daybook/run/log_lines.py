"""Log lines on their way out: collected, and written together a few times a second.

Writing gives up Python's one lock, so a request thread that writes its own line waits for all others to run: at 32
connections that took a fifth of the time of every request. Warnings and worse are written at once, with all that was
collected before them, and so is what is left when the process ends. Only a process that is killed without notice
loses lines: those of the last twentieth of a second.
"""

import atexit
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.util import Finalize
from time import sleep
from typing import TextIO

WRITE_SECONDS = 0.05
LINES_MAX = 5_000


class LineBuffer:
    """A text stream for log handlers: ``write`` collects, ``flush`` writes what was collected, in its order."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._collected: deque[str] = deque()
        self._writing = threading.RLock()  # what is collected as garbage meanwhile may log in the same thread
        threading.Thread(target=self._write_regularly, name="log lines", daemon=True).start()
        atexit.register(self.flush)
        Finalize(None, self.flush, exitpriority=0)  # where a process of multiprocessing ends, atexit is not asked

    def write(self, text: str) -> int:
        """Collect a text; a stream that is slower than the process has it wait."""
        self._collected.append(text)
        if len(self._collected) > LINES_MAX:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Write everything that was collected until now.

        Where nobody reads any more there is nobody to tell: such lines are dropped, and the work goes on.
        """
        with self._writing, suppress(OSError, ValueError):  # a broken pipe; a stream that was closed
            if text := "".join(self._taken()):
                self._stream.write(text)
                self._stream.flush()

    def _taken(self) -> Iterator[str]:
        with suppress(IndexError):
            while True:
                yield self._collected.popleft()

    def _write_regularly(self) -> None:
        while True:
            sleep(WRITE_SECONDS)
            self.flush()


class LineLogger:
    """What structlog logs to: information is collected, warnings and worse are written at once."""

    def __init__(self, lines: LineBuffer) -> None:
        self._lines = lines

    def msg(self, message: str) -> None:
        self._lines.write(message + "\n")

    def warning(self, message: str) -> None:
        self._lines.write(message + "\n")
        self._lines.flush()

    debug = info = msg
    warn = error = exception = critical = fatal = warning
