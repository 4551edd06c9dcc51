"""The kinds of documents are named as their aggregates are."""

from domain.approval import Approval
from domain.batch import Batch
from domain.credit_memo import CreditMemo
from domain.customer import Customer
from domain.dispatch import Dispatch
from domain.document_kinds import DOCUMENT_KINDS, KIND_OF_COLLECTION
from domain.invoice import Invoice
from domain.notification import Notification
from domain.order import Order
from domain.shipment import Shipment


def test_each_kind_is_called_as_its_aggregate_and_no_name_comes_twice() -> None:
    aggregates = (Order, Invoice, CreditMemo, Shipment, Batch, Dispatch, Notification, Approval, Customer)
    assert [kind.name for kind in DOCUMENT_KINDS] == [each.NAME for each in aggregates]
    assert len(KIND_OF_COLLECTION) == len(DOCUMENT_KINDS)
