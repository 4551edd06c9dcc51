"""An invented data set with the columns of the Olist files: one order for each way that orders went there.

Nobody in it exists, and no row of the real data set stands here.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS = {
    "orders": "order_id customer_id order_status order_purchase_timestamp order_approved_at "
    "order_delivered_carrier_date order_delivered_customer_date order_estimated_delivery_date",
    "order_items": "order_id order_item_id product_id seller_id shipping_limit_date price freight_value",
    "order_payments": "order_id payment_sequential payment_type payment_installments payment_value",
    "customers": "customer_id customer_unique_id customer_zip_code_prefix customer_city customer_state",
    "products": "product_id product_category_name product_weight_g",
    "sellers": "seller_id seller_zip_code_prefix seller_city seller_state",
}


@dataclass(frozen=True, slots=True)
class Invented:
    """One order: goods as (product, seller, price, freight), payments as (kind, amount), times by day of May 2017."""

    olist_id: str
    status: str
    goods: list[tuple[str, str, str, str]] = field(default_factory=list)
    payments: list[tuple[str, str]] = field(default_factory=list)
    approved: str = "2017-05-02 10:00:00"
    handed_over: str = ""
    delivered: str = ""


LAMP = ("lamp", "seller-a", "100.0", "10.05")
CHAIR = ("chair", "seller-b", "59.9", "0.0")
SHIPPED = "2017-05-03 09:30:00"
DELIVERED = "2017-05-08 17:45:12"

ORDERS = [
    Invented("created", "created", [LAMP], [("credit_card", "110.05")], approved=""),
    Invented("approved", "approved", [LAMP], [("boleto", "110.05")]),
    Invented("processing", "processing", [LAMP, CHAIR], [("debit_card", "169.95")]),
    Invented("invoiced", "invoiced", [LAMP], [("voucher", "60.00"), ("voucher", "0.00"), ("voucher", "50.05")]),
    Invented("shipped", "shipped", [LAMP, CHAIR, LAMP], [("credit_card", "280.00")], handed_over=SHIPPED),
    Invented("delivered", "delivered", [CHAIR], [("boleto", "59.9")], handed_over=SHIPPED, delivered=DELIVERED),
    Invented("undated", "delivered", [CHAIR], [("boleto", "59.9")], handed_over=SHIPPED),
    Invented(
        "early",
        "delivered",
        [LAMP],
        [("credit_card", "110.05")],
        approved="2017-05-06 00:00:00",
        handed_over=SHIPPED,
        delivered=DELIVERED,
    ),
    Invented("over", "delivered", [LAMP], [("credit_card", "100.00"), ("voucher", "12.50")], handed_over=SHIPPED),
    Invented("over-at-once", "canceled", [LAMP], [("credit_card", "111.00"), ("voucher", "1.00")]),
    Invented("short", "shipped", [LAMP], [("credit_card", "110.04")], handed_over=SHIPPED),
    Invented("short-boleto", "invoiced", [CHAIR], [("boleto", "59.88")]),
    Invented("canceled", "canceled", [LAMP], [("boleto", "110.05")], handed_over=SHIPPED),
    Invented("unavailable", "unavailable", [CHAIR], [("credit_card", "59.90")]),
    Invented("empty", "unavailable", [], [("credit_card", "59.90")]),
    Invented("empty-canceled", "canceled", [], [("not_defined", "0.00")]),
]


def write_olist_files(folder: Path, orders: list[Invented] = ORDERS) -> Path:
    """Writes the six files and answers their folder."""
    folder.mkdir(exist_ok=True)
    rows: dict[str, list[list[str]]] = {name: [] for name in COLUMNS}
    rows["products"] = [["lamp", "iluminacao", "1500"], ["chair", "", "7000"]]
    rows["sellers"] = [["seller-a", "01000", "sao paulo", "SP"], ["seller-b", "20000", "rio de janeiro", "RJ"]]
    for number, order in enumerate(orders):
        customer = f"customer-{number}"
        rows["customers"].append([customer, f"person-{number}", "30100", "belo horizonte", "MG"])
        bought = f"2017-05-01 08:{number // 60:02}:{number % 60:02}"
        times = [bought, order.approved, order.handed_over, order.delivered, ""]
        rows["orders"].append([order.olist_id, customer, order.status, *times])
        for n, (product, seller, price, freight) in enumerate(order.goods, start=1):
            rows["order_items"].append([order.olist_id, str(n), product, seller, "", price, freight])
        for n, (kind, amount) in enumerate(order.payments, start=1):
            rows["order_payments"].append([order.olist_id, str(n), kind, "1", amount])
    for name, columns in COLUMNS.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([columns.split(), *rows[name]])
    return folder
