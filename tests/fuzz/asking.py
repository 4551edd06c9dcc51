"""One role's requests: made up, sent to a running Daybook, each answer held against the description."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from access.roles import Role
from tests.fuzz.known import Known
from tests.fuzz.sensible import Sense
from tests.support.described import Answered, check, check_sent

Json = dict[str, Any]

BAD, UNAUTHENTICATED, FORBIDDEN = 400, 401, 403
TOO_LONG = {414, 431}
CREATED = 201
# Bodies of lines are not JSON: tests/web/test_bulk.py sends them.
LEFT_OUT = frozenset({"/commands/bulk"})
# What brings things into being is asked more often than the rest, so that the rest has something to be about.
OFTEN = {
    "place_order": 70,
    "issue_invoice": 50,
    "book_shipment": 50,
    "capture_payment": 30,
    "create_batch": 12,
    **dict.fromkeys(("create_dispatch", "refund_invoice", "process_batch", "create_webhook", "get_order"), 6),
}
SECONDS = 30.0
# The first that is made up is always the plainest.
FEW = 2


def never_our_fault(_context: object, response: Any, _case: schemathesis.Case[Any]) -> None:
    """503 is an answer; 500 is none."""
    assert response.status_code != 500, response.text


def never_taken_wrong(context: Any, response: Any, case: schemathesis.Case[Any]) -> bool | None:
    """What violates the description is refused; too long an address by the server itself."""
    return None if response.status_code in TOO_LONG else negative_data_rejection(context, response, case)


CHECKS = [
    never_our_fault,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    never_taken_wrong,
]


@dataclass
class Tally:
    """How it went: by operation how many requests and how many that were done, what came into being, what was wrong."""

    asked: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    def count(self, operation: str, status: int) -> None:
        self.asked[operation] += 1
        self.statuses[status] += 1
        if status < 300:
            self.done[operation] += 1
        if status == CREATED:
            self.created[operation] += 1


class Asking:
    """A role with its key, or nobody, who asks a running Daybook for whatever the description offers."""

    def __init__(
        self, schema: schemathesis.BaseSchema, role: Role | None, key: str | None, known: Known, random: Random
    ) -> None:
        self._schema = schema
        self._role = role
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._known = known
        self._random = random
        self._sense = Sense(known, random)
        self._session = requests.Session()
        self.tally = Tally()

    def ask(self, requests: int, number: int) -> Tally:
        """Send as many requests; what schemathesis or the closed schemas find stands in ``faults``, once of a kind.

        All operations come up, as cards of a deck that is shuffled anew when it is at its end.
        """
        random, deck = Random(number), self._deck()
        while self.tally.asked.total() < requests:
            random.shuffle(deck)
            for card in deck:
                if self.tally.asked.total() >= requests:
                    break
                card(random.getrandbits(64))
        return self.tally

    def _deck(self) -> list[Callable[[int], None]]:
        """Cards that send a few right or wrong requests to an operation; three of right ones to one of wrong ones."""
        deck = []
        for result in self._schema.get_all_operations():
            if not isinstance(result, Ok):
                raise result.err()
            operation = result.ok()
            if operation.path in LEFT_OUT:
                continue
            right = OFTEN.get(operation.definition.raw["operationId"], 2)
            deck += [self._card(operation, GenerationMode.POSITIVE)] * right
            deck.append(self._card(operation, GenerationMode.NEGATIVE))
        return deck

    def _card(self, operation: Any, mode: GenerationMode) -> Callable[[int], None]:
        @settings(
            max_examples=FEW,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: schemathesis.Case[Any]) -> None:
            try:
                self._send(case)
            except (AssertionError, FailureGroup) as found:
                self._note(case, found)

        def play(number: int) -> None:
            with suppress(Unsatisfiable):  # a path without parameters cannot be asked wrongly
                seed(number)(send)()

        return play

    def _note(self, case: schemathesis.Case[Any], found: BaseException) -> None:
        all_of_it = found.exceptions if isinstance(found, FailureGroup) else [found]
        for each in all_of_it:
            kind = f"{case.operation.label}: {type(each).__name__}"
            again = case.as_curl_command({"Authorization": "Bearer $KEY"})
            self.tally.faults.setdefault(kind, f"{kind}\n{str(each)[:1500]}\n{again[:1500]}")

    def _send(self, case: schemathesis.Case[Any]) -> None:
        right = case.meta is None or not case.meta.generation.mode.is_negative
        if right:
            self._sense.make(case)
            if case.headers and "Authorization" in case.headers:
                del case.headers["Authorization"]  # schemathesis makes keys up; ours comes below, or none
        elif case.query and "wait" in case.query:
            case.query["wait"] = "-1"  # as wrong as before, and nobody has to wait
        response = case.call(session=self._session, headers=self._headers, timeout=SECONDS)
        self.tally.count(case.operation.definition.raw["operationId"], response.status_code)
        case.validate_response(response, checks=CHECKS)
        self._hold(case, response)
        self._see_rights(case, response, right)

    def _hold(self, case: schemathesis.Case[Any], response: Any) -> None:
        """Hold the answer against the closed schemas, and learn from it."""
        operation = case.operation.definition.raw
        body = response.content if "json" in str(response.headers.get("content-type")) else None
        headers = [(name, values[0]) for name, values in response.headers.items()]
        check(Answered(case.method.upper(), case.operation.path, response.status_code, headers, body))
        if response.status_code < 300 and body:
            answer = json.loads(body.splitlines()[0] if body.startswith(b'{"') and b"\n{" in body else body)
            self._known.learn(answer)
            if isinstance(case.body, dict):
                check_sent(case.operation.label, "POST", case.operation.path, case.body)
                if operation["operationId"] == "place_order":
                    self._known.placed(answer["order_id"], case.body)

    def _see_rights(self, case: schemathesis.Case[Any], response: Any, right: bool) -> None:
        """Who may not is told so, who may is not, but for a customer's key about others, and for what is history."""
        if self._may(case.operation.definition.raw):
            about_more = self._role is Role.CUSTOMER or "Daybook-History" in (case.headers or {})
            assert response.status_code != FORBIDDEN or about_more, response.text
        elif right:
            assert response.status_code == (FORBIDDEN if self._role else UNAUTHENTICATED), response.text
        else:
            assert response.status_code >= BAD, f"{self._role} did {case.operation.label}"

    def _may(self, operation: Json) -> bool:
        """Whether the description lets the role do this."""
        return not operation["security"] or any(self._role in each["key"] for each in operation["security"])
