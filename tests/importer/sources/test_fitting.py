"""What an order cannot hold is cut, and said so; what is not what it should be is kept elsewhere."""

from daybook.importing.sources.fitting import fitted
from daybook.importing.sources.order import Discount, Payment, SourceOrder, Tax
from tests.importer.sources.samples import lines_of, read


def an_order() -> SourceOrder:
    return read("woocommerce")[0][0]


def test_the_samples_fit_as_they_are() -> None:
    for source in ("shopify", "woocommerce", "magento", "etsy", "amazon"):
        for order in read(source)[0]:
            before = order.notes.as_dict()
            fitted(order)
            assert order.notes.as_dict() == before


def test_texts_are_cut_and_said() -> None:
    order = an_order()
    order.billing["name"] = "x" * 300
    order.customer_note = "y" * 5000
    order.lines[0].attributes["Engraving"] = "z" * 2000
    fitted(order)
    assert (len(order.billing["name"]), len(order.customer_note)) == (255, 4000)
    assert len(order.lines[0].attributes["Engraving"]) == 1000
    assert "name: what is beyond 255 characters" in order.notes.dropped
    assert "note: what is beyond 4000 characters" in order.notes.dropped
    assert "line 1, Engraving: what is beyond 1000 characters" in order.notes.dropped


def test_names_of_goods_ways_to_pay_and_reductions_are_cut_and_said() -> None:
    order = an_order()
    order.lines[0].name, order.lines[0].sku = "n" * 300, "s" * 200
    order.payments = [Payment("r", 1, order.purchased_at, method="m" * 300)]
    order.discounts = [Discount(1, code="c" * 70, name="d" * 300)]
    order.lines[0].taxes = [Tax("t" * 130, 1)]
    fitted(order)
    (placed, *_) = lines_of([order])
    line = placed["body"]["lines"][0]
    assert (len(line["name"]), len(line["sku"]), len(line["taxes"][0]["name"])) == (255, 128, 128)
    assert len(order.payments[0].method) == 255
    assert (len(order.discounts[0].code or ""), len(order.discounts[0].name or "")) == (64, 255)
    assert order.notes.dropped == [
        "payment method: what is beyond 255 characters",
        "line 1, name: what is beyond 255 characters",
        "line 1, SKU: what is beyond 128 characters",
        "name of a tax: what is beyond 128 characters",
        "code of a discount: what is beyond 64 characters",
        "name of a discount: what is beyond 255 characters",
    ]


def test_more_attributes_and_tags_than_an_order_holds_are_dropped_and_said() -> None:
    order = an_order()
    order.attributes = {f"field {n}": str(n) for n in range(60)}
    order.tags = [f"tag {n}" for n in range(55)] + ["t" * 70]
    fitted(order)
    assert (len(order.attributes), len(order.tags)) == (50, 50)
    assert len(order.notes.dropped) == 16


def test_what_is_no_email_address_or_article_number_is_kept_or_dropped_and_said() -> None:
    order = an_order()
    order.customer["email"] = "nobody at all"
    order.lines[0].gtin = "ISBN 1"
    fitted(order)
    assert "email" not in order.customer
    assert order.attributes["email"] == "nobody at all"
    assert [line.gtin for line in order.lines if line.gtin] == []
    assert any("no article number" in text for text in order.notes.dropped)
