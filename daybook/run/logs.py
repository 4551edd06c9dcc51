"""Logs: one JSON object per line on standard error, from our own loggers and those of the libraries alike.

What is personal or secret must never be logged; this module cannot see to that, so no logger is given a request's body.
"""

import json
import logging
import sys

import msgspec
import structlog

from daybook.run.log_lines import LineBuffer, LineLogger


def configure(process: str) -> None:
    """Set up logging once per process; ``process`` says who wrote a line that names nobody itself."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    lines = LineBuffer(sys.stderr)
    structlog.contextvars.clear_contextvars()
    structlog.configure(
        processors=[*shared, _named(process), _as_json],
        logger_factory=lambda *_: LineLogger(lines),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(lines)  # flushes after every line
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _named(process),
                _as_json,
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


_encode = msgspec.json.Encoder(order="sorted", enc_hook=repr).encode


def _as_json(_logger: object, _method: str, line: structlog.typing.EventDict) -> str:
    try:
        return _encode(line).decode()
    except (TypeError, UnicodeEncodeError):  # half a surrogate, say of a file's name; keys that are no text
        return json.dumps({name: str(value) for name, value in line.items()}, sort_keys=True)


def _named(process: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"process": process, **line}

    return add
