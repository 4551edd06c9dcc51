"""The pages by path: which view each has, and the right that it asks.

Here is the one place where a page is added; the guard in front of it comes with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from flask import Flask
from werkzeug.exceptions import NotFound

from access.key_desk import KeyDesk
from access.mass_actions import MassActions
from access.oidc.signing_in import SigningIn
from access.roles import Right
from access.saved_views import SavedViews
from access.sessions import Sessions
from projections.documents.kinds import KINDS
from web.audit.asking import Asking
from web.audit.ports import AuditTrail
from web.clients import NO_PROXIES, Proxies
from web.guard import View
from web.guard import guard as guarded
from web.pages import approvals, keys, orders_grid, webhooks
from web.pages.acting import Acting, Door, as_signed_in
from web.pages.approvals import ApprovalPages
from web.pages.auditing import AuditPages, proofs
from web.pages.customer import account_view, track_view
from web.pages.documents_lists import DocumentLists, detail_view
from web.pages.erasing import ErasingPages
from web.pages.forms import Forms
from web.pages.guard import Guard
from web.pages.insight import Insight, Settings
from web.pages.keys import KeyPages
from web.pages.label_files import or_for_label_printer
from web.pages.mass_actions import MassActing
from web.pages.mass_printing import MassPrinting
from web.pages.order_page import OrderPage
from web.pages.orders_grid import OrdersGrid
from web.pages.provider_sign_in import ProviderSignIn
from web.pages.schemas import bodies
from web.pages.sign_in import CallerOf, SignIn
from web.pages.static_files import static_view
from web.pages.warehouse import Warehouse
from web.pages.webhooks import WebhookPages
from web.paths import NOTHING, Paths, Shows
from web.queries import exporting
from web.queries.dashboard import Dashboard
from web.queries.documents import label_printer_view, print_view
from web.queries.exporting import Exports
from web.queries.ports import ApprovalQueries, DocumentPrinter, DocumentQueries, Lags, OrderQueries
from web.queries.printing import Turns
from web.webhooks import routes as webhooks_sent
from web.webhooks.commands import Outgoing


@dataclass(frozen=True, slots=True)
class Readers:
    """Who answers what the pages show."""

    orders: OrderQueries
    documents: DocumentQueries
    printer: DocumentPrinter
    exports: Exports
    dashboard: Dashboard
    lags: Lags
    audit: AuditTrail
    asking: Asking
    proof: View
    approvals: ApprovalQueries


@dataclass(frozen=True, slots=True)
class Commands:
    """What can be done: the commands' views by name, the API's description of them."""

    views: Door
    description: dict[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Who may look: sessions and keys; ``secure`` where browsers come by TLS, ``choices`` are
    the merchant's codes by field, ``provider`` who signs people in too, ``keys`` where they are kept, ``secret``
    what the pages make new ones with, ``proxies`` through which they come.
    """

    sessions: Sessions
    views: SavedViews
    mass_actions: MassActions
    caller_of: CallerOf
    choices: Mapping[str, tuple[str, ...]]
    secure: bool = False
    provider: SigningIn | None = None
    keys: KeyDesk | None = None
    secret: bytes = field(default=b"", repr=False)
    proxies: Proxies = NO_PROXIES


Page = tuple[str, str, Right, View, Shows | None]
"""Method and path, the right that is asked, the view, and what of somebody is seen there."""


def install(
    paths: Paths, people: People, readers: Readers, commands: Commands, outgoing: Outgoing | None = None
) -> None:
    """Serve the pages; those of webhooks where they are sent."""
    app = paths.app
    guard = Guard(app, people.sessions, secure=people.secure)
    signing = SignIn(
        people.sessions, people.caller_of, secure=people.secure, provider=people.provider, proxies=people.proxies
    )
    paths.get("/static/<name>", static_view, shows=NOTHING)
    paths.get("/sign-in", guard.open(signing.form), shows=NOTHING)
    paths.post("/sign-in", guard.open(signing.sign_in))
    if people.provider is not None:
        by_provider = ProviderSignIn(people.sessions, signing, people.provider, secure=people.secure)
        paths.get("/sign-in/oidc", guard.open(by_provider.begin), shows=NOTHING)
        paths.get("/sign-in/oidc/callback", guard.open(by_provider.back), shows=NOTHING)
    paths.get("/track/<token>", guard.open(track_view(readers.orders)), shows=NOTHING)
    paths.post("/sign-out", guard.page(Right.OWN, signing.sign_out))
    for method, path, right, view, shows in _pages(app, people, readers, commands):
        paths.add(method, path, guard.page(right, view), shows=shows)
    for method, path, view in _keys(people, people.keys) if people.keys else ():
        paths.add(method, path, guard.page(Right.ADMINISTER, view), shows=NOTHING)
    for method, path, view in _webhooks(app, outgoing) if outgoing else ():
        paths.add(method, path, guard.page(Right.ADMINISTER, view), shows=NOTHING)
    app.register_error_handler(NotFound, guard.missing)


