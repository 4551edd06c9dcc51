"""Invoices and credit memos of random orders, as printed content: the real commands, folds and filler, without a log.

An order is one number: the same seed gives the same documents.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from adapters.documents.contents import CreditMemo, Invoice, Seller
from adapters.documents.filling.filler import DocumentFiller
from adapters.documents.stationery import Stationery
from adapters.merchant.config import load
from domain.credit_memo import CreditMemoIssued
from domain.events import Event
from domain.invoice import InvoiceCanceled, InvoiceIssued, InvoiceVoided
from domain.order import AlreadyReported
from domain.refusals import Refusal
from eventstore.records import RecordedEvent
from projections.documents import credit_memos, invoices
from projections.documents.issued import Issued
from projections.order_history import history
from projections.order_history.history import OrderHistory
from tests.support.orders import ORDER_ID, Case, order_body

IBAN = "DE89370400440532013000"
BUYERS = (
    ("PT", None, None),
    ("DE", None, None),
    ("DE", "DE136695976", "Käufer & Söhne GmbH"),
    ("FR", "FR83404833048", "Acheteur SARL"),
    ("GR", "EL094259216", "Αγοραστής"),
    ("US", None, "Buyer Inc."),
)
CHARGES = ("fee", "tip", "duty", "wrap", "surcharge", "shipping")
RATES = ("0", "0.07", "0.19", "0.055", "0.23")
METHODS = ("bank_transfer", "purchase_order", "cash_on_delivery", "check_money_order", "card_capture", "card_authorize")


def stationery(**more: Any) -> Stationery:
    """That of a merchant in Germany who has set all that e-invoices need."""
    shipped = load().stationery
    seller = Seller(
        name="Verkäufer & Cie. <GmbH>",
        address=replace(shipped.seller.address, country="DE", phone="+49 30 1234567"),
        vat_id="DE 123 456 789",
        email="rechnung@example.com",
        footer=("Amtsgericht Berlin, HRB 1234",),
        registration_id="HRB 1234",
        iban=IBAN,
        bic="COBADEFFXXX",
    )
    changes: dict[str, Any] = {"seller": seller, "payment_days": 14} | more
    return replace(shipped, **changes)


def random_body(dice: Random) -> dict[str, Any]:
    """An order somebody may place: taxed or not, with discounts, a delivery, prices of either kind."""
    country, vat_id, company = dice.choice(BUYERS)
    address = {"name": "Ana <Silva>", "company": company, "street": ["Rua 1", "2.º", "esq.", "fundo"], "city": "X"}
    address |= {"postcode": "4000", "country": country} | ({"vat_id": vat_id} if vat_id else {})
    untaxed = dice.random() < (0.7 if country not in {"PT", "DE"} else 0.1)
    rates = ("0",) if untaxed else dice.sample(RATES, dice.choice((1, 1, 2, 3)))
    lines = [_random_line(dice, str(place), rates) for place in range(dice.choice((1, 1, 2, 3, 5, 12)))]
    more: dict[str, Any] = {"billing_address": address, "shipping_address": address}
    if dice.random() < 0.3:
        more["shipping_address"] = address | {"name": "Lager", "city": "Y"}
    if dice.random() < 0.7:
        more["shipping"] = {"amount": _cents(dice, 2000), "tax_rate": Decimal(dice.choice(rates))}
    if dice.random() < 0.3:
        more["external_reference"] = "cart-8841"
    more |= _random_extras(dice, rates)
    currency = dice.choice(("EUR",) * 6 + ("USD", "JPY"))
    if currency != "EUR" and dice.random() < 0.7:
        more["base_rate"] = Decimal("0.9173")
    if currency == "JPY":
        _without_decimals(lines, more)
    body = order_body(*lines, method=dice.choice(METHODS), prices_include_tax=dice.random() < 0.5, **more)
    return body | {"currency": currency, "customer": {"id": "c", "email": "ana@example.com", "name": "Ana"}}


def _random_extras(dice: Random, rates: tuple[str, ...] | list[str]) -> dict[str, Any]:
    """What real orders have beside goods and a delivery: charges, a reduction of all of it, the buyer's number."""
    kinds = dice.sample(CHARGES, dice.choice((0, 0, 0, 1, 3)))
    charges = [
        {"charge_id": kind, "name": f"A {kind}", "kind": kind, "amount": _cents(dice, 900)}
        | {"tax_rate": Decimal(dice.choice(rates))}
        for kind in kinds
    ]
    extras: dict[str, Any] = {"charges": charges} if charges else {}
    if dice.random() < 0.3:
        extras["discounts"] = [{"name": "Autumn", "amount": Decimal(dice.randint(0, 3)), "target": "lines"}]
    if dice.random() < 0.3:
        extras |= {"purchase_order": "PO <7>", "due_date": date(2026, 12, 24)}
    return extras


def _random_line(dice: Random, name: str, rates: tuple[str, ...] | list[str]) -> dict[str, Any]:
    quantity, price = dice.choice((1, 2, 3, 7, 30, 250)), _cents(dice, 9000)
    line: dict[str, Any] = {"line_id": name, "sku": f"SKU-{name}", "quantity": quantity, "unit_price": price}
    line |= {"tax_rate": Decimal(dice.choice(rates)), "shippable": dice.random() < 0.8}
    if dice.random() < 0.8:
        line["name"] = "Tasse „groß“ & <bunt>"
    if dice.random() < 0.3:
        line |= {"gtin": "4012345678901", "unit": dice.choice(("kg", "m²", "box"))}
    if dice.random() < 0.2:
        line["unit_price"] = price = price + Decimal(dice.randint(1, 9999)).scaleb(-6)
    if dice.random() < 0.4:
        line["discount"] = (price * quantity * dice.randint(1, 100) / 100).quantize(Decimal("0.01"))
    return line


