"""What has to be known before an e-invoice can be handed to the Peppol network, beyond what EN 16931 asks.

Both ends need an electronic address. Within Germany the network also holds invoices against German rules: a contact
that can be called and written to, and whole addresses. Other states' own rules are theirs to be looked up.
"""

from collections.abc import Iterator

from adapters.einvoices.missing import Lack, missing
from adapters.einvoices.model import EInvoice, Place

_FILE = "in the merchant's file (DAYBOOK_CONFIG)"
GERMANY = "DE"


def deliverable(document: EInvoice) -> EInvoice:
    """The document, if it has all that; else raises ``EInvoiceImpossible`` that names what is missing."""
    lacks = [*_addresses(document), *_within_germany(document)]
    if lacks:
        raise missing(lacks)
    return document


def _addresses(document: EInvoice) -> Iterator[Lack]:
    if document.seller.endpoint is None:
        yield Lack("/seller/electronic_address", f"Set seller.electronic_address {_FILE}.")
    if document.buyer.endpoint is None:
        message = "The buyer has no electronic address: neither a VAT id nor an e-mail address is known."
        yield Lack("/customer/email", message)


def _within_germany(document: EInvoice) -> Iterator[Lack]:
    seller, buyer = document.seller, document.buyer
    if not seller.place.country == buyer.place.country == GERMANY:
        return
    if not seller.phone:
        yield Lack("/seller/address/phone", f"Germany asks for a telephone: set seller.address.phone {_FILE}.")
    if not seller.email:
        yield Lack("/seller/email", f"Germany asks for an e-mail address: set seller.email {_FILE}.")
    yield from _whole(seller.place, "/seller/address", f"set it in seller.address {_FILE}")
    yield from _whole(
        buyer.place, "/billing_address", "the order's billing address has it before the invoice is issued"
    )
    if document.delivery and document.delivery.place:
        yield from _whole(
            document.delivery.place, "/shipping_address", "the order names it before the invoice is issued"
        )


def _whole(place: Place, pointer: str, where: str) -> Iterator[Lack]:
    for name in ("city", "postcode"):
        if not getattr(place, name):
            yield Lack(f"{pointer}/{name}", f"Germany asks for the {name}: {where}.")
