"""Problems of payments, invoices and refunds."""

from web.problem_codes.row import Rows, row

ROWS: Rows = {
    "amount_exceeds_due": row(
        409, "More would be authorized than is due.", "Authorize at most what is due and not authorized."
    ),
    "currency_mismatch": row(
        422, "An authorization is in another currency than the order.", "Authorize in the order's currency."
    ),
    "provider_reference_reused": row(
        422,
        "The provider's reference was recorded with another amount or currency.",
        "Check the report: a new payment has a reference of its own.",
    ),
    "nothing_to_void": row(
        409, "The order has no open authorization to void.", "Nothing: there is nothing to give up."
    ),
    "not_under_review": row(409, "The payment is not under review.", "Use `flag-payment` to put it under review."),
    "nothing_received": row(
        409, "Nothing was received or authorized that could be accepted.", "Deny the payment, or wait for money."
    ),
    "capture_pending": row(
        409,
        "The payment gateway was asked and has not answered yet.",
        "Try again later: its answer is recorded by itself.",
    ),
    "refund_exceeds_uninvoiced_payment": row(
        409,
        "More would go back than lies on no invoice.",
        "Send back less, or refund the invoice that holds the money.",
    ),
    "refund_mode_not_allowed": row(
        409,
        "The gateway cannot send back what it did not take.",
        'Use `"mode": "offline"` for that part and send the money another way.',
    ),
    "gateway_not_configured": row(
        503, "No payment gateway is configured.", "Capture or refund offline, or set `PAYMENT_GATEWAY`."
    ),
    "payment_required": row(
        409,
        "Money is missing: for the invoice, or before the goods may leave.",
        "Capture or authorize a payment first; `detail` says how much is due.",
    ),
    "nothing_to_invoice": row(409, "Nothing is left to invoice.", "Nothing: all of it is invoiced or canceled."),
    "quantity_exceeds_uninvoiced": row(
        409, "More units are named than are left to invoice.", "Name at most as many as the line has `to_invoice`."
    ),
    "capture_mode_not_allowed": row(
        409,
        "The payment method does not capture in this way.",
        "Send one of the modes that `detail` lists, or leave `capture` out for the usual one.",
    ),
    "invoice_not_open": row(
        409, "The invoice does not wait for money.", "Refund or correct a paid invoice; others have ended."
    ),
    "invoice_not_canceled": row(
        409, "The invoice was neither canceled nor voided, so it has no cancellation to print.", "Print the invoice."
    ),
    "issued_elsewhere": row(
        409,
        "Another system issued the document, so it is not printed here.",
        "Fetch it there; `external` of the document has its number, and its address where one was given.",
    ),
    "einvoice_data_missing": row(
        409,
        "Something that an electronic invoice needs is not known.",
        "Set what `errors` name where they say; the PDF is there without it.",
    ),
    "einvoice_not_applicable": row(
        409, "The standard of electronic invoices does not reach the seller's country or the currency.", "Send the PDF."
    ),
    "einvoice_amounts_contradict": row(
        409, "A tax is not what its rate makes of the amount.", "Send the PDF; place orders with taxes of their rates."
    ),
    "invoice_not_correctable": row(
        409, "Only a paid invoice of which nothing was refunded can be corrected.", "Refund what is left of it instead."
    ),
    "void_not_available": row(
        409,
        "Only a paid invoice whose money the gateway took, and of which nothing was given back, can be voided.",
        "Refund it instead.",
    ),
    "nothing_to_refund": row(422, "The request refunds nothing.", "Name lines, shipping or an adjustment."),
    "refund_exceeds_paid": row(
        409, "More would be refunded than is left on the invoice.", "Refund at most the amount that `detail` says."
    ),
    "charge_not_on_invoice": row(
        422, "The invoice has no charge of that id.", "Send a `charge_id` of the invoice, or refund another invoice."
    ),
    "charge_refund_exceeds": row(
        409,
        "More of a charge is to be refunded than is left of it on the invoice.",
        "Refund what `detail` says is left.",
    ),
    "shipping_refund_exceeds": row(
        409, "More shipping would be refunded than is left on the invoice.", "Refund at most what `detail` says."
    ),
    "quantity_exceeds_invoiced": row(
        409,
        "More units are named than are on this invoice and not refunded.",
        "Name fewer, or refund the rest from the other invoice.",
    ),
    "disposition_mismatch": row(
        409,
        "Units are said to be shipped, or unshipped, or refunded before, that are not.",
        "Send the disposition that the units have; cancel a shipment that has not left to make its units unshipped.",
    ),
    "period_closed": row(
        409,
        "Money or a document would be dated into a period that is closed.",
        "Send a later `occurred_at`, or none; history is brought in by an import.",
    ),
}
