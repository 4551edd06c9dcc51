"""The live application against its own OpenAPI document: requests made from the document, right ones and wrong ones.

Schemathesis makes them up; every answer must be one that the document announces, and never a 500. Here an administrator
asks; tests/fuzz has every role ask a running server, about orders that exist.
"""

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from access.roles import Role
from tests.fuzz.asking import CHECKS
from tests.web.edge import bearer
from tests.web.live import Site
from web.commands.routes import ROUTES
from web.openapi.document import describe

OPERATIONS = [
    (method, path)
    for path, operations in describe(ROUTES)["paths"].items()
    for method in operations
    if path != "/commands/bulk"
]
FEW = settings(
    max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def described(site: Site) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", site.app)


# The pools of connections draw their pauses in threads of their own, now and then while a case is made.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_one_that_the_document_announces(
    described: schemathesis.BaseSchema, site: Site, method: str, path: str, mode: GenerationMode
) -> None:
    headers = bearer(site.keys[Role.ADMIN])

    @FEW
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def ask(case: "schemathesis.Case[Any]") -> None:
        if mode is GenerationMode.POSITIVE:
            case.query.pop("wait", None)  # what waits for an event would wait for long
        case.call_and_validate(headers=headers, checks=CHECKS)

    with suppress(Unsatisfiable):  # a path without parameters cannot be asked wrongly
        ask()
