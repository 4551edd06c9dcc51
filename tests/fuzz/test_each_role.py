"""Every role, and nobody, asks a running Daybook for a while; ``make fuzz`` goes on for longer."""

from collections.abc import Iterator
from random import Random

import pytest

from access.roles import Role
from tests.fuzz.asking import Asking
from tests.fuzz.house import ROLES, errors_of, key_of, running_house, schema_of
from tests.fuzz.known import Known
from tests.support.running import Running

SEED = 7
REQUESTS = {Role.ADMIN: 140, Role.INTEGRATOR: 60}
REQUESTS_OF_OTHERS = 25


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_house(tmp_path_factory.mktemp("fuzz")) as run:
        yield run


def test_what_each_role_is_answered_is_described_and_who_may_brings_things_into_being(house: Running) -> None:
    random = Random(SEED)
    known, created, schema = Known(random), set[str](), schema_of(house)
    for role in ROLES:
        asking = Asking(schema, role, key_of(house, role), known, random)
        tally = asking.ask(REQUESTS.get(role, REQUESTS_OF_OTHERS) if role else REQUESTS_OF_OTHERS, SEED)
        assert not tally.faults, "\n\n".join([*tally.faults.values(), *errors_of(house)])
        created |= tally.created.keys()
    assert {"place_order", "issue_invoice"} <= created
