"""Ways of paying as other systems call them: under which rules they go on here, and which kind of money it was.

Money of another system was not taken by Daybook's gateway, so that no rule that asks the gateway fits it. The title
that the customer knows is kept beside the rules.
"""

import re

KINDS = (
    ("gift_card", ("gift card", "gift_card", "giftcard", "voucher")),
    ("store_credit", ("store credit", "store_credit", "customer balance", "customerbalance")),
    ("cash", ("cash",)),
    ("transfer", ("bank", "bacs", "transfer", "wire", "invoice", "checkmo", "cheque", "moneyorder", "money order")),
    (
        "card",
        (
            "card",
            "stripe",
            "shopify payments",
            "braintree",
            "adyen",
            "mollie",
            "klarna",
            "paypal",
            "authorizenet",
            "square",
            "online_cc",
            "woocommerce_payments",
            "etsy payments",
            "amazon",
        ),
    ),
)
ON_DELIVERY = ("cash on delivery", "cashondelivery", "cod")
CHECKS = re.compile(r"\bcheck\b|cheque|checkmo|money order")
ON_ACCOUNT = ("purchaseorder", "purchase order", "purchase_order", "net ")


def kind_of(title: str) -> str:
    """card, gift_card, store_credit, cash, transfer, or other where the name says nothing."""
    name = title.lower()
    return next((kind for kind, words in KINDS if any(word in name for word in words)), "other")


def method_of(title: str, *, unpaid_left: bool) -> str:
    """The payment method whose rules let happen what happened.

    ``unpaid_left``: goods left, or an invoice stands open, without the money.
    """
    name = title.lower()
    if any(word == name or f"({word})" in name or (len(word) > len("cod") and word in name) for word in ON_DELIVERY):
        return "cash_on_delivery"
    if unpaid_left or any(word in name for word in ON_ACCOUNT):
        return "purchase_order"
    return "check_money_order" if CHECKS.search(name) else "bank_transfer"
