"""Every path of the contract is described in /openapi.json, with its method."""

from typing import Any

import pytest
from flask.testing import FlaskClient

OF_ORDER = (
    "reorder,amend,change-address,comment,hold,release,cancel,authorize-payment,capture-payment,fail-payment,"
    "void-payment,flag-payment,accept-payment,deny-payment,refund-payment,expire,invoices,shipments"
)
OF_SHIPMENT = "add-tracking,correct-tracking,retract-tracking,tracking-events,cancel"
IDS = {"credit-memos": "credit_memo_id", "batches": "batch_id", "dispatches": "dispatch_id"}
PRINTED = ("invoices", "shipments", "credit-memos", "dispatches")
DOCUMENTS = ("invoices", "shipments", "credit-memos", "batches", "dispatches")


def id_of(area: str) -> str:
    return "{" + IDS.get(area, f"{area.removesuffix('s')}_id") + "}"


def below(area: str, verbs: str) -> list[str]:
    return [f"{area}/{id_of(area)}/{verb}" for verb in verbs.split(",")]


# Section 8 of the workflow. Erasing, bulk, exports, the whole-log audit and the pages come later.
COMMANDS = [
    "orders",
    *below("orders", OF_ORDER),
    *below("invoices", "capture,cancel,void,refund,send-copy"),
    *below("shipments", OF_SHIPMENT),
    "tracking-events",
    *(f"{area}/{id_of(area)}/record-printed" for area in PRINTED),
    "batches",
    *below("batches", "entries,process,cancel"),
    "dispatches",
    *below("dispatches", "close,cancel"),
]
QUERIES = [
    "orders",
    "orders/{order_id}",
    *DOCUMENTS,
    *(f"{area}/{id_of(area)}" for area in DOCUMENTS),
    "dispatches/ready",
    "customers/{customer_id}/orders",
    "tracking/{token}",
    *below("shipments", "packing-slip.pdf,label.pdf,label.zpl"),
    *below("invoices", "invoice.pdf,invoice.xml,cancellation.xml"),
    *below("credit-memos", "credit-memo.pdf,credit-memo.xml"),
    *below("dispatches", "manifest.pdf"),
    *below("batches", "packing-slips.pdf,labels.pdf,labels.zpl"),
]
OTHERS = [
    "/audit/orders/{order_id}/events",
    "/audit/access/events",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
]
PATHS = [
    *(("post", f"/commands/{path}") for path in COMMANDS),
    *(("get", f"/queries/{path}") for path in QUERIES),
    *(("get", path) for path in OTHERS),
]


@pytest.fixture(scope="module")
def described(edge: FlaskClient) -> Any:
    return edge.get("/openapi.json").get_json()["paths"]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_path_of_the_contract_is_described(described: Any, method: str, path: str) -> None:
    assert method in described[path]
