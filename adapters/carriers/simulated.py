"""A carrier for development and tests that does everything a real one may do to us.

It keeps what it did in a small SQLite file of its own, so that asked again under the same intent, even by another
process or after a kill at any point, it makes one label and answers alike. The last two digits of the weight in grams
choose what happens: see ``BEHAVIOURS``. Nothing is charged, and no parcel leaves.
"""

import sqlite3
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

from adapters.ledger_file import LedgerFile
from application.carrier import (
    Bought,
    CarrierUnavailable,
    LabelRequest,
    Manifested,
    ManifestRequest,
    Parcel,
    Rate,
    Refused,
    Voided,
    VoidRequest,
    VoidUnderWay,
)

DELAY_SECONDS = 1.0
CURRENCY = "USD"

# By the last two digits of the weight in grams.
BEHAVIOURS = {
    91: "refuse: no service takes it there",
    92: "slow: answers after a second",
    93: "lost answer: makes the label, but the first answer never arrives",
    94: "down: does not act and does not answer the first time",
    95: "voids late: says at first that it will decide later",
    96: "refuses to void",
}
# By service: what a package costs, what each gram adds in thousandths, and the days that it takes.
SERVICES = {"ground": (500, 150, 4), "express": (1200, 300, 1)}

_TABLES = """
    CREATE TABLE IF NOT EXISTS labels (
        number INTEGER PRIMARY KEY, intent_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, weight INTEGER NOT NULL,
        service TEXT, amount INTEGER, asked_back INTEGER NOT NULL DEFAULT 0
    )
"""


class SimulatedCarrier:
    """Makes labels, refuses, delays, loses answers, voids; ``ledger`` is an SQLite file, mode 0600."""

    def __init__(
        self,
        ledger: Path,
        service: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        *,
        zpl: bool = False,
    ) -> None:
        self._ledger = LedgerFile(ledger, _TABLES, CarrierUnavailable)
        self._service = service
        self._sleep = sleep
        self._zpl = zpl

    def buy(self, request: LabelRequest) -> Bought | Refused:
        """Make a label once per intent; raises ``CarrierUnavailable`` when the answer is lost."""
        parcel = request.parcel
        behaviour = parcel.weight_grams % 100
        service = parcel.service or self._service or "ground"
        with self._ledger.opened() as ledger:
            known = _state(ledger, request.intent_id)
            if known is None:
                state = "failed" if behaviour == 91 or service not in SERVICES else "bought"
                state = "down" if behaviour == 94 else state
                _begin(ledger, request, service, state)
            elif known == "down":
                ledger.execute(
                    "UPDATE labels SET state = 'bought', amount = ? WHERE intent_id = ?",
                    [_price(service, parcel.weight_grams), str(request.intent_id)],
                )
            now = _state(ledger, request.intent_id)
        if known is None and behaviour in {93, 94}:
            raise CarrierUnavailable("the answer was lost" if behaviour == 93 else "the carrier is down")
        if behaviour == 92:
            self._sleep(DELAY_SECONDS)
        if now == "voided":
            return Refused("The label was voided before.")
        if now == "failed":
            return Refused(f"No service {service} takes it there.")
        return _bought(request, service, drawn_zpl if self._zpl else drawn_label)

    def void(self, request: VoidRequest) -> Voided | Refused | VoidUnderWay:
        """Take a label back; what was never made is void."""
        with self._ledger.opened() as ledger:
            row = ledger.execute(
                "SELECT weight, asked_back FROM labels WHERE intent_id = ?", [str(request.intent_id)]
            ).fetchone()
            weight, asked = row or (0, 0)
            if weight % 100 == 96:
                return Refused("The label was used.")
            if row is None:
                ledger.execute(
                    "INSERT INTO labels (intent_id, state, weight) VALUES (?, 'voided', 0)", [str(request.intent_id)]
                )
            late = weight % 100 == 95 and not asked
            voiding = "UPDATE labels SET asked_back = 1, state = iif(?, state, 'voided') WHERE intent_id = ?"
            ledger.execute(voiding, [late, str(request.intent_id)])
        return VoidUnderWay() if late else Voided()

    def rates(self, parcel: Parcel) -> list[Rate] | Refused:
        """What each service costs, the cheapest first."""
        behaviour = parcel.weight_grams % 100
        if behaviour == 94:
            raise CarrierUnavailable("the carrier is down")
        if behaviour == 91:
            return Refused("No service takes it there.")
        return [
            Rate(service=service, amount=_price(service, parcel.weight_grams), currency=CURRENCY, days=days)
            for service, (_, _, days) in SERVICES.items()
        ]

    def manifest(self, request: ManifestRequest) -> Manifested | Refused:
        """A page with how many labels are on it; the same for the same intent."""
        known = {f"sim_{each['intent_id']}" for each in self.labels() if each["state"] == "bought"}
        if not set(request.references) <= known:
            return Refused("A label of these is void, or was never made.")
        drawn = drawn_page("SIMULATED MANIFEST", f"{len(request.references)} packages", str(request.intent_id)[-12:])
        return Manifested(reference=f"simf_{request.intent_id}", file=drawn)

    def labels(self) -> list[dict[str, Any]]:
        """What was really made and charged, oldest first: intent_id, state, amount; void ones too."""
        names = ("intent_id", "state", "amount")
        made = "SELECT intent_id, state, amount FROM labels WHERE amount IS NOT NULL ORDER BY number"
        with self._ledger.opened() as ledger:
            return [dict(zip(names, row, strict=True)) for row in ledger.execute(made)]


