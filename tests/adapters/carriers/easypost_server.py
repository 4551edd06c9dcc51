"""EasyPost's API as far as we ask it, served on this machine with the answers that EasyPost gives.

Shipments are found by id or reference, and have one label at most. By the last digits of what is printed on the label
(``print_custom_1``) it offers no rate (91), has no money left (92), loses its first answer after acting (93), is down
the first time (94), decides later about refunds (95) or refuses them (96).
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from adapters.carriers.simulated import drawn_label

Json = dict[str, Any]
Answer = tuple[int, Json]
RATES = (("Express", "31.25", 1), ("Priority", "6.95", 2), ("GroundAdvantage", "5.93", 3))


class EasyPostServer(ThreadingHTTPServer):
    """Remembers the shipments that were made, and which of them it charged for.

    ``file`` is what it gives instead of labels, if anything.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.shipments: list[Json] = []
        self.seen: set[str] = set()
        self.forms = 0
        self.file: bytes | None = None
        self.asked: list[Json] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def labels(self) -> list[Json]:
        """What was charged: state and amount."""
        bought = [each for each in self.shipments if each["postage_label"]]
        return [
            {"state": "voided" if each["refund_status"] == "refunded" else "bought", "amount": _cents(each)}
            for each in bought
        ]


class Handler(BaseHTTPRequestHandler):
    """Answers shipments: making, finding, rating, buying and refunding."""

    server: EasyPostServer

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if self.path.startswith("/files/"):
            drawn = drawn_label(name.removesuffix(".png"), "Priority")
            self._send_bytes(200, "image/png", drawn if self.server.file is None else self.server.file)
            return
        found = self._find(name)
        if self.headers["Authorization"] == "Bearer EZTK_hurried":
            self._send(429, _error("RATE_LIMITED", "Slow down."))
            return
        self._send(*((200, found) if found else (404, _error("NOT_FOUND", "The requested resource was not found."))))

    def do_POST(self) -> None:
        if self.headers["Authorization"] == "Bearer EZTK_revoked":
            self._send(401, _error("UNAUTHORIZED", "This API key is no longer active."))
            return
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"{}")
        with self.server.lock:
            self._answer(told)

    def _answer(self, told: Json) -> None:
        *_, name, verb = self.path.split("/")
        if verb == "scan_forms":
            self._send(*self._scan_form(told["scan_form"]))
            return
        if verb == "shipments":
            self.server.asked.append(told["shipment"])
            self.server.shipments.append(self._made(told["shipment"]))
            self._send(201, self.server.shipments[-1])
            return
        made = self._find(name)
        if made is None:
            self._send(404, _error("NOT_FOUND", "The requested resource was not found."))
            return
        kind = made["options"].get("print_custom_1", "")[-2:]
        first = f"{verb} {name}" not in self.server.seen
        self.server.seen.add(f"{verb} {name}")
        if verb == "buy" and kind == "92":
            self._send(402, _error("PAYMENT_REQUIRED", "Insufficient funds. Add funds to your account balance."))
            return
        if verb == "buy" and kind == "94" and first:
            self._send(503, _error("SERVICE.UNAVAILABLE", "down"))
            return
        answer = {"buy": self._buy, "refund": self._refund, "rerate": self._rerate}[verb](made, told, kind)
        if verb == "buy" and kind == "93" and first:
            self.close_connection = True  # acted, and the answer never arrives
            return
        self._send(*answer)

    def _scan_form(self, told: Json) -> Answer:
        found = [self._find(each["id"]) for each in told["shipments"]]
        if not all(each and each["postage_label"] and not each["refund_status"] for each in found):
            return 422, _error("SCAN_FORM.SHIPMENTS.INVALID", "A label of these is void, or was never made.")
        form = {
            "id": f"sf_{found[0]['id'][-8:] if found[0] else ''}",
            "object": "ScanForm",
            "status": "created",
            "message": None,
            "form_url": f"{self.server.url}/files/form.png",
            "form_file_type": None,
            "batch_id": None,
            "tracking_codes": [each["tracking_code"] for each in found if each],
        }
        self.server.forms += 1
        for each in found:
            if each:
                each["scan_form"] = form
        return 201, form

    def _find(self, name: str) -> Json | None:
        return next((each for each in self.server.shipments if name in {each["id"], each["reference"]}), None)

    def _made(self, told: Json) -> Json:
        number = len(self.server.shipments) + 1
        name = f"shp_{number:032x}"
        none = told["options"].get("print_custom_1", "").endswith("91")
        return {
            "id": name,
            "object": "Shipment",
            "mode": "test",
            "created_at": "2026-11-27T10:00:00Z",
            "updated_at": "2026-11-27T10:00:00Z",
            "reference": told.get("reference"),
            "options": told["options"],
            "to_address": {"object": "Address", **told["to_address"]},
            "from_address": {"object": "Address", **told["from_address"]},
            "parcel": {"object": "Parcel", **told["parcel"]},
            "messages": [
                {"carrier": "USPS", "type": "rate_error", "message": "No service takes it there."},
                {"carrier": "DhlEcs", "type": "rate_error", "message": "No service takes it there."},
            ],
            "rates": [] if none else [_rate(name, *each) for each in RATES],
            "selected_rate": None,
            "postage_label": None,
            "tracking_code": None,
            "tracker": None,
            "refund_status": None,
            "scan_form": None,
            "status": "unknown",
        }

    def _rerate(self, made: Json, told: Json, kind: str) -> Answer:
        return 200, {"rates": made["rates"]}

    def _buy(self, made: Json, told: Json, kind: str) -> Answer:
        if made["postage_label"]:
            return 422, _error("SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")
        rate = next((each for each in made["rates"] if each["id"] == told["rate"]["id"]), None)
        if rate is None:
            return 422, _error("RATE.INVALID", "The rate is not one of the shipment's.")
        code = f"94001001{made['id'][-12:]}"
        url = f"{self.server.url}/files/{made['id']}.png"
        label = {"object": "PostageLabel", "id": "pl_1", "label_file_type": "image/png", "label_url": url}
        tracker = {"object": "Tracker", "id": "trk_1", "tracking_code": code, "status": "unknown", "carrier": "USPS"}
        made |= {"postage_label": label, "selected_rate": rate, "tracking_code": code, "tracker": tracker}
        return 200, made

    def _refund(self, made: Json, told: Json, kind: str) -> Answer:
        if kind == "96":
            return 422, _error("SHIPMENT.REFUND.UNAVAILABLE", "The label was used.")
        made["refund_status"] = "submitted" if kind == "95" else "refunded"
        answer = dict(made)
        if kind == "95":
            made["refund_status"] = "refunded"  # by the time that anybody looks again
        return 200, answer

    def _send(self, status: int, answer: Json) -> None:
        self._send_bytes(status, "application/json; charset=utf-8", json.dumps(answer).encode())

    def _send_bytes(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _rate(shipment_id: str, service: str, rate: str, days: int) -> Json:
    return {
        "id": f"rate_{shipment_id[-8:]}{service.lower()}",
        "object": "Rate",
        "mode": "test",
        "service": service,
        "carrier": "USPS",
        "rate": rate,
        "currency": "USD",
        "delivery_days": days,
        "shipment_id": shipment_id,
        "carrier_account_id": "ca_b25657e9896e4d63ac8151ac346ac41e",
    }


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message, "errors": []}}


def _cents(made: Json) -> int:
    return int(str(made["selected_rate"]["rate"]).replace(".", ""))


@contextmanager
def serving() -> Iterator[EasyPostServer]:
    """The server, for as long as the block lasts."""
    with EasyPostServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
