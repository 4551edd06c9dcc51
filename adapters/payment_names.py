"""What payment methods are called where customers read it: on invoices and in mails.

A method of the merchant's own has the name that the merchant gives it, in every language; without one its code is made
readable.
"""

from collections.abc import Mapping

_NAMES = {
    "en": {
        "bank_transfer": "Bank transfer",
        "check_money_order": "Check or money order",
        "cash_on_delivery": "Cash on delivery",
        "purchase_order": "Invoice",
        "card_authorize": "Card",
        "card_capture": "Card",
        "hosted_checkout": "Online payment",
        "free": "No payment needed",
    },
    "de": {
        "bank_transfer": "Überweisung",
        "check_money_order": "Scheck",
        "cash_on_delivery": "Nachnahme",
        "purchase_order": "Kauf auf Rechnung",
        "card_authorize": "Karte",
        "card_capture": "Karte",
        "hosted_checkout": "Online-Zahlung",
        "free": "Keine Zahlung nötig",
    },
}


def payment_name(code: str, language: str, own: Mapping[str, str]) -> str:
    """The name of a payment method in a language; ``own`` are the merchant's."""
    names = _NAMES.get(language.lower().split("-")[0], _NAMES["en"])
    return own.get(code) or names.get(code) or code.replace("_", " ").replace("-", " ").capitalize()
