"""Commands at one sitting: answered as one by one, and what is special about one is left to the desk."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.identifiers import new_id
from application.command import Command
from application.order_log import Past
from application.together import Together
from domain.refusals import Refusal
from tests.application.conftest import Office
from tests.support.orders import line, order_body

OF_THE_LOG = {"position", "order_id", "order_number", "invoice_id", "invoice_number", "shipment_id", "shipment_number"}
ONE = [{"line_id": "1", "quantity": 3}]
PARCEL: dict[str, Any] = {
    "lines": "all_remaining",
    "carrier": "ups",
    "packages": [{"weight_grams": 900, "contents": ONE}],
}


def life(office: Office, order_id: UUID) -> list[Command]:
    """An order that is placed, talked about, invoiced and shipped; of its documents one is named later."""
    invoice_id = new_id()
    asked: list[tuple[str, UUID | None, dict[str, Any]]] = [
        ("orders", None, order_body() | {"order_id": order_id}),
        ("orders/comment", order_id, {"text": "As a present"}),
        ("orders/invoices", order_id, {"lines": "all_remaining", "invoice_id": invoice_id}),
        ("orders/shipments", order_id, PARCEL),
        ("orders/comment", order_id, {"text": "Sent"}),
    ]
    return [office.command(name, target, key=str(uuid4()), **body) for name, target, body in asked]


def alike(answers: list[Any]) -> list[dict[str, Any]]:
    """Answers without what the log gives each order of its own."""
    return [{name: value for name, value in answer.items() if name not in OF_THE_LOG} for answer in answers]


def a_sitting(office: Office) -> tuple[Together, UUID]:
    """One at which an order was placed."""
    sitting, order_id = office.desk().together(), new_id()
    (placed,) = sitting.execute(life(office, order_id)[:1])
    assert isinstance(placed, dict)
    return sitting, order_id


def comment(office: Office, order_id: UUID, **more: Any) -> Command:
    return office.command("orders/comment", order_id, text="Anything", **{"key": str(uuid4())} | more)


def test_what_is_done_together_is_answered_as_one_by_one(office: Office) -> None:
    desk, sitting = office.desk(), office.desk().together()
    alone = [desk.execute(command) for command in life(office, new_id())]
    lives = [life(office, new_id()) for _ in range(3)]
    together = [sitting.execute(step) for step in zip(*lives, strict=True)]
    for number in range(3):
        assert alike([step[number] for step in together]) == alike(alone)


def test_a_sitting_remembers_what_the_log_says(office: Office) -> None:
    sitting, order_id = office.desk().together(), new_id()
    for command in life(office, order_id):
        assert None not in sitting.execute([command])
        remembered, read = sitting.remembered(order_id), office.log.load_each({order_id: Past()})[order_id]
        assert list(remembered.events) == list(read.events)
        assert remembered.count == read.count
        assert remembered.cipher is not None
        assert read.cipher is not None
        assert remembered.cipher.from_position == read.cipher.from_position
    assert office.log.load_each({order_id: remembered}) == {}


def test_what_others_did_meanwhile_is_decided_over(office: Office) -> None:
    sitting, order_id = a_sitting(office)
    office.do("orders/hold", order_id, reason_code="other")
    assert sitting.execute([office.command("orders/hold", order_id, key="again", reason_code="other")]) == [None]
    (answer,) = sitting.execute([office.command("orders/release", order_id, key="release")])
    assert isinstance(answer, dict)
    assert answer["version"] == 3


def test_who_loses_a_race_is_left_to_the_desk_and_harms_no_other(office: Office) -> None:
    sitting, order_id = a_sitting(office)
    first, second, other = sitting.execute(
        [comment(office, order_id), comment(office, order_id), life(office, new_id())[0]]
    )
    assert isinstance(first, dict)
    assert second is None
    assert isinstance(other, dict)


@pytest.mark.parametrize("fresh", [True, False])
def test_a_repeat_is_left_to_the_desk(office: Office, fresh: bool) -> None:
    sitting, order_id = a_sitting(office)
    again = comment(office, order_id)
    head = office.reader.head()
    assert isinstance(sitting.execute([again])[0], dict)
    assert (office.desk().together() if fresh else sitting).execute([again]) == [None]
    assert office.reader.head() == head + 1


def test_what_has_no_key_or_no_order_is_left_to_the_desk(office: Office) -> None:
    sitting, order_id = a_sitting(office)
    unknown, nobodys = comment(office, new_id()), comment(office, order_id, key=None)
    batch = office.command("batches", key="batch", origin="main", carrier="dhl", service="express", orders=[order_id])
    assert sitting.execute([unknown, nobodys, batch]) == [None, None, None]


def test_who_needs_a_gateway_is_left_to_the_desk(office: Office) -> None:
    order_id = office.place(method="card_authorize", lines=[line(quantity=1, unit_price="9.99")])
    office.do("orders/authorize-payment", order_id, amount=Decimal("9.99"), provider_reference="a-1")
    head = office.reader.head()
    invoice = office.command("orders/invoices", order_id, key=str(uuid4()), lines="all_remaining")
    assert office.desk().together().execute([invoice]) == [None]
    assert office.reader.head() == head


def test_when_the_log_is_away_each_is_refused(office: Office) -> None:
    sitting, order_id = a_sitting(office)
    office.log._committer.close()
    outcomes = sitting.execute([comment(office, order_id), life(office, new_id())[0]])
    assert [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)] == ["log_unavailable"] * 2