def _state(ledger: sqlite3.Connection, intent_id: UUID) -> str | None:
    row = ledger.execute("SELECT state FROM labels WHERE intent_id = ?", [str(intent_id)]).fetchone()
    return None if row is None else str(row[0])


def _begin(ledger: sqlite3.Connection, request: LabelRequest, service: str, state: str) -> None:
    weight = request.parcel.weight_grams
    amount = None if state != "bought" else _price(service, weight)
    ledger.execute(
        "INSERT INTO labels (intent_id, state, weight, service, amount) VALUES (?, ?, ?, ?, ?)",
        [str(request.intent_id), state, weight, service, amount],
    )


def _price(service: str, weight_grams: int) -> int:
    once, per_gram, _ = SERVICES[service]
    return once + per_gram * weight_grams // 1000


def _bought(request: LabelRequest, service: str, draw: Callable[[str, str], bytes]) -> Bought:
    number = f"SIM{request.intent_id.int % 10**12:012}"
    return Bought(
        reference=f"sim_{request.intent_id}",
        tracking_number=number,
        service=service,
        amount=_price(service, request.parcel.weight_grams),
        currency=CURRENCY,
        label=draw(number, service),
    )


def drawn_label(number: str, service: str) -> bytes:
    """A label that says what it is."""
    return drawn_page("SIMULATED LABEL", "not valid for postage", service, number)


def drawn_zpl(number: str, service: str) -> bytes:
    """The same for a label printer of 203 dpi."""
    texts = ("SIMULATED LABEL", "not valid for postage", service, number)
    lines = "".join(f"^FO40,{60 + 90 * row}^A0N,44,44^FD{text}^FS" for row, text in enumerate(texts))
    return f"^XA^PW812^LL1218{lines}^FO40,440^BY3^BCN,160,Y,N,N^FD{number}^FS^XZ\n".encode()


def drawn_page(*texts: str) -> bytes:
    """A PNG of 4 x 6 inches at 100 dpi."""
    image = Image.new("1", (400, 600), 1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((8, 8, 391, 591), outline=0, width=3)
    for row, text in enumerate(texts):
        draw.text((24, 40 + 60 * row), text, fill=0, font_size=26)
    file = BytesIO()
    image.save(file, "PNG", dpi=(100, 100))
    return file.getvalue()
