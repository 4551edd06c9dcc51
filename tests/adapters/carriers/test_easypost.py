"""What EasyPost is told and what it says: addresses, ounces, customs, errors, and its signed reports."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from adapters.carriers.easypost_carrier import EasyPostAccount, EasyPostCarrier
from adapters.carriers.easypost_parcels import Sender, ounces
from adapters.carriers.easypost_reports import EasyPostReports, InvalidReport
from adapters.carriers.simulated import drawn_label
from application.carrier import (
    Bought,
    CarrierUnavailable,
    Content,
    LabelRequest,
    Parcel,
    Refused,
    Voided,
    VoidRequest,
    VoidUnderWay,
)
from application.commands.tracking import RecordScan
from tests.adapters.carriers.easypost_reports import SECRET, detail, report, signed
from tests.adapters.carriers.easypost_server import EasyPostServer, serving
from tests.adapters.carriers.test_contract import SENDER, parcel

WEBHOOK = EasyPostReports(SECRET, {"USPS": ("usps",)}, uuid4)
SIGNING = replace(SENDER, customs_signer="Ana Silva")
MUG = Content(sku="MUG", name="Mug", quantity=2, value=1250, currency="EUR", weight_grams=400)


@pytest.fixture
def server() -> Iterator[EasyPostServer]:
    with serving() as server:
        yield server


def carrier(server: EasyPostServer, sender: Sender = SENDER, **account: Any) -> EasyPostCarrier:
    return EasyPostCarrier("EZTK_daybook", EasyPostAccount(carrier="usps", **account), sender, server.url)


def buy(subject: EasyPostCarrier, package: Parcel) -> Bought | Refused:
    return subject.buy(LabelRequest(intent_id=uuid4(), parcel=package))


def test_it_is_told_where_it_goes_what_it_weighs_and_how_large_it_is(server: EasyPostServer) -> None:
    sized = replace(
        parcel(1000), length_mm=254, width_mm=100, height_mm=51, ship_to=dict(parcel().ship_to) | {"phone": "1"}
    )
    assert isinstance(buy(carrier(server, service="priority", account="ca_1"), sized), Bought)
    (told,) = server.asked
    assert told["to_address"] | {"street1": "2 Side St", "state": "NV", "phone": "1"} == told["to_address"]
    assert told["from_address"]["city"] == "Austin"
    assert told["parcel"] == {"weight": 35.3, "length": 10.0, "width": 4.0, "height": 2.1}
    assert told["carrier_accounts"] == ["ca_1"]
    assert told["options"] == {"label_format": "PNG", "label_size": "4x6", "print_custom_1": "1000"}
    assert "customs_info" not in told
    assert server.labels()[0]["amount"] == 695


def test_a_weight_is_never_told_too_low() -> None:
    assert [ounces(grams) for grams in (1, 28, 29, 1000)] == [0.1, 1.0, 1.1, 35.3]


def test_a_package_without_weight_is_not_bought(server: EasyPostServer) -> None:
    refused = buy(carrier(server), parcel(0))
    assert refused == Refused("The package has no weight: book it with weight_grams.")
    assert server.shipments == []


@pytest.mark.parametrize(
    ("sender", "content", "missing"),
    [
        (SENDER, MUG, "customs_signer"),
        (SIGNING, MUG, "origin_country and hs_tariff_number of MUG"),
        (SIGNING, replace(MUG, weight_grams=None, attributes={"origin_country": "PT"}), "hs_tariff_number and weight"),
    ],
)
def test_nothing_is_declared_to_customs_that_nobody_said(
    server: EasyPostServer, sender: Sender, content: Content, missing: str
) -> None:
    abroad = replace(parcel(), ship_to=dict(parcel().ship_to) | {"country": "PT"}, contents=(content,))
    refused = buy(carrier(server, sender), abroad)
    assert isinstance(refused, Refused)
    assert missing in refused.detail
    assert isinstance(carrier(server, sender).rates(abroad), Refused)
    assert server.shipments == []


def test_what_was_said_is_declared(server: EasyPostServer) -> None:
    known = replace(MUG, attributes={"origin_country": "PT", "hs_tariff_number": "691110"})
    abroad = replace(parcel(), ship_to=dict(parcel().ship_to) | {"country": "PT"}, contents=(known,))
    assert isinstance(buy(carrier(server, SIGNING), abroad), Bought)
    (item,) = server.asked[0]["customs_info"]["customs_items"]
    assert (item["value"], item["currency"], item["quantity"], item["weight"]) == ("25.00", "EUR", 2, 28.3)


@pytest.mark.parametrize(("key", "said"), [("EZTK_revoked", "Unauthorized"), ("EZTK_hurried", "RateLimit")])
def test_what_the_merchant_or_time_mends_is_asked_again(server: EasyPostServer, key: str, said: str) -> None:
    subject = EasyPostCarrier(key, EasyPostAccount(carrier="USPS"), SENDER, server.url)
    with pytest.raises(CarrierUnavailable) as unknown:
        buy(subject, parcel())
    assert said in str(unknown.value)
    assert key not in str(unknown.value)


def test_nobody_there_is_no_refusal() -> None:
    nobody = EasyPostCarrier("EZTK_x", EasyPostAccount(carrier="USPS"), SENDER, "http://127.0.0.1:9")
    with pytest.raises(CarrierUnavailable) as unknown:
        buy(nobody, parcel())
    assert "EZTK" not in str(unknown.value)


def test_a_label_that_is_still_being_made_is_waited_for(server: EasyPostServer) -> None:
    """The first try to buy is lost, and its label is there when the second is refused."""
    request = LabelRequest(intent_id=uuid4(), parcel=parcel(993))
    subject = carrier(server)
    with pytest.raises(CarrierUnavailable):
        subject.buy(request)
    server.shipments[0]["postage_label"], made = None, server.shipments[0]["postage_label"]
    original = subject._find

    def find(name: str) -> Any:
        found = original(name)
        server.shipments[0]["postage_label"] = made
        return found

    subject._find = find  # type: ignore[method-assign]
    assert isinstance(subject.buy(request), Bought)
    assert len(server.labels()) == 1


def begun(server: EasyPostServer, at: datetime) -> LabelRequest:
    """A label of which EasyPost is making the postage since a time: the one who asked has stopped listening."""
    request = LabelRequest(intent_id=uuid4(), parcel=parcel())
    made = carrier(server)._create(request.parcel, str(request.intent_id))
    server.shipments[-1]["updated_at"] = at.isoformat()
    server.shipments[-1]["rates"] = []
    assert made["reference"] == str(request.intent_id)
    return request


def test_what_may_still_be_being_made_is_neither_void_nor_refused(server: EasyPostServer) -> None:
    request = begun(server, datetime.now(UTC) - timedelta(minutes=2))
    asked = VoidRequest(intent_id=request.intent_id, carrier="usps", reference=None)
    assert carrier(server).void(asked) == VoidUnderWay()
    with pytest.raises(CarrierUnavailable, match="may still be making"):
        carrier(server).buy(request)


def test_what_was_not_made_for_long_is_void_and_refused(server: EasyPostServer) -> None:
    request = begun(server, datetime.now(UTC) - timedelta(minutes=20))
    asked = VoidRequest(intent_id=request.intent_id, carrier="usps", reference=None)
    assert carrier(server).void(asked) == Voided()
    assert isinstance(carrier(server).buy(request), Refused)


def test_a_label_that_is_not_known_any_more_is_not_said_to_be_void(server: EasyPostServer) -> None:
    asked = VoidRequest(intent_id=uuid4(), carrier="usps", reference="shp_of_another_account")
    assert isinstance(carrier(server).void(asked), Refused)


def test_a_purchase_is_waited_for_as_long_as_it_may_take(server: EasyPostServer) -> None:
    assert carrier(server)._client.timeout >= 60


def test_a_label_that_is_not_taken_back_is_found_by_its_intent(server: EasyPostServer) -> None:
    request = LabelRequest(intent_id=uuid4(), parcel=parcel())
    bought = carrier(server).buy(request)
    server.shipments[0]["refund_status"] = "rejected"
    assert carrier(server).buy(request) == bought


@pytest.mark.parametrize(
    "file", [b"", b"<html>", drawn_label("1", "x")[:-20], b"%PDF-1.7\n1 0 obj", b"\x89PNG" * 2_000_000]
)
def test_a_label_whose_file_cannot_be_had_is_bought_all_the_same(server: EasyPostServer, file: bytes) -> None:
    server.file = file
    request = LabelRequest(intent_id=uuid4(), parcel=parcel())
    bought = carrier(server).buy(request)
    assert isinstance(bought, Bought)
    assert (bought.label, bought.amount, bool(bought.tracking_number)) == (None, 593, True)
    server.file = None
    again = carrier(server).buy(request)
    assert isinstance(again, Bought)
    assert again.label is not None
    assert len(server.labels()) == 1


def test_an_empty_balance_is_asked_again(server: EasyPostServer) -> None:
    with pytest.raises(CarrierUnavailable, match="PaymentError"):
        buy(carrier(server), parcel(992))


def test_a_signed_report_becomes_a_scan_for_each_detail() -> None:
    payload = report(
        "9400",
        detail("pre_transit", "2026-11-25T08:00:00Z", tracking_location={}),
        detail("in_transit", "2026-11-25T20:00:00Z"),
        detail("delivered", "2026-11-26T12:00:00Z"),
    )
    said = WEBHOOK.read(payload, signed(payload))
    assert (said.event_id, said.foreign) == ("evt_8d7b7c5c2d1511f0", False)
    scans = [command.body for command in said.commands]
    assert [each.status for each in scans if isinstance(each, RecordScan)] == ["pending", "in_transit", "delivered"]
    last = said.commands[-1]
    assert (last.name, last.target, last.cause.actor.type) == ("tracking-events", None, "carrier")
    assert last.occurred_at == datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert last.body == RecordScan(
        carrier="usps", tracking_number="9400", status="delivered", location="RENO, NV, US", description="DELIVERED"
    )


def test_nothing_was_scanned_after_it_was_reported() -> None:
    payload = report("9400", detail("delivered", "2026-11-27T03:00:00Z"))
    (scan,) = WEBHOOK.read(payload, signed(payload)).commands
    assert scan.occurred_at == datetime(2026, 11, 26, 20, 39, 17, tzinfo=UTC)


def test_a_scan_that_is_ahead_of_its_report_is_not_told_again_with_each() -> None:
    ahead = detail("in_transit", "2026-11-27T03:00:00Z")
    payload = report("9400", ahead, detail("delivered", "2026-11-26T20:00:00Z"))
    statuses = [command.body.status for command in WEBHOOK.read(payload, signed(payload)).commands]  # type: ignore[attr-defined]
    assert statuses == ["delivered"]


def test_a_tracker_without_details_says_its_own_status() -> None:
    payload = report("9400", status="delivered")
    (scan,) = WEBHOOK.read(payload, signed(payload)).commands
    assert isinstance(scan.body, RecordScan)
    assert scan.body.status == "delivered"
    unknown = report("9400", status="unknown")
    assert WEBHOOK.read(unknown, signed(unknown)).commands == ()


@pytest.mark.parametrize("signature", ["", "hmac-sha256-hex=00", "of another body", "by another secret", "é"])
def test_a_report_that_easypost_did_not_sign_is_refused(signature: str) -> None:
    payload = report("9400", detail("delivered", "2026-11-26T12:00:00Z"))
    given = {"of another body": signed(b"{}"), "by another secret": signed(payload, "x")}.get(signature, signature)
    with pytest.raises(InvalidReport):
        WEBHOOK.read(payload, given)


@pytest.mark.parametrize("payload", [b"[]", b"{", b"{}", json.dumps({"id": 1, "created_at": 7}).encode()])
def test_a_signed_report_that_is_not_understood_is_refused(payload: bytes) -> None:
    with pytest.raises(InvalidReport):
        WEBHOOK.read(payload, signed(payload))


def test_reports_of_other_things_and_other_carriers_ask_for_nothing() -> None:
    other = report("9400", kind="batch.updated")
    assert WEBHOOK.read(other, signed(other)).commands == ()
    foreign = report("1Z", detail("delivered", "2026-11-26T12:00:00Z"), carrier="UPS")
    said = WEBHOOK.read(foreign, signed(foreign))
    assert (said.commands, said.foreign) == ((), True)


def test_of_two_accounts_with_one_carrier_the_one_with_the_number_hears_of_it() -> None:
    webhook = EasyPostReports(
        SECRET, {"USPS": ("east", "west")}, uuid4, lambda code, number: (code, number) == ("west", "1")
    )
    for number, code in (("1", "west"), ("2", "east")):
        payload = report(number, detail("delivered", "2026-11-26T12:00:00Z"))
        (scan,) = webhook.read(payload, signed(payload)).commands
        assert isinstance(scan.body, RecordScan)
        assert scan.body.carrier == code