def _pages(app: Flask, people: People, readers: Readers, commands: Commands) -> Iterator[Page]:
    acting = Acting(app, commands.views)
    grid = OrdersGrid(readers.orders, people.sessions, people.views, people.choices)
    order = OrderPage(readers.orders, acting, readers.approvals)
    mass = MassActing(readers.orders, acting, people.mass_actions)
    forms = Forms(acting, bodies(commands.description), readers.orders, readers.documents, people.choices)
    form = "/act/<collection>/<uuid:target>/<verb>"
    desk: list[Page] = [
        ("GET", "/", Right.QUERY, grid.page, "list"),
        ("GET", "/orders/count", Right.QUERY, grid.count, NOTHING),
        ("POST", "/views", Right.QUERY, grid.save_view, NOTHING),
        ("POST", "/views/<uuid:view_id>/delete", Right.QUERY, grid.delete_view, NOTHING),
        ("POST", "/orders/act", Right.COMMAND, mass.start, NOTHING),
        ("GET", "/orders/act/<uuid:run_id>", Right.COMMAND, mass.show, NOTHING),
        ("GET", "/orders/act/<uuid:run_id>.csv", Right.COMMAND, mass.download, NOTHING),
        ("POST", "/orders/columns", Right.QUERY, grid.choose_columns, NOTHING),
        ("GET", "/find", Right.QUERY, orders_grid.find_view(readers.orders), "list"),
        ("GET", "/orders/<uuid:order_id>", Right.QUERY, order.page, "detail"),
        ("GET", form, Right.COMMAND, forms.show, "detail"),
        ("POST", form, Right.COMMAND, forms.send, NOTHING),
    ]
    yield from desk
    erasing = ErasingPages(readers.orders, acting)
    yield "GET", "/orders/<uuid:order_id>/erase-customer", Right.ADMINISTER, erasing.form, "detail"
    yield "POST", "/orders/<uuid:order_id>/erase-customer", Right.ADMINISTER, erasing.erase, NOTHING
    yield from _approvals(ApprovalPages(readers.approvals, acting))
    yield from _insight(readers, people)
    yield from _warehouse(readers, acting, people)
    busy = BoundedSemaphore(exporting.AT_ONCE)
    for listing in exporting.listings(readers.exports):
        yield "GET", f"/export/{listing.name}.csv", Right.QUERY, exporting.csv_view(listing, busy), "export"
        yield "GET", f"/export/{listing.name}.xlsx", Right.QUERY, exporting.xlsx_view(listing, busy), "export"
    turns = Turns()
    printing = MassPrinting(readers.orders, readers.documents, readers.printer, turns)
    yield "POST", "/print/<form>", Right.QUERY, printing.print, "export"
    for kind in KINDS.values():
        for form in kind.document.forms:
            path = f"/documents/{kind.name}/<uuid:document_id>/{form}"
            paper = print_view(readers.printer, kind.document, form, turns)
            if form in kind.document.for_label_printers:
                zpl = label_printer_view(readers.printer, kind.document, form)
                yield "GET", f"{path}.zpl", Right.QUERY, zpl, "document"
                paper = or_for_label_printer(paper)
            yield "GET", f"{path}.pdf", Right.QUERY, paper, "document"


