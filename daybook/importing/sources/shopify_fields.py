"""Where each column of Shopify's order export goes; a column that is not here is dropped, and the report says so."""

from daybook.importing.sources.tables import KEPT, LINE_KEPT

REQUIRED = (
    "Name", "Email", "Financial Status", "Fulfillment Status", "Currency", "Subtotal", "Shipping", "Taxes", "Total",
    "Discount Code", "Discount Amount", "Shipping Method", "Created at", "Lineitem quantity", "Lineitem name",
    "Lineitem price", "Lineitem sku", "Lineitem requires shipping", "Lineitem fulfillment status", "Cancelled at",
    "Payment Method", "Billing Name", "Billing Address1", "Billing Address2", "Billing Company", "Billing City",
    "Billing Zip", "Billing Province", "Billing Country", "Shipping Name", "Shipping Address1", "Shipping Address2",
    "Shipping Company", "Shipping City", "Shipping Zip", "Shipping Province", "Shipping Country",
)  # fmt: skip

_ADDRESS = {
    "Name": "name",
    "Street": "nowhere: Address1 and Address2 say it",
    "Address1": "street[0]",
    "Address2": "street[1]",
    "Company": "company",
    "City": "city",
    "Zip": "postcode, without the apostrophe in front",
    "Province": "region",
    "Country": "country",
    "Phone": "phone",
    "Province Name": "nowhere: the Province says it; region, where there is none",
}


def _addresses(kind: str, into: str) -> dict[str, str]:
    return {
        f"{kind} {name}": where if where.startswith("nowhere") else f"{into}.{where}"
        for name, where in _ADDRESS.items()
    }


FIELDS: dict[str, str] = {
    "Name": "order_number; number of the invoice and shipments that are assumed",
    "Id": "external_reference; the order's id and keys are made of it",
    "Email": "customer.email; customer.id is made of it",
    "Phone": "billing_address.phone, where that is empty",
    "Financial Status": "which payments, voids and refunds follow; status in the reconciliation",
    "Paid at": "occurred_at of the payment",
    "Fulfillment Status": "which shipments follow",
    "Fulfilled at": "occurred_at of the shipment and of the invoice that is assumed",
    "Cancelled at": "cancel, with this occurred_at",
    "Created at": "occurred_at of the placing",
    "Currency": "currency",
    "Subtotal": "checked: the lines less the discount; what is less is the discount of the lines",
    "Shipping": "shipping.amount",
    "Shipping Method": "shipping.description",
    "Taxes": "prices_include_tax, where the total contains it; tax_total, where no tax is named",
    "Total": "expected_grand_total",
    "Discount Code": "discounts[].code",
    "Discount Amount": "discounts[].amount: of the lines as far as the Subtotal shows it, the rest of the shipping",
    "Duties": "charges[] of kind duty",
    "Payment Method": "payment.title; method of the payment, and its kind",
    "Payment Reference": "nowhere: Payment References says it",
    "Payment ID": "provider_reference, where there are no Payment References",
    "Payment References": "provider_reference; attributes, where nothing was paid",
    "Refunded Amount": "refund by amount; before shipping, of a canceled order, refund-payment",
    "Outstanding Balance": "what of the Total was not paid; below zero, what was paid beyond it",
    "Payment Terms Name": KEPT,
    "Next Payment Due At": "due_date",
    "Tags": "tags",
    "Source": "source",
    "Notes": "customer_note",
    "Note Attributes": "attributes, a pair per line",
    "Employee": KEPT,
    "Location": KEPT,
    "Device ID": KEPT,
    "Receipt Number": KEPT,
    "Risk Level": KEPT,
    "Accepts Marketing": KEPT,
    "Lineitem quantity": "lines[].quantity",
    "Lineitem name": "lines[].name; lines[].sku, where there is none. A line called Tip is a charge of kind tip",
    "Lineitem price": "lines[].unit_price",
    "Lineitem sku": "lines[].sku",
    "Lineitem discount": "lines[].discount",
    "Lineitem requires shipping": "lines[].shippable",
    "Lineitem fulfillment status": "which lines a shipment of a partly fulfilled order has",
    "Lineitem taxable": "which lines a tax is spread over",
    "Lineitem compare at price": LINE_KEPT,
    "Vendor": LINE_KEPT,
    **{f"Tax {n} Name": "taxes[].name; taxes[].rate, where the name says it" for n in range(1, 6)},
    **{f"Tax {n} Value": "taxes[].amount, spread over lines and delivery" for n in range(1, 6)},
    **_addresses("Billing", "billing_address"),
    **_addresses("Shipping", "shipping_address"),
}
