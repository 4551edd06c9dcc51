"""Invoices, credit memos and manifests never change, whatever became of configuration, seller, payments and program."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pypdf import PdfReader

from adapters.documents import stationery
from adapters.documents.contents import Address
from adapters.merchant.config import MerchantConfig
from eventstore.errors import SealBroken
from eventstore.keeping import keeping_pool
from tests.projections.shop import MERCHANT, START, Shop, open_shop
from tests.support.orders import ADDRESS, line, packed
from tests.support.postgres import Database

LATER: MerchantConfig = replace(
    MERCHANT,
    seller=replace(MERCHANT.seller, name="Quite Another Ltd.", vat_id="GB999999973"),
    languages=("de", "en"),
    documents=replace(MERCHANT.documents, paper="letter"),
    carriers={code: replace(each, name=f"New {each.name}") for code, each in MERCHANT.carriers.items()},
)


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    with open_shop(database) as shop:
        yield shop


@pytest.fixture(scope="module")
def later(database: Database) -> Iterator[Shop]:
    """The same log after a restart with another configuration."""
    with open_shop(database, LATER) as shop:
        yield shop


def words(pdf: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def printed(shop: Shop, form: str, document_id: Any) -> bytes:
    pdf = shop.printer.print(form, UUID(str(document_id)))
    assert pdf is not None
    return pdf.pdf


def invoiced(shop: Shop, **more: Any) -> tuple[UUID, dict[str, Any]]:
    order = shop.place(line(quantity=4, unit_price="10.00"), method="purchase_order", **more)
    return order, shop.do("orders/invoices", order, lines="all_remaining", capture="none")


def forget_kept(database: Database) -> None:
    """As if nothing had been printed yet."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("DELETE FROM work.kept_documents")


def erase(database: Database, order_id: UUID) -> None:
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("SET LOCAL daybook.erasing = 'yes'")
        connection.execute("DELETE FROM log.data_keys WHERE partition_id = %s", (order_id,))


def test_an_invoice_has_the_seller_language_and_amounts_of_its_issue(shop: Shop, later: Shop) -> None:
    order, invoice = invoiced(shop)
    invoice_id = UUID(invoice["invoice_id"])
    refunded = [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]
    later.do("invoices/refund", invoice_id, lines=refunded)
    later.do("invoices/capture", invoice_id)
    later.do("orders/comment", order, text="Anything else", visible=False)
    for printing in (later, shop):
        text = words(printed(printing, "invoice", invoice_id))
        assert "Example Shop" in text
        assert "Amount due EUR 40.00" in text
        assert "Quite Another" not in text
        assert "Paid" not in text
    forget_kept(shop.database)
    assert printed(later, "invoice", invoice_id) == printed(shop, "invoice", invoice_id)


def test_a_credit_memo_and_a_manifest_are_those_of_their_issue(shop: Shop, later: Shop) -> None:
    order, invoice = invoiced(shop)
    refunded = [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]
    memo = shop.do("invoices/refund", UUID(invoice["invoice_id"]), lines=refunded)
    booked = shop.do("orders/shipments", order, **packed(("1", 3), package={"tracking_number": "1Z9"}))
    dispatch = shop.do(
        "dispatches",
        carrier="ups",
        location="main",
        ready_at=START + timedelta(days=400),
        shipments=[UUID(booked["shipment_id"])],
    )
    dispatch_id = UUID(dispatch["dispatch_id"])
    shop.do("dispatches/close", dispatch_id)
    first = [printed(shop, "credit-memo", memo["credit_memo_id"]), printed(shop, "manifest", dispatch_id)]
    correction = {"carrier": "ups", "tracking_number": "1Z9", "new_tracking_number": "1Z10"}
    later.do("shipments/correct-tracking", UUID(booked["shipment_id"]), **correction)
    forget_kept(shop.database)
    again = [printed(later, "credit-memo", memo["credit_memo_id"]), printed(later, "manifest", dispatch_id)]
    assert again == first
    assert "1Z9" in words(again[1])
    assert "New UPS" not in words(again[1])


def test_what_was_printed_once_is_printed_again_byte_for_byte_whatever_draws_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, invoice = invoiced(shop)
    first = printed(shop, "invoice", invoice["invoice_id"])
    monkeypatch.setattr(
        "adapters.documents.printer.render", lambda *_args, **_more: b"a later version draws it otherwise"
    )
    assert printed(shop, "invoice", invoice["invoice_id"]) == first
    assert shop.printer.print_issued("invoice", UUID(invoice["invoice_id"])) == first


