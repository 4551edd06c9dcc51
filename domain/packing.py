"""How units are packed: boxes of the merchant's configuration, weights, and that every unit is packed exactly once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.refusals import Refusal, invalid
from domain.requests import RequestedPackage
from domain.shipment_events import Package
from domain.values import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaging:
    """A kind of box: its size, what it weighs when empty, and the most that it may weigh when full."""

    type: str
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    max_weight_grams: int | None = None
    tare_grams: int = 0


Packagings = Mapping[str, Packaging]
NO_BOX = Packaging(type="")


def pack(
    packages: Sequence[RequestedPackage],
    units: Mapping[str, int],
    weights: Mapping[str, int | None],
    packagings: Packagings,
) -> tuple[Package, ...]:
    """The requested packages of ``units`` (line id to quantity); refuses what is not packed exactly once.

    ``weights`` are grams per unit by line, None where unknown.
    """
    parcels = []
    for index, package in enumerate(packages):
        fitted = in_packaging(package, index, packagings)
        parcels.append((fitted, package.package_id or str(index + 1)))
    _check_packed([fitted.contents for fitted, _ in parcels], units)
    if len({name for _, name in parcels}) < len(parcels):
        raise invalid("duplicate_package", "Two packages have the same package_id.", "/packages")
    return tuple(
        Package(
            package_id=name,
            contents=fitted.contents,
            weight_grams=_weight(fitted, weights, packagings, index),
            type=fitted.type,
            length_mm=fitted.length_mm,
            width_mm=fitted.width_mm,
            height_mm=fitted.height_mm,
            max_weight_grams=fitted.max_weight_grams,
        )
        for index, (fitted, name) in enumerate(parcels)
    )


def in_packaging(package: RequestedPackage, index: int, packagings: Packagings) -> RequestedPackage:
    """The package as its packaging has it: the size and the maximum weight of the box hold, whatever was said.

    Refuses an unknown type, and a stated weight that is more than the package may have.
    """
    box = _box(package, index, packagings)
    limits = [limit for limit in (package.max_weight_grams, box.max_weight_grams) if limit is not None]
    fitted = replace(
        package,
        length_mm=box.length_mm or package.length_mm,
        width_mm=box.width_mm or package.width_mm,
        height_mm=box.height_mm or package.height_mm,
        max_weight_grams=min(limits, default=None),
    )
    _check_weight(package.weight_grams, fitted, index)
    return fitted


def _box(package: RequestedPackage, index: int, packagings: Packagings) -> Packaging:
    """The packaging that a package names; without packagings every name goes."""
    name = package.type
    if not name or not packagings:
        return NO_BOX
    if name not in packagings:
        known = ", ".join(packagings)
        raise invalid(
            "unknown_packaging", f"There is no packaging {name}. Configured are {known}.", f"/packages/{index}/type"
        )
    return packagings[name]


def _check_weight(weight: int | None, package: RequestedPackage, index: int) -> None:
    heaviest = package.max_weight_grams
    if weight is not None and heaviest is not None and weight > heaviest:
        detail = f"{weight} g is more than the package may weigh ({heaviest} g). Split it."
        raise invalid("package_overweight", detail, f"/packages/{index}/weight_grams")


def _weight(package: RequestedPackage, weights: Mapping[str, int | None], packagings: Packagings, index: int) -> int:
    """The weight as stated; without one that of the goods and the empty box. Goods that weigh are never 0 g."""
    stated, tare = package.weight_grams, _box(package, index, packagings).tare_grams
    goods = [(weights.get(units.line_id), units.quantity) for units in package.contents]
    known = sum((weight or 0) * quantity for weight, quantity in goods)
    pointer = f"/packages/{index}/weight_grams"
    if stated is None:
        if any(weight is None for weight, _ in goods):
            raise invalid(
                "weight_required",
                "Not every line in the package has a weight. Send the weight_grams of the package.",
                pointer,
            )
        _check_weight(known + tare, package, index)
        return known + tare
    if (known and not stated) or stated < tare:
        detail = f"{stated} g is too little: the goods weigh {known} g and the empty package {tare} g."
        raise invalid("weight_required", detail, pointer)
    return stated


def _check_packed(packed: Sequence[Sequence[Units]], units: Mapping[str, int]) -> None:
    counted: Counter[str] = Counter()
    for index, contents in enumerate(packed):
        if not contents:
            raise _not_packed("The package is empty. Put units in it, or leave it out.", f"/packages/{index}/contents")
        for content in contents:
            counted[content.line_id] += content.quantity
    for name in dict.fromkeys((*units, *counted)):
        if counted[name] != units.get(name, 0):
            raise _not_packed(
                f"Line {name}: {units.get(name, 0)} to ship, {counted[name]} packed. Pack each exactly once.",
                "/packages",
            )


def _not_packed(detail: str, pointer: str) -> Refusal:
    return invalid("items_not_packed", detail, pointer)
