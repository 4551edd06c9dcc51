"""The HTTP edge as one WSGI application: which path leads to which view, and who may take it.

It is given everything that does the work, and imports nothing that would let it find that by itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from flask import Flask

from access.roles import Right
from access.saved_views import SavedViews
from domain.document_kinds import FORMS
from eventstore.seals.reader import SealReader
from projections.documents.kinds import KINDS
from web import capacity, observing, operations, problems, saved_views
from web.audit.asking import Asking
from web.audit.customers import AccessReports, access_report_view
from web.audit.feed import Feed, feed_view
from web.audit.orders import access_events_view, order_events_view
from web.audit.past import diff_view, past_order_view
from web.audit.ports import AuditTrail, EventFeed, News, PastOrders
from web.audit.seals import checkpoint_view, consistency_view, proof_view, receipt_view, seals_view, tile_view
from web.auth import Authenticate
from web.commands.bulk import bulk_view
from web.commands.bulk_orders import PartitionsOf, nothing_known
from web.commands.bulk_results import Bulk
from web.commands.endpoint import command_view
from web.commands.ports import Desk
from web.commands.routes import ROUTES, House, Route
from web.configuration import Configured, configuration_view
from web.guard import View, guard
from web.noting import UNNOTED, Noting, name_in
from web.openapi.document import describe
from web.pages import routes as pages
from web.pages.acting import as_signed_in
from web.pages.routes import People
from web.paths import NOTHING, Paths, Shows
from web.provider_reports import ProviderReports, report_view
from web.queries import approvals, documents, exporting
from web.queries.dashboard import Dashboard, dashboard_view
from web.queries.exporting import Exports
from web.queries.orders import counts_view, customer_orders_view, grid_view, order_view, tracking_view
from web.queries.ports import ApprovalQueries, DocumentPrinter, DocumentQueries, Lags, OrderQueries
from web.queries.printing import Turns
from web.queries.projections import lag_metrics, projections_view, tell_lag
from web.queries.rates import NoRates, Rates, RatesViews
from web.rate_limits import RateLimits, limited
from web.reference import pages as reference
from web.webhooks import routes as webhooks
from web.webhooks.commands import Outgoing


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the edge needs: who executes, who reads, who knows the keys.

    ``commands`` are the names served, ``providers`` those whose reports are taken, ``turns`` how many requests work at
    once, ``house`` the merchant's own rules and ``configured`` what he tells programs, ``people`` who may sign in on
    the pages, if those are served, ``outgoing`` who is told by webhook, if anybody can be, ``limits`` how much a key
    may send, if that is limited, ``issuer`` whose tokens are taken beside keys.
    """

    desk: Desk
    commands: Collection[str]
    orders: OrderQueries
    audit: AuditTrail
    past: PastOrders
    reports: AccessReports
    authenticate: Authenticate
    readiness: operations.Readiness
    documents: DocumentQueries
    printer: DocumentPrinter
    lags: Lags
    seals: SealReader
    exports: Exports
    views: SavedViews
    dashboard: Dashboard
    events: EventFeed
    news: News
    asking: Asking
    approvals: ApprovalQueries
    rates: Rates = field(default_factory=NoRates)
    noting: Noting = UNNOTED
    partitions_of: PartitionsOf = nothing_known
    providers: Mapping[str, ProviderReports] = field(default_factory=dict)
    turns: int = capacity.TURNS
    house: House = field(default_factory=House)
    configured: Configured = field(default_factory=Configured)
    people: People | None = None
    outgoing: Outgoing | None = None
    limits: RateLimits | None = None
    issuer: str | None = None

    @property
    def admit(self) -> Authenticate:
        """Authenticates who sends a request, and turns down who sends too many."""
        return self.authenticate if self.limits is None else limited(self.authenticate, self.limits)


