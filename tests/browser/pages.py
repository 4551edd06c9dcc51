"""Every page, and at which addresses the tests look at it: light and dark, on a desk and on a phone, with axe.

A page that stands in none of these lists fails a test (``tests/web/test_every_page.py``), so that nobody adds one that
is never looked at. In braces stand the names of what ``test_every_page`` makes first.
"""

from collections.abc import Mapping

Looked = Mapping[str, tuple[str, ...]]
"""A page's path as the description of the API writes paths, and addresses of it."""

OF_THE_DESK: Looked = {
    "/": ("/", "/?q=nothing-like-this", "/?limit=9999", "/?columns=order_number,shipping_address,payment_status"),
    "/orders/{order_id}": ("/orders/{order}", "/orders/{long_order}", "/orders/{nothing}"),
    "/orders/{order_id}/erase-customer": ("/orders/{order}/erase-customer",),
    "/orders/act/{run_id}": ("{mass_action}",),
    "/act/{collection}/{target}/{verb}": (
        "/act/orders/{long_order}/invoices",
        "/act/orders/{long_order}/change-address",
        "/act/orders/{long_order}/amend",
    ),
    "/invoices": ("/invoices",),
    "/invoices/{document_id}": ("/invoices/{invoice}",),
    "/shipments": ("/shipments",),
    "/shipments/{document_id}": ("/shipments/{shipment}",),
    "/credit-memos": ("/credit-memos",),
    "/credit-memos/{document_id}": ("/credit-memos/{memo}",),
    "/batches": ("/batches",),
    "/batches/{document_id}": ("/batches/{batch}",),
    "/dispatches": ("/dispatches?carrier=ups", "/dispatches?q=nothing-like-this"),
    "/dispatches/{document_id}": ("/dispatches/{dispatch}",),
    "/approvals": ("/approvals", "/approvals?status=rejected"),
    "/dashboard": ("/dashboard",),
    "/audit": ("/audit",),
    "/audit/history/{order_id}": ("/audit/history/{order}",),
    "/audit/search": ("/audit/search?type=shipment.*",),
    "/audit/causes/{event_id}": ("{causes}",),
    "/audit/proof/{position}": ("{proof}",),
    "/audit/figures": ("/audit/figures",),
    "/audit/figures/{name}": tuple(
        f"/audit/figures/{name}" for name in ("documents", "manual-acts", "money", "numbers", "reconciliation")
    ),
    "/audit/refused": ("/audit/refused",),
    "/audit/looks": ("/audit/looks",),
    "/settings": ("/settings",),
    "/settings/keys": ("/settings/keys",),
    "/settings/keys/{key_id}": ("{key}",),
    "/settings/webhooks": ("/settings/webhooks",),
    "/settings/webhooks/{webhook_id}": ("/settings/webhooks/{webhook}",),
}
"""What an admin looks at."""

OF_CUSTOMERS: Looked = {"/account": ("/account",), "/track/{token}": ("/track/{token}", "/track/nobodys")}
"""What a customer looks at who has signed in."""

OF_STRANGERS: Looked = {"/sign-in": ("/sign-in", "/nowhere")}
"""What is seen by who has not."""

WITH_APPROVALS: Looked = {"/approvals/{approval_id}": ("/approvals/{approval}",)}
"""What there is only where a merchant has commands approved: ``test_approvals`` looks at it."""

NO_PAGES: Mapping[str, str] = {
    r"/(audit/)?find": "leads to another page",
    r"/orders/count": "a number within the grid",
    r".+\.(csv|xlsx|pdf|zpl)": "a file",
    r"/docs(/.+)?": "the reference of the API, made from its description and not a page of the desk",
}
"""Patterns of what is answered to a GET and is no page, and why it is none."""
