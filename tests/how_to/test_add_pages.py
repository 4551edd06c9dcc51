"""Following the pages that say how to add an event, a command, a column, a form, a payment method and a gateway."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.how_to.scratch import ROOT, Scratch, block
from tests.support.postgres import Database

PAGES = (
    *("add-an-event.md", "add-a-command.md", "add-a-grid-column.md", "add-a-document-form.md", "add-a-gateway.md"),
    "add-a-carrier.md",
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A copy of the tree with the changes of all pages."""
    scratch = Scratch(tmp_path_factory.mktemp("scratch"))
    pages = {name: scratch.follow(name) for name in PAGES}
    scratch.write("migrations/0099_revision.sql", block(pages["add-a-grid-column.md"], "sql"))
    scratch.write("adapters/gateways/acme_gateway.py", block(pages["add-a-gateway.md"], "python"))
    scratch.write("adapters/carriers/acme_carrier.py", block(pages["add-a-carrier.md"], "python"))
    page = (ROOT / "docs" / "how-to" / "add-a-payment-method.md").read_text(encoding="utf-8")
    shipped = (ROOT / "adapters" / "merchant" / "merchant.toml").read_text(encoding="utf-8")
    (scratch.folder / "shop.toml").write_text(f"{shipped}\n{block(page, 'toml')}", encoding="utf-8")
    return scratch


def test_a_new_command_records_the_new_event_and_is_refused_where_it_says(scratch: Scratch, database: Database) -> None:
    script = """
from application.command import Actor
from domain.refusals import Refusal
from web.commands.routes import ROUTES
from web.openapi.document import describe
with open_shop(database) as shop:
    order = shop.place(line())
    print(shop.do("orders/prioritize", order, priority="urgent")["events"])
    for change in ("prioritize", "cancel", "prioritize"):
        try:
            shop.do(f"orders/{change}", order, **({"priority": "urgent"} if change == "prioritize" else {}))
        except Refusal as refusal:
            print(refusal.code)
print("/commands/orders/{order_id}/prioritize" in describe(ROUTES)["paths"])
"""
    assert scratch.run(script, database).splitlines() == [
        "['OrderPrioritized']",
        "nothing_to_change",
        "order_canceled",
        "True",
    ]


def test_a_new_column_is_shown_and_asked_for(scratch: Scratch, fresh_database: Database) -> None:
    script = """
import migrations
from projections.orders_grid.parameters import parse_grid_query
migrations.migrate(database.owner_url)
with open_shop(database) as shop:
    first, second = shop.place(line()), shop.place(line())
    shop.do("orders/amend", second, note="gift")
    shop.follow()
    page = shop.queries.grid_page(parse_grid_query({"revision_min": ["2"]}))
    items = json.loads(b"[" + page.items + b"]")
    print([UUID(item["order_id"]) == second for item in items], items[0]["revision"])
from web.pages.orders_columns import columns
print(columns("en")["revision"].kind)
"""
    assert scratch.run(script, fresh_database).splitlines() == ["[True] 2", "number"]


def test_a_new_form_is_printed(scratch: Scratch, database: Database) -> None:
    script = """
from io import BytesIO
from pypdf import PdfReader
with open_shop(database) as shop:
    order = shop.place(line(), method="cash_on_delivery", external_reference="secret-1")
    shipment = UUID(shop.do("orders/shipments", order, **packed(("1", 3)))["shipment_id"])
    for form in ("packing-slip", "gift-slip"):
        text = PdfReader(BytesIO(shop.printer.print(form, shipment).pdf)).pages[0].extract_text()
        print("secret-1" in text, "/track/" in text)
"""
    assert scratch.run(script, database).splitlines() == ["True True", "False False"]


def test_a_new_payment_method_lets_happen_what_its_rules_say(scratch: Scratch, database: Database) -> None:
    script = """
from dataclasses import replace
from domain.payment_methods import Capture, ShipWhen, method_named
from adapters.merchant.config import load
config = load(Path("shop.toml"))
method = method_named("voucher", config.payment_methods)
print(method.captures == (Capture.OFFLINE,), method.ship_when is ShipWhen.CAPTURED, config.payment_names["voucher"])
"""
    assert scratch.run(script, database) == "True True Voucher"