def create_app(to: Collaborators) -> Flask:
    """The application over its collaborators; safe to make several of."""
    app = Flask("web", static_folder=None)
    app.config.update(PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False
    capacity.install(app, to.turns)
    observing.install(app)
    problems.install(app)
    paths = Paths(app, to.noting)
    app.extensions["daybook.paths"] = paths
    routes = [to.house.rule(route) for route in ROUTES if route.name in to.commands]
    doors = _commands(paths, to, routes)
    for provider, reports in to.providers.items():
        paths.post(f"/webhooks/{provider}", report_view(provider, reports, to.desk))
    _queries(paths, to)
    _seals(paths, to)
    _documents(paths, to)
    _lists(paths, to, routes)
    _operations(paths, to)
    if to.outgoing is not None:
        _webhook_endpoints(paths, to, to.outgoing)
    description = describe(routes, to.outgoing, to.issuer)
    paths.get("/openapi.json", operations.description_view(description), shows=NOTHING)
    reference.install(paths, description)
    if to.people is not None:
        pages.install(paths, to.people, _readers(to), pages.Commands(doors, description), to.outgoing)
    return app


def _commands(paths: Paths, to: Collaborators, routes: Sequence[Route]) -> dict[str, View]:
    """Serve the commands, one by one and in bulk; the same views by name for people who signed in on the pages."""
    doors: dict[str, View] = {}
    for route in routes:
        view = command_view(route, to.desk, to.house.historians)
        for_keys = guard(to.admit, route.right, view, name=route.name, roles=route.roles)
        for_people = guard(as_signed_in, route.right, view, name=route.name, roles=route.roles)
        paths.post(route.path, to.noting.command(route.name, for_keys))
        doors[route.name] = to.noting.command(route.name, for_people)
    in_bulk = {route.name: route for route in routes if not route.names_customer}
    bulk = Bulk(in_bulk, to.desk, to.house.historians, to.partitions_of, to.noting, to.limits)
    paths.post("/commands/bulk", to.noting.command("bulk", guard(to.admit, Right.COMMAND, bulk_view(bulk))))
    return doors


def _webhook_endpoints(paths: Paths, to: Collaborators, outgoing: Outgoing) -> None:
    for method, path, right, view in webhooks.routes(outgoing):
        guarded = guard(to.admit, right, view)
        if method == "GET":
            paths.get(path, guarded, shows=NOTHING)
        else:
            paths.post(path, to.noting.command(name_in(path), guarded))


def _readers(to: Collaborators) -> pages.Readers:
    return pages.Readers(
        to.orders,
        to.documents,
        to.printer,
        to.exports,
        to.dashboard,
        to.lags,
        to.audit,
        to.asking,
        proof_view(to.seals),
        to.approvals,
    )


def _queries(paths: Paths, to: Collaborators) -> None:
    def protect(right: Right, view: View) -> View:
        return guard(to.admit, right, view)

    paths.get(
        "/queries/orders", protect(Right.QUERY, tell_lag(to.lags, "orders_grid", grid_view(to.orders))), shows="list"
    )
    paths.get("/queries/orders/<uuid:order_id>", protect(Right.QUERY, order_view(to.orders)), shows="detail")
    paths.get("/queries/tracking/<token>", tell_lag(to.lags, "tracking", tracking_view(to.orders)), shows=NOTHING)
    paths.get("/queries/projections", protect(Right.QUERY, projections_view(to.lags)), shows=NOTHING)
    paths.get("/audit/orders/<uuid:order_id>", protect(Right.AUDIT, past_order_view(to.past)), shows="history")
    paths.get("/audit/orders/<uuid:order_id>/diff", protect(Right.AUDIT, diff_view(to.past)), shows="history")
    paths.get(
        "/audit/orders/<uuid:order_id>/events", protect(Right.AUDIT, order_events_view(to.audit)), shows="history"
    )
    feed = Feed(to.events, to.news, to.authenticate)
    paths.get("/queries/events", protect(Right.QUERY, feed_view(feed, audit=False)), shows=NOTHING)
    for path, shows, view in to.asking.views(feed_view(feed, audit=True)):
        paths.get(path, protect(Right.AUDIT, view), shows=shows)
    paths.get(
        "/audit/customers/<path:customer_id>/access-report",
        protect(Right.AUDIT, access_report_view(to.reports)),
        shows="access_report",
    )
    paths.get("/audit/access/events", protect(Right.AUDIT, access_events_view(to.audit)), shows=NOTHING)


def _seals(paths: Paths, to: Collaborators) -> None:
    for path, view in (
        ("checkpoint", checkpoint_view),
        ("seals", seals_view),
        ("events/<int:position>/proof", proof_view),
        ("consistency", consistency_view),
        ("commands/<uuid:command_id>/receipt", receipt_view),
        ("tile/<path:path>", tile_view),
    ):
        paths.get(f"/audit/{path}", guard(to.admit, Right.AUDIT, view(to.seals)), shows=NOTHING)


def _documents(paths: Paths, to: Collaborators) -> None:
    def get(path: str, view: View, right: Right = Right.QUERY, *, shows: Shows | None) -> None:
        paths.get(f"/queries/{path}", guard(to.admit, right, view), shows=shows)

    for kind in KINDS.values():
        get(kind.name, tell_lag(to.lags, "documents", documents.list_view(to.documents, kind)), shows="list")
        get(f"{kind.name}/<uuid:document_id>", documents.detail_view(to.documents, kind), shows="list")
    turns = Turns()
    for document, form in FORMS:
        path = f"{document.collection}/<uuid:document_id>/{form}"
        get(f"{path}.pdf", documents.print_view(to.printer, document, form, turns), shows="document")
        if form in document.e_invoices:
            get(f"{path}.xml", documents.e_invoice_view(to.printer, document, form), shows="document")
        if form in document.for_label_printers:
            get(f"{path}.zpl", documents.label_printer_view(to.printer, document, form), shows="document")
    get("approvals", tell_lag(to.lags, "approvals", approvals.list_view(to.approvals)), shows=NOTHING)
    get("approvals/<uuid:approval_id>", approvals.detail_view(to.approvals), shows="detail")
    rates = RatesViews(to.rates)
    get("shipments/<uuid:shipment_id>/rates", rates.shipment, shows="list")
    get("orders/<uuid:order_id>/rates", rates.order, shows=NOTHING)
    get("dispatches/ready", tell_lag(to.lags, "documents", documents.ready_view(to.documents)), shows="list")
    get("customers/<path:customer_id>/orders", customer_orders_view(to.orders), Right.OWN, shows="list")


def _lists(paths: Paths, to: Collaborators, routes: Sequence[Route]) -> None:
    """Lists as files, counts, the views that people keep of them, and what is configured."""

    def protect(view: View) -> View:
        return guard(to.admit, Right.QUERY, view)

    turns = BoundedSemaphore(exporting.AT_ONCE)
    for listing in exporting.listings(to.exports):
        paths.get(f"/queries/{listing.name}.csv", protect(exporting.csv_view(listing, turns)), shows="export")
        paths.get(f"/queries/{listing.name}.xlsx", protect(exporting.xlsx_view(listing, turns)), shows="export")
    paths.get(
        "/queries/orders/counts", protect(tell_lag(to.lags, "orders_grid", counts_view(to.orders))), shows=NOTHING
    )
    paths.get("/queries/dashboard", protect(dashboard_view(to.dashboard)), shows="list")
    shown = configuration_view(to.configured, to.orders.stores, routes, to.house.historians)
    paths.get("/queries/configuration", protect(shown), shows=NOTHING)
    paths.get("/queries/views", protect(saved_views.views_view(to.views)), shows=NOTHING)
    for path, view in (
        ("/commands/views", saved_views.save_view(to.views)),
        ("/commands/views/<uuid:view_id>/rename", saved_views.rename_view(to.views)),
        ("/commands/views/<uuid:view_id>/delete", saved_views.delete_view(to.views)),
    ):
        paths.post(path, to.noting.command(name_in(path), protect(view)))


def _operations(paths: Paths, to: Collaborators) -> None:
    paths.get("/healthz", operations.health, shows=NOTHING)
    paths.get("/readyz", operations.ready_view(to.readiness), shows=NOTHING)
    lags = lag_metrics(to.lags)
    metrics = operations.metrics_view(lambda: lags() + to.readiness.metrics())
    paths.get("/metrics", guard(to.admit, Right.QUERY, metrics), shows=NOTHING)
