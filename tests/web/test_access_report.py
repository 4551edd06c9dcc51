"""The access report: all that is kept about a customer, and nothing about anybody else."""

from access.roles import Role
from projections.orders import access_report
from tests.web.live import Site, another_order

ANA = {"id": "shop/ana 1", "email": "ana@example.com", "name": "Ana Silva"}
PATH = "/audit/customers/shop/ana%201/access-report"


def test_everything_about_a_customer_is_told_and_nothing_of_others(site: Site) -> None:
    access_report.ORDERS_AT_ONCE, usual = 2, access_report.ORDERS_AT_ONCE
    try:
        orders = [site.post("orders", another_order(customer=ANA)).get_json()["order_id"] for _ in range(5)]
        bob = {"id": "bob", "email": "bob@example.com", "name": "Bob"}
        site.post("orders", another_order(customer=bob))
        site.post(f"orders/{orders[0]}/hold", {"reason": "Ana asked to wait"})
        answer = site.get(PATH, Role.AUDITOR)
    finally:
        access_report.ORDERS_AT_ONCE = usual
    report = answer.get_json()
    assert [kept["order"]["order_id"] for kept in report["orders"]] == orders
    first = report["orders"][0]
    assert first["order"]["customer"]["email"] == "ana@example.com"
    assert [event["type"] for event in first["events"]] == ["OrderPlaced", "OrderHeld"]
    assert first["events"][1]["reason"] == "Ana asked to wait"
    assert "bob" not in answer.text.lower()
    assert (report["customer_id"], report["keys"]) == ("shop/ana 1", [])


def test_of_who_is_not_known_there_is_nothing(site: Site) -> None:
    assert site.get("/audit/customers/nobody/access-report").get_json()["code"] == "not_found"
    assert site.get(PATH, Role.INTEGRATOR).status_code == 403