def _cents(dice: Random, most: int) -> Decimal:
    return Decimal(dice.randint(1, most)).scaleb(-2)


def _without_decimals(lines: list[dict[str, Any]], more: dict[str, Any]) -> None:
    for line in lines:
        line["unit_price"] = Decimal(int(line["unit_price"]) + 1)
        line["discount"] = Decimal(int(line.get("discount", 0)))
        line["discount"] = min(line["discount"], line["unit_price"] * line["quantity"])
    for charge in (*more.get("charges", ()), *([more["shipping"]] if "shipping" in more else [])):
        charge["amount"] = Decimal(int(charge["amount"]))


def random_case(seed: int) -> Case:
    """An order that was paid, invoiced, shipped, refunded and canceled at random."""
    dice = Random(seed)
    body = random_body(dice)
    try:
        case = Case(body)
    except Refusal:  # a reduction of more than the goods cost
        case = Case({name: asked for name, asked in body.items() if name != "discounts"})
    for _ in range(dice.randint(1, 6)):
        _step(case, dice)
    if not any(isinstance(event, InvoiceIssued) for event in case.events):
        _try(case, "orders/capture-payment", amount=_major(case, case.state.due), provider_reference="last")
        _try(case, "orders/invoices", lines="all_remaining")
    for _ in range(dice.randint(0, 4)):
        _step(case, dice)
    return case


def _major(case: Case, minor: int) -> Decimal:
    return Decimal(minor) if case.state.currency == "JPY" else Decimal(minor).scaleb(-2)


def _step(case: Case, dice: Random) -> None:
    issued = [event.originator_id for event in case.events if isinstance(event, InvoiceIssued)]
    units = [
        {"line_id": name, "quantity": dice.randint(1, line.ordered)}
        for name, line in case.state.lines.items()
        if dice.random() < 0.7
    ]
    match dice.choice(("pay", "invoice", "invoice", "refund", "refund", "refund", "end", "ship")):
        case "pay":
            part = case.state.due if dice.random() < 0.5 else dice.randint(1, max(1, case.state.due))
            reference = f"p{dice.random()}"
            _try(case, "orders/capture-payment", amount=_major(case, part), provider_reference=reference)
        case "invoice":
            _try(case, "orders/invoices", lines=units if units and dice.random() < 0.6 else "all_remaining")
        case "ship":
            _try(
                case, "orders/shipments", lines=units, carrier="ups", packages=[{"weight_grams": 9, "contents": units}]
            )
        case "end" if issued:
            _try(case, dice.choice(("invoices/cancel", "invoices/correct")), target=dice.choice(issued))
        case "refund" if issued:
            _try(case, "invoices/refund", target=dice.choice(issued), **_random_refund(case, units, dice))


def _random_refund(case: Case, units: list[dict[str, Any]], dice: Random) -> dict[str, Any]:
    lines: Any = [unit | {"disposition": "unshipped", "quantity": 1} for unit in units] if dice.random() < 0.7 else []
    if dice.random() < 0.2:
        lines = "all_remaining"
    if dice.random() < 0.15:
        amount = Decimal(dice.randint(1, 9))
        return {"amount": amount}
    refund: dict[str, Any] = {"lines": lines}
    if case.state.charges and dice.random() < 0.5:
        refund["charges"] = [{"charge_id": name, "amount": Decimal(1)} for name in case.state.charges]
    whole = case.state.currency == "JPY"
    for name, most in (("shipping", 500), ("adjustment_refund", 900), ("adjustment_fee", 300)):
        if dice.random() < 0.4:
            amount = _cents(dice, most)
            refund[name] = Decimal(int(amount)) if whole else amount
    return refund


def _try(case: Case, command: str, target: UUID = ORDER_ID, **body: Any) -> None:
    with suppress(Refusal, AlreadyReported):
        case.do(command, target=target, **body)


def documents(case: Case, on: Stationery) -> Iterator[Invoice | CreditMemo]:
    """Every invoice, credit memo and cancellation of a case, each as of its issue."""
    story, contents = OrderHistory(ORDER_ID), DocumentFiller(on)
    for place, event in enumerate(case.events, start=1):
        history.fold(story, _row(event, place), event)
        match event:
            case InvoiceIssued():
                yield contents.invoice(_issued(invoices.detail(story, event.originator_id), event))
            case CreditMemoIssued():
                yield contents.credit_memo(_issued(credit_memos.detail(story, event.originator_id), event))
            case InvoiceCanceled() | InvoiceVoided():
                yield contents.cancellation(_issued(invoices.detail(story, event.originator_id), event))


def _row(event: Event, place: int) -> RecordedEvent:
    facts = {"stream_id": event.originator_id, "version": place, "position": place, "recorded_at": event.occurred_at}
    return cast("RecordedEvent", SimpleNamespace(**facts))


def _issued(detail: Mapping[str, Any] | None, event: Event) -> Issued:
    assert detail is not None
    return Issued(detail, event.occurred_at, "Damaged <in> transit", None, {})
