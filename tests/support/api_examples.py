"""Examples of the API's requests and answers, taken from executed tests.

The tests write down what they are answered (``tests.support.described``), this keeps one example of each answer and of
each problem code, short enough to be read:

    DAYBOOK_RECORD_ANSWERS=/tmp/answers.ndjson make test ARGS="tests/web tests/journeys" JOBS=1
    .venv/bin/python -m tests.support.api_examples /tmp/answers.ndjson

A test holds every example against the description. Nothing here makes an example up, but for the secrets, which nobody
is to mistake for one in use.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Json = dict[str, Any]

EXAMPLES = Path(__file__).resolve().parents[2] / "web" / "openapi" / "examples.json"
ITEMS_MAX = 2
BYTES_MAX = 8_000
PROBLEM = 400
SECRET = "whsec_" + 43 * "A" + "="


def examples(recorded: Iterable[Json]) -> Json:
    """By operation an example of what is sent and answered, by problem code an example of the problem."""
    operations: Json = {}
    problems: Json = {}
    for each in recorded:
        if each["status"] >= PROBLEM:
            problems.setdefault(each["answer"]["code"], each["answer"])
            continue
        kept = operations.get(each["operation"])
        shown = {"status": each["status"], "sent": each["sent"], "answer": shortened(each["answer"])}
        if _richness(shown) > (0 if kept is None else _richness(kept)):
            operations[each["operation"]] = shown
    return {"operations": dict(sorted(operations.items())), "problems": dict(sorted(problems.items()))}


def _richness(shown: Json) -> int:
    """The more an example shows the better, up to what is still read."""
    size = len(json.dumps(shown["answer"])) + 10 * len(json.dumps(shown["sent"]))
    return size if size <= BYTES_MAX else 0


def shortened(value: Any) -> Any:
    """The value with the first items of long lists, and a secret that says nothing."""
    if isinstance(value, list):
        return [shortened(each) for each in value[:ITEMS_MAX]]
    if isinstance(value, dict):
        return {name: SECRET if name == "secret" else shortened(each) for name, each in value.items()}
    return value


def main(path: Path) -> None:
    """Write the examples of a file of recorded answers."""
    with path.open(encoding="utf-8") as file:
        found = examples(map(json.loads, file))
    EXAMPLES.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8")
    print(f"{len(found['operations'])} operations, {len(found['problems'])} problems")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