def test_the_kept_bytes_are_sealed_and_an_erased_customer_is_on_no_reprint(shop: Shop) -> None:
    order, invoice = invoiced(shop, billing_address=ADDRESS | {"name": "Zacharias Unmistakable"})
    first = printed(shop, "invoice", invoice["invoice_id"])
    assert "Zacharias Unmistakable" in words(first)
    with psycopg.connect(shop.database.owner_url) as connection:
        (sealed,) = connection.execute(
            "SELECT sealed FROM work.kept_documents WHERE document_id = %s", (invoice["invoice_id"],)
        ).fetchone() or (b"",)
    assert first[:200] not in bytes(sealed)
    erase(shop.database, order)
    again = printed(shop, "invoice", invoice["invoice_id"])
    assert "Zacharias" not in words(again)
    assert "[erased]" in words(again)
    assert "Amount due EUR 40.00" in words(again)
    assert printed(shop, "invoice", invoice["invoice_id"]) == again


def test_a_manifest_of_two_customers_is_printed_anew_when_one_of_them_is_erased(shop: Shop) -> None:
    orders = [shop.place(line(quantity=1), method="cash_on_delivery") for _ in range(2)]
    booked = [shop.do("orders/shipments", order, **packed(("1", 1))) for order in orders]
    shipments = [UUID(each["shipment_id"]) for each in booked]
    ready_at = START + timedelta(days=400)
    dispatch = shop.do("dispatches", carrier="ups", location="main", ready_at=ready_at, shipments=shipments)
    shop.do("dispatches/close", UUID(dispatch["dispatch_id"]))
    assert words(printed(shop, "manifest", dispatch["dispatch_id"])).count("Ana Silva") == 2
    erase(shop.database, orders[0])
    again = words(printed(shop, "manifest", dispatch["dispatch_id"]))
    assert (again.count("Ana Silva"), again.count("[erased]")) == (1, 1)


def test_kept_bytes_that_were_changed_are_not_printed(shop: Shop) -> None:
    _, invoice = invoiced(shop)
    printed(shop, "invoice", invoice["invoice_id"])
    with psycopg.connect(shop.database.owner_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE work.kept_documents SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) "
            "WHERE document_id = %s",
            (invoice["invoice_id"],),
        )
    with pytest.raises(SealBroken):
        printed(shop, "invoice", invoice["invoice_id"])


def test_the_application_can_neither_change_nor_remove_what_is_kept(shop: Shop) -> None:
    for statement in (
        "DELETE FROM work.kept_documents",
        "UPDATE work.stationery SET content = ''",
        "TRUNCATE work.stationery",
    ):
        with psycopg.connect(shop.database.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_an_invoice_from_before_stationery_was_named_prints_with_that_of_today(shop: Shop, later: Shop) -> None:
    issue = shop.log._stationery
    shop.log._stationery = lambda: None
    try:
        _, invoice = invoiced(shop)
    finally:
        shop.log._stationery = issue
    assert "Quite Another Ltd." in words(printed(later, "invoice", invoice["invoice_id"]))


def test_what_is_kept_is_kept_by_the_application_and_never_by_the_owner(database: Database) -> None:
    acting = make_conninfo(database.owner_url, options="-c role=daybook_app")
    with keeping_pool(acting) as pool, pool.connection() as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("daybook_app",)


def test_stationery_is_read_back_as_it_was_written_also_with_a_logo() -> None:
    written = replace(MERCHANT.stationery, seller=replace(MERCHANT.seller, logo=b"\x89PNG", footer=("Ünïcode",)))
    assert stationery.decode(stationery.encode(written)) == written
    assert stationery.encode(written) == stationery.encode(replace(written))


def test_stationery_of_an_earlier_version_is_read_with_defaults_for_what_it_lacked() -> None:
    old = (
        b'{"seller":{"name":"Shop","address":{"country":"PT"}},"base_currency":"EUR","languages":["en"],'
        b'"locations":{"main":{"name":"Main","address":{"country":"PT"}}},"carriers":{"ups":"UPS"}}'
    )
    read = stationery.decode(old)
    assert (read.seller.address, read.paper, read.payment_days) == (Address(country="PT"), "A4", None)
    assert read.zone_of("elsewhere").key == "UTC"
