"""Commands that meet: exactly one wins, the others get a code, and no number is lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg

from domain.refusals import Refusal
from tests.application.conftest import Office
from tests.support.orders import line
from tests.support.postgres import Database


def outcome(run: Callable[[], dict[str, Any]]) -> str:
    """ "done", or the code of the refusal."""
    try:
        run()
    except Refusal as refusal:
        return refusal.code
    return "done"


def in_parallel(runs: list[Callable[[], dict[str, Any]]], threads: int = 20) -> Counter[str]:
    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(outcome, runs))


def test_20_parallel_invoices_for_the_same_units_give_one_invoice(office: Office) -> None:
    order_id = office.place()
    desk = office.desk()
    outcomes = in_parallel(
        [lambda: office.do("orders/invoices", order_id, desk=desk, lines="all_remaining") for _ in range(20)]
    )
    assert outcomes == {"done": 1, "nothing_to_invoice": 19}
    assert office.order(order_id).state.captured == 2997


def test_parallel_shipments_never_ship_more_than_ordered(office: Office) -> None:
    order_id = office.place(method="cash_on_delivery", lines=[line(quantity=5)])
    desk = office.desk()
    one = [{"line_id": "1", "quantity": 1}]
    parcel = {"lines": one, "carrier": "ups", "packages": [{"weight_grams": 1, "contents": one}]}
    outcomes = in_parallel([lambda: office.do("orders/shipments", order_id, desk=desk, **parcel) for _ in range(20)])
    assert outcomes == {"done": 5, "nothing_to_ship": 15}


def test_parallel_comments_on_one_order_are_all_kept(office: Office) -> None:
    order_id = office.place()
    desk = office.desk()
    outcomes = in_parallel([partial(office.do, "orders/comment", order_id, desk=desk, text=str(n)) for n in range(40)])
    assert outcomes == {"done": 40}
    assert office.order(order_id).version == 41


def test_one_external_reference_is_one_order_however_many_ask(office: Office) -> None:
    before = office.reader.head()
    outcomes = in_parallel([lambda: {"id": office.place(external_reference="cart-1")} for _ in range(20)])
    assert outcomes == {"done": 1, "duplicate_external_reference": 19}
    assert office.reader.head() == before + 1


def test_100_parallel_invoices_with_forced_rollbacks_leave_no_hole(
    fresh_office: Office, fresh_database: Database
) -> None:
    """Every third command is refused, every batch has losers, and connections are cut while it runs."""
    orders = [fresh_office.place() for _ in range(66)]
    desk = fresh_office.desk()
    runs = [
        partial(fresh_office.do, "orders/invoices", o, desk=desk, key=f"i-{o}", lines="all_remaining") for o in orders
    ]
    runs += [partial(fresh_office.do, "orders/invoices", o, desk=desk, lines="all_remaining") for o in orders[:34]]
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as owner, ThreadPoolExecutor(17) as pool:
        futures = [pool.submit(outcome, run) for run in runs]
        for _ in range(3):
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE '%log.append%' AND pid <> pg_backend_pid()"
            )
        assert {future.result() for future in futures} <= {
            "done",
            "nothing_to_invoice",
            "outcome_unknown",
            "log_unavailable",
        }
        # What was unknown is asked again under the same key.
        assert {outcome(run) for run in runs[:66]} <= {"done", "nothing_to_invoice"}
        numbers = owner.execute("SELECT number FROM log.events WHERE series = 'invoice' ORDER BY number").fetchall()
    assert [number for (number,) in numbers] == list(range(1, 67))


def test_payments_and_expiry_meet_and_the_payment_stays(office: Office) -> None:
    order_id = office.place(method="hosted_checkout", expires_at=office.now() + timedelta(minutes=1))
    office.clock_runs_ahead = timedelta(minutes=2)
    desk = office.desk()
    pay = {"amount": Decimal("29.97"), "provider_reference": "p"}
    runs = [lambda: office.do("orders/expire", order_id, desk=desk) for _ in range(4)]
    runs.insert(2, lambda: office.do("orders/capture-payment", order_id, desk=desk, **pay))
    in_parallel(runs)
    assert office.order(order_id).state.captured == 2997
