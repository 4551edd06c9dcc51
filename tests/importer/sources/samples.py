"""The invented exports of other systems, and what must come out of them."""

import json
from pathlib import Path
from typing import Any

from daybook.importing.sources.catalogue import SOURCES
from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.planning import Plan
from daybook.importing.sources.reading import Options, RefusedOrder

SAMPLES = Path(__file__).parent / "samples"
FILES = {
    "shopify": ("1_shopify_orders_export.csv",),
    "woocommerce": ("2_woocommerce_orders.json", "2_woocommerce_refunds.json"),
    "magento": ("3_magento_rest.json",),
    "etsy": ("4_EtsySoldOrders2026.csv", "4_EtsySoldOrderItems2026.csv"),
    "amazon": ("6_amazon_all_orders.txt",),
}
STORE = "moved"

Json = dict[str, Any]


def files_of(source: str) -> list[Path]:
    return [SAMPLES / name for name in FILES[source]]


def expected_of(source: str) -> Json:
    number = FILES[source][0].partition("_")[0]
    found: Json = json.loads((SAMPLES / f"{number}_expected.json").read_text(encoding="utf-8"))
    return found


def read(
    source: str, files: list[Path] | None = None, options: Options | None = None
) -> tuple[list[SourceOrder], list[RefusedOrder]]:
    found = list(SOURCES[source].read(files or files_of(source), options or Options()))
    orders = [each for each in found if isinstance(each, SourceOrder)]
    return orders, [each for each in found if isinstance(each, RefusedOrder)]


def lines_of(orders: list[SourceOrder]) -> list[Json]:
    commands = [command for order in orders for command in Plan(order, STORE).whole()]
    return [{"command": path, "key": key, "body": body} for path, key, body in commands]
