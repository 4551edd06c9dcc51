"""The commands by name: their path, the shape of their body, and what their answer points at.

A name is the path under ``/commands`` without its id. Every command of the contract has a line here; which of them
are served is up to the handlers that exist.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from access.roles import Right, Role
from web.schemas import orders, payments, shipments
from web.schemas.body import CommandBody


@dataclass(frozen=True, slots=True)
class Route:
    """One command: ``creates`` names the kind of document that comes into being, if one does.

    ``right`` is what it asks of its caller; ``roles`` are those to whom the merchant keeps it, if to any, and
    ``reason_required`` whether the merchant wants to know why.
    """

    name: str
    body: type[CommandBody]
    status: int = 200
    creates: str | None = None
    right: Right = Right.COMMAND
    roles: frozenset[Role] | None = None
    reason_required: bool = False

    @property
    def path(self) -> str:
        """The Flask rule."""
        collection, _, verb = self.name.partition("/")
        return f"/commands/{collection}/<uuid:target>/{verb}" if verb else f"/commands/{collection}"


def _creating(name: str, body: type[CommandBody], creates: str) -> Route:
    return Route(name, body, 201, creates)


def _plain(collection: str, body: type[CommandBody], *verbs: str) -> list[Route]:
    return [Route(f"{collection}/{verb}", body) for verb in verbs]


@dataclass(frozen=True, slots=True)
class House:
    """The merchant's own rules: by command the roles it is kept to, and which commands need a reason.

    IMPORT_HISTORY is no command, but what lets a key bring in facts of a closed period.
    """

    rights: Mapping[str, Collection[str]] = field(default_factory=dict)
    reasons: Collection[str] = ()

    def roles(self, name: str) -> frozenset[Role] | None:
        """Those to whom it is kept; None for all who may command."""
        kept = self.rights.get(name)
        return None if kept is None else frozenset(Role(role) for role in kept)

    def rule(self, route: Route) -> Route:
        """The route under these rules."""
        return replace(route, roles=self.roles(route.name), reason_required=route.name in self.reasons)

    @property
    def historians(self) -> frozenset[Role]:
        """Who may bring in history: people who administer, unless the merchant says otherwise."""
        kept = self.roles(IMPORT_HISTORY)
        return frozenset({Role.ADMIN}) if kept is None else kept


IMPORT_HISTORY = "import-history"

ROUTES: tuple[Route, ...] = (
    _creating("orders", orders.PlaceOrder, "order"),
    Route("orders/reorder", orders.Nothing, 201, "order", Right.REORDER),
    Route("orders/amend", orders.AmendOrder),
    Route("orders/change-address", orders.ChangeAddress),
    Route("orders/comment", orders.Comment),
    Route("orders/cancel", orders.CancelOrder),
    *_plain("orders", orders.Nothing, "hold", "release", "expire"),
    *_plain("orders", orders.Nothing, "flag-payment", "accept-payment", "deny-payment"),
    *_plain("orders", payments.ReceivePayment, "authorize-payment", "capture-payment"),
    *_plain("orders", payments.EndPayment, "fail-payment", "void-payment"),
    Route("orders/refund-payment", payments.RefundPayment),
    _creating("orders/invoices", payments.IssueInvoice, "invoice"),
    _creating("orders/shipments", shipments.BookShipment, "shipment"),
    *_plain("invoices", orders.Nothing, "capture", "cancel", "void", "send-copy", "record-printed"),
    _creating("invoices/refund", payments.RefundInvoice, "credit_memo"),
    _creating("invoices/correct", payments.CorrectInvoice, "credit_memo"),
    *_plain("shipments", shipments.Tracking, "add-tracking", "retract-tracking"),
    Route("shipments/correct-tracking", shipments.CorrectTracking),
    Route("shipments/tracking-events", shipments.TrackingEvent),
    Route("shipments/return", shipments.ReturnUnits),
    *_plain("shipments", orders.Nothing, "cancel", "record-printed"),
    Route("tracking-events", shipments.TrackingEvent),
    Route("credit-memos/record-printed", orders.Nothing),
    _creating("batches", shipments.CreateBatch, "batch"),
    Route("batches/entries", shipments.SetBatchEntry),
    Route("batches/process", orders.Nothing, 202),
    Route("batches/cancel", orders.Nothing),
    _creating("dispatches", shipments.CreateDispatch, "dispatch"),
    *_plain("dispatches", orders.Nothing, "close", "cancel", "record-printed"),
    Route("notifications/resend", orders.Nothing),
)

QUERY_PATHS = {
    "order": "/queries/orders",
    "invoice": "/queries/invoices",
    "shipment": "/queries/shipments",
    "credit_memo": "/queries/credit-memos",
    "batch": "/queries/batches",
    "dispatch": "/queries/dispatches",
}
"""Where a document that was created can be read; kinds without a query of their own have no Location."""