def test_a_new_gateway_is_asked_once_and_does_not_guess(scratch: Scratch, database: Database) -> None:
    script = """
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4
from adapters.gateways.acme_gateway import AcmeGateway
from application.gateway import GatewayRequest, GatewayUnavailable
from daybook.gateways import payment_gateway
from daybook.settings import Settings

moved = {}

class Acme(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = {1091: 402, 1094: 500}.get(asked["amount"], 200)
        if status == 200:
            moved[self.headers["Idempotency-Key"]] = asked["amount"]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"id": f"acme-{len(moved)}", "message": "insufficient funds"}).encode())

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Acme)
threading.Thread(target=server.serve_forever, daemon=True).start()
gateway = AcmeGateway(f"http://127.0.0.1:{server.server_port}")

def wanting(amount):
    return GatewayRequest(
        kind="capture", intent_id=uuid4(), order_id=uuid4(), amount=amount, currency="EUR", reference="a"
    )

request = wanting(1000)
print(gateway.ask(request) == gateway.ask(request), list(moved.values()), gateway.ask(wanting(1091)).detail)
try:
    gateway.ask(wanting(1094))
except GatewayUnavailable as unknown:
    print(unknown)
print(type(payment_gateway(Settings.from_env({"PAYMENT_GATEWAY": "acme"}))).__name__)
"""
    assert scratch.run(script, database).splitlines() == [
        "True [1000] insufficient funds",
        "status 500",
        "AcmeGateway",
    ]


def test_a_new_carrier_makes_one_label_and_does_not_guess(scratch: Scratch, database: Database) -> None:
    script = """
import base64
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4
from adapters.carriers.acme_carrier import AcmeCarrier
from adapters.merchant.config import load
from application.carrier import CarrierUnavailable, LabelRequest, Parcel, VoidRequest
from daybook.carrying import carriers
from daybook.settings import Settings

made = {}

class Acme(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = {91: 422, 94: 500}.get(asked.get("grams", 0) % 100, 200)
        if status == 200 and self.path.startswith("/labels/"):
            made.setdefault(self.path.split("/")[2], asked)
        png = base64.b64encode(b"png").decode()
        facts = {"id": self.path, "number": "AC1", "service": "fast", "cents": 500, "png": png}
        self.send_response(status)
        self.end_headers()
        answer = facts | {"message": "too far", "rates": [["fast", 500]]}
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Acme)
threading.Thread(target=server.serve_forever, daemon=True).start()
carrier = AcmeCarrier(f"http://127.0.0.1:{server.server_port}")

def wanting(grams):
    parcel = Parcel(carrier="ups", service=None, origin="main", ship_to={"country": "PT"}, weight_grams=grams)
    return LabelRequest(intent_id=uuid4(), parcel=parcel)

request = wanting(900)
print(carrier.buy(request) == carrier.buy(request), len(made), carrier.buy(wanting(991)).detail)
print(type(carrier.void(VoidRequest(intent_id=request.intent_id, carrier="ups", reference=None))).__name__)
print([rate.amount for rate in carrier.rates(request.parcel)])
try:
    carrier.buy(wanting(994))
except CarrierUnavailable as unknown:
    print(unknown)
shop = Path("acme.toml")
shop.write_text('[carriers.ups]\\nname = "UPS"\\n[carriers.ups.account]\\nprovider = "acme"\\n')
print({code: type(each).__name__ for code, each in carriers(Settings.from_env({}), load(shop)).items()})
"""
    assert scratch.run(script, database).splitlines() == [
        "True 1 too far",
        "Voided",
        "[500]",
        "status 500",
        "{'ups': 'AcmeCarrier'}",
    ]


STATE = {"domain/order_state.py", "domain/order_evolution.py"}


def test_a_change_takes_so_many_files_of_the_product() -> None:
    command = files_of("add-an-event.md") | files_of("add-a-command.md")
    assert len(command - STATE) == 5
    assert len(command) == 7  # where later decisions depend on the event
    assert len(files_of("add-a-grid-column.md")) + 1 == 2  # the migration is written in full on the page


def files_of(page: str) -> set[str]:
    """The files that a page changes."""
    text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^```diff\n(\S+)", text, re.MULTILINE))


def test_what_the_pages_write_keeps_the_house_rules(scratch: Scratch) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff comes with the development tools")
    changed = sorted({name for name in scratch.changed if name.endswith(".py")})
    command = [str(ruff), "check", "--no-cache", *changed]
    checked = subprocess.run(command, cwd=scratch.folder, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