def _keys(people: People, desk: KeyDesk) -> Iterator[tuple[str, str, View]]:
    pages = KeyPages(desk, people.secret, people.provider.label if people.provider else "")
    one = f"{keys.HOME}/<key_id>"
    yield "GET", keys.HOME, pages.page
    yield "POST", keys.HOME, pages.create
    yield "GET", one, pages.one
    yield "POST", f"{one}/rotate", pages.rotate
    yield "POST", f"{one}/revoke", pages.revoke
    yield "POST", "/settings/people/<person_id>/<verb>", pages.bar


def _webhooks(app: Flask, outgoing: Outgoing) -> Iterator[tuple[str, str, View]]:
    doors = webhooks_sent.commands(outgoing)
    door = {name: guarded(as_signed_in, Right.ADMINISTER, view) for name, view in doors.items()}
    pages = WebhookPages(outgoing.desk, Acting(app, door))
    one = f"{webhooks.HOME}/<uuid:webhook_id>"
    yield "GET", webhooks.HOME, pages.page
    yield "POST", webhooks.HOME, pages.create
    yield "GET", one, pages.one
    yield "POST", f"{one}/<verb>", pages.act


def _approvals(pages: ApprovalPages) -> Iterator[Page]:
    """Who may decide is the commands' to say: who asked for something can withdraw it."""
    one = f"{approvals.HOME}/<uuid:approval_id>"
    yield "GET", approvals.HOME, Right.QUERY, pages.page, NOTHING
    yield "GET", one, Right.QUERY, pages.one, "detail"
    yield "POST", f"{one}/<verb>", Right.COMMAND, pages.act, NOTHING


def _insight(readers: Readers, people: People) -> Iterator[Page]:
    insight = Insight(readers.orders, readers.dashboard, readers.lags, readers.audit)
    settings = Settings(people.sessions, people.choices)
    yield "GET", "/dashboard", Right.QUERY, insight.dashboard, "list"
    yield "GET", "/audit", Right.AUDIT, insight.audit, NOTHING
    yield "GET", "/audit/find", Right.AUDIT, orders_grid.find_view(readers.orders, "/audit/history"), "list"
    yield "GET", "/audit/history/<uuid:order_id>", Right.AUDIT, insight.order_history, "history"
    yield from _auditing(AuditPages(readers.asking, proofs(readers.proof)))
    yield "GET", "/settings", Right.QUERY, settings.page, NOTHING
    yield "POST", "/settings", Right.QUERY, settings.prefer, NOTHING
    yield "GET", "/account", Right.OWN, account_view(readers.orders), NOTHING


def _auditing(pages: AuditPages) -> Iterator[Page]:
    """What auditors ask of the whole; the files of the reports come before the page that any name leads to."""
    served: list[tuple[str, Shows | None, View]] = [
        ("/audit/search", "history", pages.search),
        ("/audit/causes/<uuid:event_id>", "history", pages.causes),
        ("/audit/proof/<int:position>", NOTHING, pages.proof),
        *pages.files(),
        ("/audit/figures", NOTHING, pages.figures),
        ("/audit/figures/<name>", "report", pages.figure),
        ("/audit/refused", NOTHING, pages.refusals),
        ("/audit/looks", NOTHING, pages.accesses),
    ]
    for path, shows, view in served:
        yield "GET", path, Right.AUDIT, view, shows


def _warehouse(readers: Readers, acting: Acting, people: People) -> Iterator[Page]:
    lists = DocumentLists(readers.documents)
    warehouse = Warehouse(readers.orders, readers.documents, acting, people.choices)
    own: dict[str, tuple[View, View]] = {
        "batches": (lists.view(KINDS["batches"], "batches.html", warehouse.codes), warehouse.batch),
        "dispatches": (lists.view(KINDS["dispatches"], "dispatches.html", warehouse.ready), warehouse.dispatch),
    }
    for name, kind in KINDS.items():
        listed, shown = own.get(name) or (lists.view(kind), detail_view(readers.documents, kind))
        yield "GET", f"/{name}", Right.QUERY, listed, "list"
        yield "GET", f"/{name}/<uuid:document_id>", Right.QUERY, shown, "list"
    yield "POST", "/batches", Right.COMMAND, warehouse.create_batch, NOTHING
    yield "POST", "/dispatches", Right.COMMAND, warehouse.create_dispatch, NOTHING
