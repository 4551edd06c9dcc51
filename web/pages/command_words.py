"""What people call the commands, in the order in which a desk needs them.

A command without words here is shown by its name, after the others: it never stays away.
"""

from functools import lru_cache

from web.pages.texts import translations, words_of
from web.pages.visitor import language_now, translate


@lru_cache(maxsize=8)
def words(language: str) -> dict[str, str]:
    _ = translations(language).gettext
    return {
        "orders/capture-payment": _("Record a payment"),
        "orders/invoices": _("Invoice"),
        "orders/shipments": _("Ship"),
        "orders/comment": _("Comment"),
        "orders/hold": _("Put on hold"),
        "orders/release": _("Release from hold"),
        "orders/cancel": _("Cancel"),
        "orders/accept-payment": _("Accept the payment"),
        "orders/deny-payment": _("Deny the payment"),
        "orders/refund-payment": _("Send money back"),
        "orders/change-address": _("Change addresses"),
        "orders/amend": _("Change lines, shipping or note"),
        "orders/tag": _("Tags"),
        "orders/reorder": _("Order again"),
        "orders/authorize-payment": _("Record an authorization"),
        "orders/flag-payment": _("Put the payment under review"),
        "orders/void-payment": _("Void an authorization"),
        "orders/fail-payment": _("Record a failed payment"),
        "orders/expire": _("Let it expire"),
        "invoices/capture": _("Capture the payment"),
        "invoices/refund": _("Refund"),
        "invoices/correct": _("Correct: take it back as a whole"),
        "invoices/cancel": _("Cancel the invoice"),
        "invoices/void": _("Void the payment"),
        "invoices/send-copy": _("Send a copy to the customer"),
        "invoices/record-printed": _("Note that it was printed"),
        "shipments/request-label": _("Ask the carrier for the label"),
        "shipments/void-label": _("Give the label back"),
        "shipments/add-tracking": _("Add a tracking number"),
        "shipments/tracking-events": _("Record a scan"),
        "shipments/correct-tracking": _("Correct a tracking number"),
        "shipments/retract-tracking": _("Retract a tracking number"),
        "shipments/return": _("Record a return"),
        "shipments/cancel": _("Cancel the shipment"),
        "shipments/record-printed": _("Note that it was printed"),
        "credit-memos/record-printed": _("Note that it was printed"),
        "batches": _("Ship as a batch"),
        "batches/entries": _("Change an entry"),
        "batches/process": _("Process"),
        "batches/cancel": _("Cancel the batch"),
        "dispatches": _("Schedule a pickup"),
        "dispatches/close": _("Close and issue the manifest"),
        "dispatches/cancel": _("Cancel the pickup"),
        "customers/erase": _("Erase the customer"),
        "dispatches/record-printed": _("Note that it was printed"),
    }


def called(name: str) -> str:
    """What a command is called."""
    return words(language_now()).get(name) or translate(words_of(name.partition("/")[2] or name))


def in_order(names: list[str]) -> list[str]:
    """The names in the order in which a desk needs them."""
    places = {name: place for place, name in enumerate(words(language_now()))}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))


# What ends something for good, and so asks once more.
ENDING = frozenset(
    {"orders/cancel", "orders/deny-payment", "orders/expire", "invoices/cancel", "invoices/correct", "batches/cancel"}
    | {"shipments/cancel", "dispatches/cancel"}
)


@lru_cache(maxsize=8)
def field_words(language: str) -> dict[str, str]:
    _ = translations(language).gettext
    return {
        "amount": _("Amount"),
        "provider_reference": _("Payment reference"),
        "currency": _("Currency (if another)"),
        "lines": _("Lines"),
        "quantity": _("Quantity"),
        "line_id": _("Line"),
        "capture": _("Payment of the rest"),
        "notify": _("Tell the customer"),
        "visible": _("Visible to the customer"),
        "reason": _("Reason"),
        "occurred_at": _("When it happened (if not now)"),
        "carrier": _("Carrier"),
        "service": _("Service"),
        "origin": _("From"),
        "location": _("Place"),
        "reference": _("Reference (15 letters or digits)"),
        "packages": _("Packages"),
        "weight_grams": _("Weight (g)"),
        "length_mm": _("Length (mm)"),
        "width_mm": _("Width (mm)"),
        "height_mm": _("Height (mm)"),
        "max_weight_grams": _("Maximum weight (g)"),
        "type": _("Packaging"),
        "contents": _("Contents"),
        "tracking_number": _("Tracking number"),
        "new_tracking_number": _("New tracking number"),
        "package_id": _("Package"),
        "disposition": _("Had it been shipped?"),
        "shipping": _("Shipping"),
        "adjustment_refund": _("Extra refund"),
        "adjustment_fee": _("Fee kept"),
        "mode": _("How the money goes back"),
        "billing_address": _("Billing address"),
        "shipping_address": _("Shipping address"),
        "text": _("Text"),
        "ready_at": _("Ready at"),
        "unit_price": _("Unit price"),
        "tax_rate": _("Tax rate"),
        "tax_amount": _("Tax amount"),
        "sku": "SKU",
        "vat_id": _("VAT id"),
    }


def field_called(name: str) -> str:
    return field_words(language_now()).get(name) or translate(words_of(name))
