"""Orders in UBL 2 as Peppol sends them: one order a file, placed by a buyer who pays on account, nothing happened yet.

Prices are net and may be per hundred; taxes are known by rate of the whole order. Quantities may be parts of a unit,
which Daybook has not: such a line is one unit, and says so.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from daybook.importing.sources.amounts import minor, number, spread_over
from daybook.importing.sources.assuming import goes_on_by
from daybook.importing.sources.moments import day_at_noon, moment
from daybook.importing.sources.order import Discount, Figures, Place, SourceCharge, SourceLine, SourceOrder, Tax, Taxed
from daybook.importing.sources.parties import address, customer_of
from daybook.importing.sources.reading import Options, Reading, RefusedOrder, Source
from daybook.importing.sources.refused import Refused
from daybook.importing.sources.taxing import worth
from daybook.importing.sources.ubl_fields import FIELDS
from daybook.importing.sources.xml_parts import Part, read_xml
from domain.values import exponent, round_half_up, tax_on, to_text

UNITS = {"C62": "", "H87": "", "EA": "", "NAR": "", "KGM": "kg", "GRM": "g", "LTR": "l", "MTR": "m", "HUR": "h"}
WORK = frozenset({"HUR", "MIN", "DAY"})
FREIGHT = ("freight", "shipping", "delivery", "transport", "fracht", "versand")
FREIGHT_CODE = "FC"
KEPT = {
    "CustomerReference": "Buyer reference",
    "AccountingCost": "Accounting cost",
    "PaymentTerms/Note": "Payment terms",
}
OF_LINE = "line-"
DAY = len("2026-03-31")


def read(files: Sequence[Path], options: Options) -> Reading:
    """The order of each file."""
    options.counted(len(files))
    for path in files:
        said = read_xml(path, "Order")
        place = Place(path.name, 1, "order")
        number_said = said.text("ID")
        try:
            yield _order(said, number_said, place, options)
        except Refused as refused:
            yield RefusedOrder(number_said, place, str(refused))


def _order(said: Part, number_said: str, place: Place, options: Options) -> SourceOrder:
    buyer = _buyer_id(said)
    if not number_said:
        raise Refused("The order has no ID: another one without could not be told from it")
    _require_one_currency(said, said.text("DocumentCurrencyCode") or options.currency)
    order = SourceOrder(
        source="ubl",
        source_id=f"{buyer}/{number_said}" if buyer else number_said,
        number=number_said,
        place=place,
        currency=said.text("DocumentCurrencyCode") or options.currency,
        purchased_at=_purchased_at(said, options),
        figures=Figures(0, 0, 0, None),
        lines=[],
        title="On account",
        channel="peppol" if "peppol" in said.text("CustomizationID") else "ubl",
        customer_note=_notes(said),
        external_reference=number_said,
        purchase_order=number_said,
        status_said="ordered",
    )
    order.attributes = {called: text for path, called in KEPT.items() if (text := said.text(path))}
    _parties(order, said, buyer)
    _lines(order, said)
    _allowances(order, said)
    _taxes(order, said)
    _totals(order, said)
    goes_on_by(order, "", unpaid_left=True)
    for name in ("ProfileID", "UBLVersionID", "SellerSupplierParty", "TaxTotal", "AnticipatedMonetaryTotal"):
        said.read_whole(name)
    order.notes.dropped += [
        f"{path}: {text[:200]}" for path, text in said.unread() if not path.endswith("TaxScheme/ID")
    ]
    return order


def _require_one_currency(said: Part, currency: str) -> None:
    """Every amount counts in the currency of the order, whatever it says it is in."""
    for name, other in said.said_of("currencyID"):
        if other != currency:
            raise Refused(f"{name} is in {other}, and the order in {currency}: an order is in one currency here")


def _notes(said: Part) -> str:
    return "\n".join(text for part in said.parts("Note") if (text := part.text()))


def _purchased_at(said: Part, options: Options) -> str:
    """A day may bear an offset of its own (2026-03-31Z), which is that of its time if there is one."""
    day, time = said.text("IssueDate")[:DAY], said.text("IssueTime")
    if time:
        return moment(f"{day}T{time}", options.time_zone, (), "IssueDate and IssueTime")
    return day_at_noon(day, options.time_zone, (), "IssueDate")


def _buyer_id(said: Part) -> str:
    party = "BuyerCustomerParty/Party/"
    return said.text(f"{party}PartyIdentification/ID") or said.text(f"{party}EndpointID")


def _parties(order: SourceOrder, said: Part, buyer: str) -> None:
    party = next(iter(said.parts("BuyerCustomerParty/Party")), None)
    if party is None:
        raise Refused("The order has no BuyerCustomerParty")
    company = party.text("PartyName/Name") or party.text("PartyLegalEntity/RegistrationName")
    party.read_whole("PartyLegalEntity/RegistrationName")
    contact = party.text("Contact/Name")
    postal = next(iter(party.parts("PostalAddress")), None)
    where = {} if postal is None else _address(postal)
    named = {"name": contact or company, "company": company if contact else ""}
    order.billing = address(**named, phone=party.text("Contact/Telephone"), **where)
    order.customer = customer_of("ubl", buyer, party.text("Contact/ElectronicMail"), order.source_id)
    order.customer |= {"name": company} if company else {}
    if email := party.text("Contact/ElectronicMail"):
        order.customer["email"] = email
    if endpoint := party.text("EndpointID"):
        order.attributes["Buyer's endpoint"] = f"{party.attribute('EndpointID', 'schemeID')}:{endpoint}".lstrip(":")
    order.vat_id = party.text("PartyTaxScheme/CompanyID")
    order.registration_id = party.text("PartyLegalEntity/CompanyID")
    _ship_to(order, said, company)


def _ship_to(order: SourceOrder, said: Part, company: str) -> None:
    found = said.parts("Delivery/DeliveryLocation/Address")
    name = said.text("Delivery/DeliveryParty/PartyName/Name") or company
    order.ship_to = address(name=name, **_address(found[0])) if found else order.billing
    days = [said.text(f"Delivery/RequestedDeliveryPeriod/{end}Date") for end in ("Start", "End")]
    if any(days):
        order.attributes["Requested delivery"] = " to ".join(day for day in days if day)
    if not order.ship_to.get("country"):
        order.ship_to, order.pickup = None, True
        order.notes.assumed.append("no country to deliver to: picked up")


def _address(part: Part) -> dict[str, object]:
    streets = [part.text(name) for name in ("StreetName", "AdditionalStreetName", "AddressLine/Line")]
    return {
        "street": streets,
        "city": part.text("CityName"),
        "postcode": part.text("PostalZone"),
        "region": part.text("CountrySubentity"),
        "country": part.text("Country/IdentificationCode"),
    }


def _lines(order: SourceOrder, said: Part) -> None:
    for item in said.parts("OrderLine/LineItem"):
        line = _line(order, item)
        order.lines.append(line)
        _count(order, line, item)
    if not order.lines:
        raise Refused("The order has no OrderLine")


def _rate(part: Part) -> Decimal:
    """The rate of a tax category, as a fraction."""
    part.text("ID")
    return number(part.text("Percent"), "Percent") / 100


def _line(order: SourceOrder, item: Part) -> SourceLine:
    """The line as one unit of everything."""
    line_id = item.text("ID")
    currency = order.currency
    net = minor(item.text("LineExtensionAmount"), currency, f"LineExtensionAmount of line {line_id}")
    off, more = _off_and_more(item, currency)
    seller, buyer = item.text("Item/SellersItemIdentification/ID"), item.text("Item/BuyersItemIdentification/ID")
    name = item.text("Item/Name")
    kept = {
        "Description": item.text("Item/Description"),
        "Buyer's article": buyer,
        "Accounting cost": item.text("AccountingCost"),
        "Note": _notes(item),
    }
    kept |= {part.text("Name"): part.text("Value") for part in item.parts("Item/AdditionalItemProperty")}
    rate = next(map(_rate, item.parts("Item/ClassifiedTaxCategory")), None)
    if more:
        charge = SourceCharge(charge_id=f"{OF_LINE}{line_id}", name=f"Charge on {name}", amount=more, tax_rate=rate)
        order.charges.append(charge)
    return SourceLine(
        line_id=line_id,
        sku=seller or buyer or name or f"{OF_LINE}{line_id}",
        name=name or seller or buyer or f"{OF_LINE}{line_id}",
        amount=net + off - more,
        discount=off,
        gtin=item.text("Item/StandardItemIdentification/ID") or None,
        attributes={called: text for called, text in kept.items() if text},
        tax_rate=rate,
    )


def _count(order: SourceOrder, line: SourceLine, item: Part) -> None:
    """How many units the line is of, in what, and at which price."""
    code, quantity = item.attribute("Quantity", "unitCode"), number(item.text("Quantity"), "Quantity")
    price = number(item.text("Price/PriceAmount"), "PriceAmount")
    per = number(item.text("Price/BaseQuantity"), "BaseQuantity") or Decimal(1)
    if round_half_up((price * quantity / per).scaleb(exponent(order.currency))) != line.amount:
        raise Refused(f"Quantity and price of line {line.line_id} do not make its LineExtensionAmount")
    unit = UNITS.get(code, code)
    if quantity == int(quantity) and quantity >= 1:
        line.quantity, line.unit, line.price = int(quantity), unit or None, price / per
    else:
        said = f"{quantity} {unit}".strip()
        line.attributes |= {"Quantity": said, "Price": f"{price} per {per} {unit}".strip()}
        order.notes.assumed.append(f"line {line.line_id}: {said} is one unit here, which counts whole ones")
    if code in WORK:
        line.shippable = False
        order.notes.assumed.append(f"line {line.line_id} is work: it is not shipped")


def _off_and_more(part: Part, currency: str) -> tuple[int, int]:
    """Allowances and charges of a line, in minor units."""
    sums = {"false": 0, "true": 0}
    for each in part.parts("AllowanceCharge"):
        each.text("AllowanceChargeReason")
        sums[each.text("ChargeIndicator") or "false"] += minor(each.text("Amount"), currency, "Amount of an allowance")
    return sums["false"], sums["true"]


def _allowances(order: SourceOrder, said: Part) -> None:
    """Those of the whole order: a reduction is of the lines that are taxed at its rate."""
    for n, each in enumerate(said.parts("AllowanceCharge"), start=1):
        amount = minor(each.text("Amount"), order.currency, "Amount of an allowance")
        reason, code = each.text("AllowanceChargeReason"), each.text("AllowanceChargeReasonCode")
        rate = next(map(_rate, each.parts("TaxCategory")), None)
        if each.text("ChargeIndicator") != "true":
            target = tuple(line.line_id for line in order.lines if line.tax_rate == rate)
            whole = not target or len(target) == len(order.lines)
            order.discounts.append(Discount(amount, "lines" if whole else target, code or None, reason or "Allowance"))
            order.notes.spread.append(f"{reason or 'allowance'} over the lines of its tax rate")
            continue
        charge = SourceCharge(charge_id=f"charge-{n}", name=reason or "Charge", amount=amount, tax_rate=rate)
        if order.delivery is None and (code == FREIGHT_CODE or any(word in reason.lower() for word in FREIGHT)):
            charge.charge_id, charge.kind = "", "delivery"
            order.delivery = charge
        else:
            order.charges.append(charge)


def _taxes(order: SourceOrder, said: Part) -> None:
    """The tax of each rate is of all that is taxed at it, as invoices calculate it."""
    left = worth(order)
    charges = [*order.charges, *([order.delivery] if order.delivery else [])]
    bearers: list[tuple[Taxed, int]] = [(line, left[line.line_id]) for line in order.lines]
    bearers += [(charge, charge.amount) for charge in charges]
    for rate in sorted({bearer.tax_rate for bearer, _ in bearers if bearer.tax_rate}, reverse=True):
        taxed = [(bearer, weight) for bearer, weight in bearers if bearer.tax_rate == rate]
        weights = [weight for _, weight in taxed]
        name = f"VAT {(rate * 100).normalize():f}%"
        for (bearer, _), part in zip(taxed, spread_over(tax_on(sum(weights), rate), weights), strict=True):
            bearer.taxes.append(Tax(name, part, rate))
        if len(taxed) > 1:
            order.notes.spread.append(f"{name} over {len(taxed)} of lines, delivery and charges")
    told = said.text("TaxTotal/TaxAmount")
    if told and (total := minor(told, order.currency, "TaxAmount")) != sum(bearer.tax for bearer, _ in bearers):
        order.tax_total = total
        order.notes.spread.append("the tax of the order over its lines and delivery: its rates make another sum")


def _totals(order: SourceOrder, said: Part) -> None:
    sums = "AnticipatedMonetaryTotal"
    if not said.parts(sums):
        order.figures = Figures(order.total, 0, 0, "Pending" if order.total else None)
        order.notes.assumed.append("the file has no total: it is what its lines, allowances, charges and taxes make")
        return
    lines = minor(said.text(f"{sums}/LineExtensionAmount"), order.currency, "LineExtensionAmount")
    own = sum(charge.amount for charge in order.charges if charge.charge_id.startswith(OF_LINE))
    if sum(line.amount - line.discount for line in order.lines) + own != lines:
        raise Refused("The lines do not make the LineExtensionAmount of the order")

    def amount(name: str) -> int:
        return minor(said.text(f"{sums}/{name}"), order.currency, name)

    rounding = amount("PayableRoundingAmount")
    total = amount("PayableAmount") + amount("PrepaidAmount") - rounding
    if said.text(f"{sums}/TaxInclusiveAmount"):
        total = amount("TaxInclusiveAmount")
    order.require_total(total)
    order.figures = Figures(total, 0, 0, "Pending" if total else None)
    if rounding:
        text = to_text(rounding, order.currency)
        order.notes.differs.append(f"the buyer rounds what is to be paid by {text}: the total here is without it")
    if prepaid := said.text(f"{sums}/PrepaidAmount"):
        order.notes.dropped.append(f"PrepaidAmount: {prepaid}: the file does not say by which payment")


SOURCE = Source(
    name="ubl",
    title="UBL orders (Peppol)",
    files="Orders of Peppol BIS Ordering 3, or of UBL 2.1 at large, an XML file each",
    read=read,
    fields=FIELDS,
)
