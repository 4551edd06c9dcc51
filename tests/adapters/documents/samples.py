"""Documents as a shop prints them, and as a malicious or unlucky one does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO

from PIL import Image, ImageDraw

from adapters.documents.contents import (
    Address,
    CreditMemo,
    Invoice,
    Manifest,
    ManifestPackage,
    MoneyLine,
    PackedLine,
    PackingSlip,
    Parcel,
    Party,
    Seller,
    ShippingLabel,
    TaxInBase,
    TaxLine,
)
from domain.sscc import sscc

PREFIX = "0614141"
SHOP = Address(name="Olive & Oak Lda.", street=("Rua das Flores 12",), city="Porto", postcode="4050-262", country="PT")
SELLER = Seller(
    name="Olive & Oak Lda.",
    address=SHOP,
    vat_id="PT509442013",
    email="shop@olive-oak.example",
    website="olive-oak.example",
    bank=("IBAN PT50 0002 0123 1234 5678 9015 4", "BIC EXAMPTPL"),
    footer=("Registered in Porto, no. 509442013 · Managing directors: Rita Sá, João Núñez",),
)
LATIN = Address(
    name="Łukasz Šťastný", street=("Žižkova 12/3", "Byt č. 5"), city="Plzeň", postcode="301 00", country="CZ"
)
GREEK = Address(
    name="Γεώργιος Παπαδόπουλος",
    company="Ελαιώνας Κρήτης",
    street=("Οδός Ερμού 15",),
    city="Αθήνα",
    postcode="105 63",
    country="GR",
)
CYRILLIC = Address(
    name="Любов Їжакевич", street=("вул. Хрещатик 22, кв. 7",), city="Київ", postcode="01001", country="UA"
)
AMERICAN = Address(
    name="Ana Silva",
    street=("400 Broad St", "Suite 1200"),
    city="Seattle",
    region="WA",
    postcode="98109",
    country="US",
    phone="+1 206 555 0100",
)
ERASED = Address(country="PT")
NOTHING = Address()
LONG = Address(
    name="Maximiliana Konstantina von und zu Hohenschwangau-Oberammergau " * 4,
    company="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    street=tuple(f"Hinterhaus {n}, Aufgang {n}, bei der alten Mühle hinter dem großen Wald " * 3 for n in range(6)),
    city="Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu" * 2,
    region="Region " * 30,
    postcode="12345678901234567890123456789012",
    country="GS",
)
HOSTILE = Address(
    name="A\x00B\x07\x1b[31m\u202eevil\u2066 \ud800 \U0001f389\r\n) Tj ET (",
    street=("\t\x0b", "<b>&amp;</b>", "e\u0301\ufeff\u200b"),
    city="\\(\\)",
    postcode="\x7f",
    country="ZZ",
)


def logo() -> bytes:
    """A small picture, as a merchant might have one."""
    image = Image.new("RGB", (420, 120), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((5, 5, 115, 115), fill=(70, 90, 30))
    draw.rectangle((140, 40, 410, 80), fill=(110, 70, 30))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def packed(count: int = 3) -> tuple[PackedLine, ...]:
    names = ["Mug, stoneware, glazed by hand", "Ελαιόλαδο εξαιρετικό παρθένο 750 ml", "Чайник заварочный, 1 л"]
    return tuple(
        PackedLine(sku=f"MUG-{n:02d}", name=names[n % 3], quantity=n % 7 + 1, ordered=n % 7 + 2) for n in range(count)
    )


def parcel(shipment: int = 42, place: int = 1, **more: object) -> Parcel:
    facts = {
        "sscc": sscc(PREFIX, shipment, place),
        "weight_grams": 1250 * place,
        "tracking_number": f"1Z999AA1012345678{place}",
        "type": "box-m",
        "length_mm": 300,
        "width_mm": 200,
        "height_mm": 150,
        "contents": packed(),
    } | more
    return Parcel(**facts)  # type: ignore[arg-type]


def label(ship_to: Address = AMERICAN, **more: object) -> ShippingLabel:
    facts = {
        "seller": SELLER,
        "ship_from": SHOP,
        "ship_to": ship_to,
        "carrier": "UPS",
        "service": "Standard",
        "order_number": "000000117",
        "shipment_number": "000000042",
        "reference": "A7K2M9",
        "parcels": (parcel(), parcel(place=2)),
    } | more
    return ShippingLabel(**facts)  # type: ignore[arg-type]


def slip(ship_to: Address = LATIN, **more: object) -> PackingSlip:
    facts = {
        "seller": SELLER,
        "ship_to": ship_to,
        "carrier": "UPS",
        "service": "Standard",
        "order_number": "000000117",
        "ordered_on": date(2026, 11, 20),
        "shipment_number": "000000042",
        "booked_on": date(2026, 11, 22),
        "external_reference": "cart-8841",
        "reference": "A7K2M9",
        "parcels": (parcel(), parcel(place=2, tracking_number=None)),
        "to_follow": packed(1),
        "note": "Please leave it with the neighbour.\nRing twice.",
        "tracking_url": "https://orders.olive-oak.example/track/6qJ5k3mVtQm1oFqkE0cD2w",
    } | more
    return PackingSlip(**facts)  # type: ignore[arg-type]


def money_lines(count: int = 3, disposition: str | None = None) -> tuple[MoneyLine, ...]:
    return tuple(
        MoneyLine(
            sku=line.sku,
            name=line.name,
            quantity=3,
            unit_price="9.99",
            discount="1.50" if place == 1 else "0.00",
            net="28.47" if place == 1 else "29.97",
            tax_rate="0.23",
            tax="6.55" if place == 1 else "6.89",
            disposition=disposition,
        )
        for place, line in enumerate(packed(count))
    )


SHIPPING = MoneyLine(name="Flat rate", quantity=1, unit_price="5.00", net="5.00", tax_rate="0.06", tax="0.30")


def invoice(bill_to: Address = GREEK, **more: object) -> Invoice:
    facts = {
        "seller": SELLER,
        "number": "000000012",
        "issued_on": date(2026, 11, 22),
        "supplied_on": date(2026, 11, 23),
        "ordered_on": date(2026, 11, 20),
        "bill_to": Party(address=bill_to, vat_id="EL123456783"),
        "ship_to": LATIN,
        "currency": "EUR",
        "order_number": "000000117",
        "external_reference": "cart-8841",
        "payment_method": "Bank transfer",
        "lines": (*money_lines(), SHIPPING),
        "taxes": (TaxLine(rate="0.23", taxable="88.41", tax="20.33"), TaxLine(rate="0.06", taxable="5.00", tax="0.30")),
        "total_net": "93.41",
        "total_tax": "20.63",
        "grand_total": "114.04",
        "due": "114.04",
        "notes": ("Payable within 14 days.",),
    } | more
    return Invoice(**facts)  # type: ignore[arg-type]


def long_invoice(count: int = 500) -> Invoice:
    return invoice(
        lines=money_lines(count),
        total_net="14983.50",
        total_tax="3444.66",
        grand_total="18428.16",
        due="0.00",
        paid="18428.16",
        taxes=(TaxLine(rate="0.23", taxable="14983.50", tax="3444.66"),),
    )


def memo(bill_to: Address = CYRILLIC, **more: object) -> CreditMemo:
    shipped, unshipped = money_lines(1, "shipped"), money_lines(2, "unshipped")[1:]
    facts = {
        "seller": SELLER,
        "number": "000000003",
        "issued_on": date(2026, 11, 25),
        "invoice_number": "000000012",
        "invoice_issued_on": date(2026, 11, 22),
        "supplied_on": date(2026, 11, 23),
        "bill_to": Party(address=bill_to),
        "currency": "USD",
        "order_number": "000000117",
        "lines": (*shipped, *unshipped),
        "taxes": (TaxLine(rate="0.23", taxable="58.44", tax="13.44"),),
        "total_net": "58.44",
        "total_tax": "13.44",
        "grand_total": "69.88",
        "adjustment_refund": "3.00",
        "adjustment_fee": "5.00",
        "refund_mode": "Back to your card",
        "tax_in_base": TaxInBase(currency="EUR", rate="1.0832", tax="12.41"),
    } | more
    return CreditMemo(**facts)  # type: ignore[arg-type]


def manifest(count: int = 4, **more: object) -> Manifest:
    people = (LATIN, GREEK, CYRILLIC, AMERICAN, ERASED)
    packages = tuple(
        ManifestPackage(
            shipment_number=f"{42 + n // 2:09d}",
            order_number=f"{117 + n // 2:09d}",
            sscc=sscc(PREFIX, 42 + n // 2, n % 2 + 1),
            ship_to=people[n % 5],
            weight_grams=1250,
            reference="A7K2M9" if n % 2 else None,
            tracking_number=f"1Z999AA1{n:010d}" if n % 3 else None,
            length_mm=300,
            width_mm=200,
            height_mm=150,
        )
        for n in range(count)
    )
    facts = {
        "seller": SELLER,
        "number": "000000007",
        "dispatch_number": "000000009",
        "carrier": "UPS",
        "location": "Main warehouse",
        "location_address": SHOP,
        "ready_at": datetime(2026, 11, 22, 17, 30, tzinfo=timezone(timedelta(hours=1), "CET")),
        "issued_at": datetime(2026, 11, 22, 16, 5, tzinfo=UTC),
        "packages": packages,
    } | more
    return Manifest(**facts)  # type: ignore[arg-type]


def with_logo() -> Seller:
    return replace(SELLER, logo=logo())
