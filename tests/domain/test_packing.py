"""How units are packed: every one exactly once, in boxes that hold what is in them."""

from typing import Any

import pytest

from domain.packing import Packaging, pack
from domain.refusals import Refusal
from domain.requests import RequestedPackage
from domain.shipment_events import Package, ShipmentBooked
from domain.values import Units
from tests.support.orders import Case, line, order_body, typed

BOXES = {
    "small": Packaging(type="small", length_mm=250, width_mm=175, max_weight_grams=2000, tare_grams=100),
    "tube": Packaging(type="tube"),
}
UNITS = {"1": 3}


def packed(weight: int | None = 400, **package: Any) -> Package:
    """The one package of three units that weigh so much each."""
    contents = package.pop("contents", [{"line_id": "1", "quantity": 3}])
    (parcel,) = pack([typed(RequestedPackage, {"contents": contents, **package})], UNITS, {"1": weight}, BOXES)
    return parcel


def refusal(weight: int | None = 400, **package: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        packed(weight, **package)
    return refused.value.code, refused.value.pointer


def test_a_weight_that_is_left_out_is_that_of_the_goods_and_the_box() -> None:
    assert packed().weight_grams == 1200
    assert packed(type="small").weight_grams == 1300
    assert packed(type="small", weight_grams=None).weight_grams == 1300
    assert refusal(None) == ("weight_required", "/packages/0/weight_grams")
    assert packed(None, weight_grams=7).weight_grams == 7


def test_goods_that_weigh_are_in_no_parcel_of_nothing() -> None:
    assert refusal(weight_grams=0) == ("weight_required", "/packages/0/weight_grams")
    assert refusal(weight_grams=99, type="small") == ("weight_required", "/packages/0/weight_grams")
    assert packed(None, weight_grams=0).weight_grams == 0
    assert packed(0, weight_grams=0).weight_grams == 0


def test_the_measures_of_the_box_hold() -> None:
    parcel = packed(type="small", weight_grams=2000, length_mm=999, height_mm=80, max_weight_grams=9000)
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (250, 175, 80)
    assert parcel.max_weight_grams == 2000
    assert packed(type="small", max_weight_grams=1500).max_weight_grams == 1500
    assert packed(type="tube", length_mm=900).length_mm == 900


@pytest.mark.parametrize(
    ("weight", "package"),
    [
        (400, {"type": "small", "weight_grams": 2001, "max_weight_grams": 5000}),
        (400, {"type": "small", "max_weight_grams": 1299}),
        (700, {"type": "small"}),
        (400, {"max_weight_grams": 1199}),
    ],
)
def test_no_package_is_heavier_than_it_may_be(weight: int, package: dict[str, Any]) -> None:
    assert refusal(weight, **package) == ("package_overweight", "/packages/0/weight_grams")


def test_a_type_is_one_of_the_packagings() -> None:
    assert refusal(type="crate") == ("unknown_packaging", "/packages/0/type")
    assert packed(type="").weight_grams == 1200
    (parcel,) = pack([RequestedPackage(type="crate", contents=(Units("1", 3),))], UNITS, {"1": 1}, {})
    assert parcel.type == "crate"


@pytest.mark.parametrize("contents", [[], [{"line_id": "1", "quantity": 2}], [{"line_id": "9", "quantity": 3}]])
def test_every_unit_is_packed_once(contents: list[dict[str, Any]]) -> None:
    assert refusal(contents=contents, weight_grams=5)[0] == "items_not_packed"


def test_two_packages_have_two_numbers() -> None:
    case = Case(order_body(line(quantity=2), method="cash_on_delivery"))
    before = case.status
    for numbers in (("A 1", "a1"), ("A1", " - ")):
        packages = [
            {"weight_grams": 9, "contents": [{"line_id": "1", "quantity": 1}], "tracking_number": number}
            for number in numbers
        ]
        with pytest.raises(Refusal) as refused:
            case.do("orders/shipments", lines="all_remaining", carrier="ups", packages=packages)
        assert refused.value.code in {"tracking_number_in_use", "tracking_number_required"}
        assert refused.value.pointer == "/packages/1/tracking_number"
        assert case.status == before


@pytest.mark.parametrize("packages", [{}, {"packages": []}])
def test_without_packages_all_that_remains_is_one(packages: dict[str, Any]) -> None:
    case = Case(order_body(line(weight_grams=400), line("2"), method="cash_on_delivery"))
    with pytest.raises(Refusal) as refused:
        case.do("orders/shipments", lines=[{"line_id": "1", "quantity": 1}], carrier="ups", packages=[])
    assert refused.value.code == "items_not_packed"
    case.do("orders/shipments", lines="all_remaining", carrier="ups", **packages)
    (parcel,) = next(event.packages for event in case.events if isinstance(event, ShipmentBooked))
    assert (parcel.weight_grams, sum(units.quantity for units in parcel.contents)) == (1200, 6)


def test_of_several_lines_that_are_not_packed_the_first_is_named() -> None:
    units = {str(number): 1 for number in range(60)}
    package = typed(RequestedPackage, {"contents": [{"line_id": "59", "quantity": 1}]})
    with pytest.raises(Refusal, match="Line 0: 1 to ship, 0 packed"):
        pack([package], units, dict.fromkeys(units, 5), BOXES)
