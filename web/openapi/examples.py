"""Examples in the description: what executed tests sent and were answered (examples.json), put where they belong.

``python -m tests.support.api_examples`` makes the file. An operation without an example is described without one.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

Json = dict[str, Any]


@cache
def kept() -> Json:
    """By operation what was sent and answered, by problem code a problem."""
    found: Json = json.loads((files("web.openapi") / "examples.json").read_text(encoding="utf-8"))
    return found


def with_examples(document: Json) -> Json:
    """The document with an example of each answer and body, and of every problem by its status."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            example = kept()["operations"].get(f"{method.upper()} {path}")
            if example is not None:
                _add(operation, example)
    for name, response in document["components"]["responses"].items():
        _add_problems(response, int(name.removeprefix("Problem")))
    return document


def _add_problems(response: Json, status: int) -> None:
    """Examples of the problems of a status, by their codes."""
    examples = {
        code: {"summary": problem["title"], "value": problem}
        for code, problem in kept()["problems"].items()
        if problem["status"] == status
    }
    for media in response["content"].values():
        media["examples"] = examples


def _add(operation: Json, example: Json) -> None:
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if example["sent"] is not None:
            media["examples"] = {"executed": {"value": example["sent"]}}
    answer = operation["responses"].get(str(example["status"]), {})
    media = answer.get("content", {}).get("application/json")
    if media is not None:
        media["examples"] = {"executed": {"value": example["answer"]}}
