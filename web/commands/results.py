"""The result of one line of many commands: the fields of its answer, or of its problem, beside those of the line.

A bulk request sends them, and an import reads them and writes them down, in the same form.
"""

from collections.abc import Mapping
from typing import Any

OF_THE_LINE = {"line", "key", "status", "order_status", "replayed"}


def result_of(line: int | None, key: str | None, status: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """What became of a line: ``status`` is that of HTTP; the own status of what was changed is its ``order_status``."""
    result: dict[str, Any] = {"line": line, "key": key, **told, "status": status}
    own = told.get("status")
    if isinstance(own, str):
        result["order_status"] = own
    return result


def answer_in(result: Mapping[str, Any]) -> dict[str, Any]:
    """The answer or the problem that a result was made of."""
    told = {name: value for name, value in result.items() if name not in OF_THE_LINE}
    own = result.get("order_status")
    return told | {"status": own} if isinstance(own, str) else told
