"""Problems of an order as a whole."""

from web.problem_codes.row import Rows, row

ROWS: Rows = {
    "empty_order": row(422, "The order has no line.", "Send at least one line."),
    "duplicate_line": row(422, "Two lines have the same `line_id`.", "Give every line an id of its own."),
    "duplicate_external_reference": row(
        409,
        "Another order of the store has this `external_reference`.",
        "The order is most likely placed already: look it up by its reference.",
    ),
    "duplicate_order_number": row(
        409,
        "Another order of the store, `order_id`, has this `order_number`, however it is written: `#777` is `777`.",
        "The order is most likely placed already: look at the one of that id.",
    ),
    "duplicate_invoice_number": row(
        409,
        "An invoice of the store, on the order `order_id`, has this `external.number` already.",
        "The invoice is most likely here already: look at that order. A withdrawn one leaves its number to its order.",
    ),
    "totals_mismatch": row(
        422,
        "The order adds up to another total than `expected_grand_total`, or its taxes to another sum than `tax_total`.",
        "Compare prices, discounts, taxes and rounding with the total in `detail`.",
    ),
    "tax_given_twice": row(
        422,
        "Something says its tax both as `taxes` and as `tax_rate` or `tax_amount`.",
        "Send one of them.",
    ),
    "duplicate_charge": row(422, "Two charges have the same `charge_id`.", "Give every charge an id of its own."),
    "invalid_parent_line": row(
        422,
        "A `parent_line_id` names no line that can have parts, or both it and its part have a price.",
        "Name a line without a parent, and let one of the two cost 0.",
    ),
    "too_many_tags": row(422, "The order would have too many tags.", "Take some off in the same request."),
    "invalid_amount": row(
        422,
        "An amount has more decimals than its currency, exceeds what it is part of, or is too large.",
        "Correct the amount that `errors` points to.",
    ),
    "unknown_currency": row(422, "The currency is no ISO 4217 currency.", "Send a code such as `EUR`."),
    "invalid_base_rate": row(
        422, "An order in the base currency has another `base_rate` than 1.", "Leave `base_rate` out."
    ),
    "unknown_payment_method": row(
        422, "The payment method is not configured.", "Send one of those that `detail` lists, or configure it."
    ),
    "payment_method_not_available": row(
        422, "The payment method does not fit the order: `free` is for orders that cost nothing.", "Choose another one."
    ),
    "expires_at_in_past": row(422, "The deadline has passed already.", "Send a time that lies ahead, or none."),
    "reorder_not_allowed": row(
        409,
        "The order is on hold or under review, or its customer's data was erased.",
        "Release it or decide the review first; otherwise place a new order.",
    ),
    "erasure_not_allowed": row(
        409,
        "An order of the customer is open, or a document has to be kept: `open_orders` and `retained` name them.",
        "Complete, close or cancel the orders; wait until `retained_until`, or send `waive_retention`.",
    ),
    "already_erased": row(
        409, "The customer was erased at `erased_at`, and nothing came since.", "Nothing: it is done."
    ),
    "reason_names_customer": row(
        422, "The reason of an erasure names whom it erases, and it is kept.", "Say why without naming the customer."
    ),
    "order_not_editable": row(
        409,
        "Money, an invoice or a shipment depends on the order as it is, or it is stopped or ended.",
        "Undo what depends on it first, or cancel the rest and place a new order.",
    ),
    "address_locked": row(
        409,
        "The order has ended (billing address), or a shipment is booked to the address (shipping address).",
        "Cancel the shipment first.",
    ),
    "nothing_to_change": row(
        422, "The request changes nothing.", "Name an address, or tags that the order has not, or has to lose."
    ),
    "hold_not_available": row(
        409, "Only an order that is pending or processing can be held.", "Nothing: there is no work left to stop."
    ),
    "not_on_hold": row(409, "The order is not on hold.", "Nothing: it goes on already."),
    "order_on_hold": row(409, "The order is on hold.", "Release it first."),
    "payment_under_review": row(409, "The payment is under review.", "Accept or deny the payment first."),
    "order_canceled": row(409, "The order is canceled.", "Nothing can be authorized or reviewed any more."),
    "order_closed": row(409, "All of the order was refunded, so its goods stay here.", "Cancel the shipment."),
    "nothing_to_cancel": row(
        409,
        "Every unit is invoiced, on a shipment, or canceled already.",
        "Cancel the invoice or the shipment first, or refund.",
    ),
    "quantity_exceeds_cancelable": row(
        409, "More units are named than can be canceled.", "Name at most as many as the line has `to_cancel`."
    ),
    "expiry_not_due": row(409, "The order has no deadline, or it has not passed.", "Wait for it, or cancel the order."),
    "payment_present": row(409, "The order has a payment, so it does not expire.", "Cancel it instead."),
    "item_not_in_order": row(422, "The order has no line of that id.", "Send a `line_id` of the order."),
}
