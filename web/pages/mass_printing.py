"""Many documents as one file: of the orders that are ticked in the grid, or of the ticked rows of a list of documents.

They come in the order of the rows. Reading them is no printing, as everywhere: who prints says so with record-printed.
"""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import NotFound

from projections.documents.kinds import KINDS
from projections.documents.parameters import parse_document_query
from web.pages.choosing import chosen_orders, id_of
from web.pages.listing import Asked, items_of, read
from web.pages.remembering import seen
from web.problems import Problem
from web.queries.documents import printed_together
from web.queries.ports import DocumentPrinter, DocumentQueries, OrderQueries
from web.queries.printing import Turns

# What can be printed of many, and of which list it is a form.
PRINTED: Mapping[str, str] = {
    "packing-slip": "shipments",
    "label": "shipments",
    "invoice": "invoices",
    "credit-memo": "credit-memos",
}
MOST = 200
OF_AN_ORDER = "200"


class MassPrinting:
    """The view of it; ``turns`` are those of the process."""

    def __init__(
        self, orders: OrderQueries, documents: DocumentQueries, printer: DocumentPrinter, turns: Turns
    ) -> None:
        self._orders = orders
        self._documents = documents
        self._printer = printer
        self._turns = turns

    def print(self, form: str) -> Response:
        """POST /print/{form}: one PDF."""
        if form not in PRINTED:
            raise NotFound
        wanted = self._ticked() or self._of_orders(form)
        if len(wanted) > MOST:
            raise Problem(422, "invalid_value", f"At most {MOST} documents in one file: choose fewer.")
        return printed_together(self._printer, form, wanted, self._turns)

    @staticmethod
    def _ticked() -> list[UUID]:
        """The documents that are ticked themselves."""
        return [id_of(each) for each in dict.fromkeys(request.form.getlist("document"))]

    def _of_orders(self, form: str) -> list[UUID]:
        """The documents of the orders that are chosen, the oldest of each first."""
        kind = KINDS[PRINTED[form]]
        found: list[UUID] = []
        for order_id, _number in chosen_orders(self._orders, MOST):
            pairs = [("order_id", order_id), ("sort", kind.moment), ("limit", OF_AN_ORDER)]
            position = seen()
            pairs += [("min_position", str(position))] if position else []
            page = self._documents.page(read(Asked("/", tuple(pairs)), lambda given: parse_document_query(kind, given)))
            found += [UUID(item[kind.id_name]) for item in items_of(page) if item[kind.state] not in _OVER]
        return found


_OVER = frozenset({"canceled", "voided"})
