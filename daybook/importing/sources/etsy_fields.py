"""Where each column of Etsy's two order files goes; a column that is not here is dropped, and the report says so."""

from daybook.importing.sources.tables import KEPT, LINE_KEPT

_SAME = "nowhere: the orders file says it"

ORDERS: dict[str, str] = {
    "Sale Date": "occurred_at of the placing and the payment, at noon",
    "Order ID": "order_number, external_reference; the order's id and keys are made of it",
    "Buyer User ID": "customer.id",
    "Full Name": "billing_address.name, shipping_address.name, customer.name",
    "First Name": "nowhere: the full name says it",
    "Last Name": "nowhere: the full name says it",
    "Buyer": KEPT,
    "Number of Items": "checked: the units of the lines",
    "Payment Method": "payment.title; method of the payment",
    "Payment Type": KEPT,
    "Date Shipped": "one shipment of everything, at noon of that day; the invoice that is assumed",
    "Street 1": "street[0] of both addresses",
    "Street 2": "street[1] of both addresses",
    "Ship City": "city of both addresses",
    "Ship State": "region of both addresses",
    "Ship Zipcode": "postcode of both addresses",
    "Ship Country": "country of both addresses, by its English name",
    "Currency": "currency",
    "Order Value": "checked: the lines",
    "Coupon Code": "discounts[].code",
    "Coupon Details": "discounts[].name",
    "Discount Amount": "discounts[].amount of the lines",
    "Shipping Discount": "discounts[] of the shipping: Shipping is without it already, so that it is added first",
    "Shipping": "shipping.amount, with the shipping discount",
    "Sales Tax": "tax_total: tax that the merchant owes",
    "Order Total": "what the buyer paid; what it has beyond the merchant's total is tax that Etsy keeps: taxes[] with "
    "collected_by marketplace, and remitted of the payment",
    "Status": KEPT
    + "; cancel, where it is Canceled and nothing was sent; refund of all, where it is Canceled or Refunded",
    "Card Processing Fees": KEPT,
    "Order Net": KEPT,
    "Adjusted Order Total": "refund by amount of what is less than the Order Total; 0 is that only where the Status or "
    "another adjusted amount says so, for it stands where nothing was adjusted too",
    "Adjusted Card Processing Fees": KEPT,
    "Adjusted Net Order Amount": KEPT,
    "Order Type": "source: etsy, or etsy-inperson",
    "InPerson Discount": "discounts[] of the lines",
    "InPerson Location": KEPT,
    "SKU": "nowhere: the items file says it",
}

ITEMS: dict[str, str] = {
    "Transaction ID": "lines[].line_id",
    "Order ID": "which order",
    "Item Name": "lines[].name, without the HTML that it is written in; lines[].sku, where there is none",
    "SKU": "lines[].sku",
    "Quantity": "lines[].quantity",
    "Price": "lines[].unit_price",
    "Item Total": "checked: quantity and price",
    "Currency": "checked: the order's, else the order is refused",
    "Variations": "lines[].attributes, a pair for each",
    "Listing ID": LINE_KEPT,
    "Listings Type": LINE_KEPT,
    "Discount Amount": _SAME,
    "Coupon Code": _SAME,
    "Coupon Details": _SAME,
    "Shipping Discount": _SAME,
    "Order Shipping": _SAME,
    "Order Sales Tax": _SAME,
    "Sale Date": _SAME,
    "Buyer": _SAME,
    "Date Paid": _SAME,
    "Date Shipped": _SAME,
    "Ship Name": _SAME,
    "Ship Address1": _SAME,
    "Ship Address2": _SAME,
    "Ship City": _SAME,
    "Ship State": _SAME,
    "Ship Zipcode": _SAME,
    "Ship Country": _SAME,
    "Order Type": _SAME,
    "Payment Type": _SAME,
    "InPerson Discount": _SAME,
    "InPerson Location": _SAME,
    "VAT Paid by Buyer": LINE_KEPT,
}

FIELDS = {"EtsySoldOrders.csv": ORDERS, "EtsySoldOrderItems.csv": ITEMS}
REQUIRED_ORDERS = (
    "Sale Date", "Order ID", "Full Name", "Currency", "Order Value", "Discount Amount", "Shipping", "Shipping Discount",
    "Sales Tax", "Order Total", "Date Shipped", "Ship Country",
)  # fmt: skip
REQUIRED_ITEMS = ("Transaction ID", "Order ID", "Item Name", "Quantity", "Price", "Item Total")
