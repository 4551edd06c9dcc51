"""Where each element of a UBL order goes; what is not here is dropped, and the report says so."""

ORDER: dict[str, str] = {
    "ID": "order_number, purchase_order, external_reference; with the buyer, the order's id and keys are made of it",
    "IssueDate": "occurred_at of the placing, at noon where there is no IssueTime",
    "IssueTime": "occurred_at of the placing",
    "Note": "customer_note, each on a line of its own",
    "DocumentCurrencyCode": "currency",
    "CustomerReference": "attributes: Buyer reference",
    "AccountingCost": "attributes: Accounting cost",
    "BuyerCustomerParty": "customer, billing_address, vat_id, registration_id; its EndpointID among the attributes",
    "SellerSupplierParty": "nowhere: that is us",
    "Delivery": "shipping_address; the period that is asked for among the attributes",
    "PaymentTerms/Note": "attributes: Payment terms",
    "AllowanceCharge": "an allowance: discounts[] of the lines of its rate; a charge for freight: shipping; others: "
    "charges[]",
    "TaxTotal": "checked: the taxes of the rates; where they make another sum, it is tax_total",
    "AnticipatedMonetaryTotal": "checked: the parts make TaxInclusiveAmount, the lines LineExtensionAmount; "
    "PayableRoundingAmount and PrepaidAmount are named in the report",
    "CustomizationID": "nowhere: it names the form of the file",
    "ProfileID": "nowhere: it names the form of the file",
}
LINE: dict[str, str] = {
    "ID": "lines[].line_id",
    "Quantity": "lines[].quantity and unit; a part of a unit is one unit, with the quantity among lines[].attributes",
    "LineExtensionAmount": "checked: quantity, price and the line's allowances",
    "AccountingCost": "lines[].attributes: Accounting cost",
    "AllowanceCharge": "an allowance: lines[].discount; a charge: charges[]",
    "Price": "lines[].unit_price: PriceAmount by BaseQuantity",
    "Note": "lines[].attributes: Note",
    "Item/Name": "lines[].name; lines[].sku, where no identification is given",
    "Item/AdditionalItemProperty": "lines[].attributes",
    "Item/Description": "lines[].attributes: Description",
    "Item/SellersItemIdentification": "lines[].sku",
    "Item/BuyersItemIdentification": "lines[].attributes: Buyer's article; lines[].sku where the seller's is missing",
    "Item/StandardItemIdentification": "lines[].gtin",
    "Item/ClassifiedTaxCategory": "lines[].taxes[]: the rate, spread over what is taxed at it",
}
FIELDS = {"Order": ORDER, "OrderLine": LINE}
