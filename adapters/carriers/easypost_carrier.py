"""EasyPost through its official library: labels of the carriers that an account there has.

EasyPost knows no idempotency keys. The id of our intent is the ``reference`` of the shipment there, by which it is
found before anything is made, and a shipment has one label at most: so a repeat buys nothing twice. One worker asks at
a time, because EasyPost lets two shipments have one reference.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import local
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from easypost.easypost_client import EasyPostClient
from easypost.errors.api.bad_request_error import BadRequestError
from easypost.errors.api.invalid_request_error import InvalidRequestError
from easypost.errors.api.not_found_error import NotFoundError
from easypost.errors.general.easypost_error import EasyPostError

from adapters.carriers.easypost_parcels import Json, Sender, Undeclared, shipment
from adapters.documents.carrier_file import unusable, unusable_label
from application.carrier import (
    LABEL_BYTES_MAX,
    Bought,
    CarrierUnavailable,
    LabelRequest,
    Manifested,
    ManifestRequest,
    Parcel,
    Rate,
    Refused,
    Voided,
    VoidRequest,
    VoidUnderWay,
)
from domain.refusals import Refusal
from domain.values import exponent

# A purchase may take EasyPost as long as this; who only reads rates waits less.
TIMEOUT_SECONDS = 60
RATES_TIMEOUT_SECONDS = 20
FILE_TIMEOUT_SECONDS = 20
FILE_PART_BYTES = 65536
DETAIL_MAX = 500
# How long a purchase of which nobody heard may still be under way.
SETTLES_WITHIN = timedelta(minutes=10)
# What EasyPost refuses finally; anything else, an empty balance too, is unknown or for the merchant to put right, and
# is asked again.
FINAL = (InvalidRequestError, BadRequestError, NotFoundError)
VOIDS: dict[str, Voided | Refused | VoidUnderWay] = {
    "refunded": Voided(),
    "not_applicable": Voided(),
    "submitted": VoidUnderWay(),
    "rejected": Refused("The carrier does not take the label back."),
}

T = TypeVar("T")

log = logging.getLogger("daybook.carriers")


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyPostAccount:
    """Whose labels are bought: ``carrier`` as EasyPost calls it, by which ``service`` where none is asked for.

    Without a service it is the cheapest. ``account`` is one of several with the carrier, ``label_format`` is "PNG" or
    "PDF".
    """

    carrier: str
    service: str | None = None
    account: str | None = None
    label_format: str = "PNG"


class EasyPostCarrier:
    """Asks EasyPost about one carrier. Thread-safe; ``base_url`` is another server in tests."""

    def __init__(self, api_key: str, account: EasyPostAccount, sender: Sender, base_url: str | None = None) -> None:
        self._key = api_key
        self._account = account
        self._sender = sender
        self._base_url = base_url
        self._local = local()

    def buy(self, request: LabelRequest) -> Bought | Refused:
        """Make a label once per intent; raises ``CarrierUnavailable`` when EasyPost's answer is not known."""
        try:
            return self._asked(lambda: self._buy(request))
        except Undeclared as missing:
            return Refused(str(missing))

    def _buy(self, request: LabelRequest) -> Bought | Refused:
        made = self._find(str(request.intent_id))
        if made is None:
            return self._paid(self._create(request.parcel, str(request.intent_id)), request.parcel.service)
        if made["refund_status"] and made["refund_status"] != "rejected":
            return Refused("The label was voided before.")
        if made["postage_label"]:
            return self._bought(made)
        settling = _is_settling(made)
        try:
            # The rates of then may have expired.
            rated = made | self._client.shipment.regenerate_rates(made["id"]).to_dict()
            answer = self._paid(rated, request.parcel.service)
        except FINAL as error:
            answer = Refused(_said(error))
            settling |= "POSTAGE.EXISTS" in str(getattr(error, "code", ""))
        if isinstance(answer, Refused):
            return self._made_meanwhile(made["id"], answer, settling)
        return answer

    def _paid(self, made: Json, service: str | None) -> Bought | Refused:
        """The label of a shipment that has none yet, bought by a service."""
        rate = self._chosen(made, service)
        if isinstance(rate, Refused):
            return rate
        return self._bought(self._client.shipment.buy(made["id"], rate={"id": rate["id"]}).to_dict())

    def _made_meanwhile(self, name: str, refused: Refused, settling: bool) -> Bought | Refused:
        """What a refusal comes to: it counts only where no label was made, by an earlier try that is lost."""
        found = self._find(name)
        if found is not None and found["postage_label"]:
            return self._bought(found)
        if settling:
            raise CarrierUnavailable(f"it may still be making the label; now it says: {refused.detail}")
        return refused

    def void(self, request: VoidRequest) -> Voided | Refused | VoidUnderWay:
        """Take a label back; what was never made is void."""
        return self._asked(lambda: self._void(request))

    def _void(self, request: VoidRequest) -> Voided | Refused | VoidUnderWay:
        made = self._find(request.reference or str(request.intent_id))
        if made is None:
            return Refused("EasyPost does not know the label.") if request.reference else Voided()
        if not made["postage_label"]:
            return VoidUnderWay() if _is_settling(made) else Voided()
        status = made["refund_status"] or self._client.shipment.refund(made["id"]).to_dict()["refund_status"]
        return VOIDS.get(status, VoidUnderWay())

    def rates(self, parcel: Parcel) -> list[Rate] | Refused:
        """What each service would cost, the cheapest first."""
        try:
            made = self._asked(lambda: self._create(parcel, patience=RATES_TIMEOUT_SECONDS))
        except Undeclared as missing:
            return Refused(str(missing))
        if isinstance(made, Refused):
            return made
        found = self._rates(made)
        return [_rate(each) for each in found] or _no_rates(made)

    def manifest(self, request: ManifestRequest) -> Manifested | Refused:
        """A scan form, which a carrier scans instead of each label; one label is on one form at most."""
        return self._asked(lambda: self._manifest(request.references))

    def _manifest(self, names: tuple[str, ...]) -> Manifested | Refused:
        first = self._find(names[0]) or {}
        made = first.get("scan_form")
        if made is None:
            made = self._client.scan_form.create(shipments=[{"id": name} for name in names]).to_dict()
        if made["status"] == "failed":
            return Refused((made["message"] or "The carrier makes no manifest of these packages.")[:DETAIL_MAX])
        if not made["form_url"]:
            raise CarrierUnavailable("it is still making the manifest")
        return Manifested(reference=made["id"], file=self._downloaded(made["form_url"], unusable))

    @property
    def _client(self) -> Any:
        """A client of this thread's own."""
        return self._client_waiting(TIMEOUT_SECONDS)

    def _client_waiting(self, seconds: int) -> Any:
        clients: dict[int, Any] = self._local.__dict__.setdefault("clients", {})
        if seconds not in clients:
            address = {"api_base": self._base_url} if self._base_url else {}
            clients[seconds] = EasyPostClient(self._key, timeout=seconds, **address)
        return clients[seconds]

    def _asked(self, ask: Callable[[], T]) -> T | Refused:
        """What EasyPost says; of its errors those that are final, in its words."""
        try:
            return ask()
        except FINAL as error:
            return Refused(_said(error))
        except EasyPostError as error:
            raise CarrierUnavailable(type(error).__name__) from error
        except (KeyError, TypeError, AttributeError, ValueError, Refusal) as error:
            raise CarrierUnavailable(f"its answer is not understood ({type(error).__name__})") from error

    def _find(self, name: str) -> Json | None:
        """A shipment by its id or reference."""
        try:
            found: Json = self._client.shipment.retrieve(name).to_dict()
        except NotFoundError:
            return None
        except FINAL as error:  # says nothing of the label
            raise CarrierUnavailable(_said(error)) from error
        return found

    def _create(self, parcel: Parcel, reference: str | None = None, patience: int = TIMEOUT_SECONDS) -> Json:
        told = shipment(parcel, self._sender, self._account.label_format)
        if reference:
            told["reference"] = reference
        if self._account.account:
            told["carrier_accounts"] = [self._account.account]
        made: Json = self._client_waiting(patience).shipment.create(**told).to_dict()
        return made

    def _rates(self, made: Json) -> list[Json]:
        """The rates of the account's carrier, the cheapest first."""
        wanted = self._account.carrier.casefold()
        found = [each for each in made["rates"] if each["carrier"].casefold() == wanted]
        return sorted(found, key=lambda each: Decimal(each["rate"]))

    def _chosen(self, made: Json, asked: str | None) -> Json | Refused:
        """The rate of the service that is asked for, or usual, or cheapest."""
        rates, service = self._rates(made), asked or self._account.service
        fitting = [each for each in rates if service is None or each["service"].casefold() == service.casefold()]
        if fitting:
            return fitting[0]
        if not rates:
            return _no_rates(made)
        offered = ", ".join(each["service"] for each in rates)
        return Refused(f"There is no service {service} for this package. The carrier offers {offered}."[:DETAIL_MAX])

    def _bought(self, made: Json) -> Bought:
        rate = _rate(made["selected_rate"])
        return Bought(
            reference=made["id"],
            tracking_number=made["tracking_code"],
            service=rate.service,
            amount=rate.amount,
            currency=rate.currency,
            label=self._label(made["postage_label"]["label_url"]),
        )

    def _label(self, url: str) -> bytes | None:
        """The file of a label that is charged for; None where it cannot be had now."""
        try:
            return self._downloaded(url, unusable_label)
        except CarrierUnavailable as missing:
            log.warning("a label was bought: %s", missing)
            return None

    def _downloaded(self, url: str, unusable: Callable[[bytes], str | None]) -> bytes:
        """A file, from wherever EasyPost keeps it; our key stays here."""
        secure = urlsplit(url).scheme == "https" or (self._base_url is not None and url.startswith(self._base_url))
        if not secure:
            raise CarrierUnavailable("its file is not kept at an https address")
        try:
            with requests.get(url, timeout=FILE_TIMEOUT_SECONDS, stream=True, allow_redirects=False) as answer:
                answer.raise_for_status()
                file = b""
                for part in answer.iter_content(FILE_PART_BYTES):
                    file += part
                    if len(file) > LABEL_BYTES_MAX:
                        break
        except (requests.RequestException, OSError) as error:
            raise CarrierUnavailable(f"its file cannot be fetched ({type(error).__name__})") from error
        if len(file) > LABEL_BYTES_MAX:
            raise CarrierUnavailable("its file has more than 5 MB")
        why_not = unusable(file)
        if why_not is not None:
            raise CarrierUnavailable(f"its file cannot be used: {why_not}")
        return file


def _is_settling(made: Json) -> bool:
    """Whether a purchase of a shipment without a label may still be under way at EasyPost."""
    changed = datetime.fromisoformat(made["updated_at"])
    return datetime.now(UTC) - changed < SETTLES_WITHIN


def _rate(shown: Json) -> Rate:
    currency = shown["currency"]
    amount = (Decimal(shown["rate"]) * 10 ** exponent(currency)).to_integral_value()
    return Rate(service=shown["service"], amount=int(amount), currency=currency, days=shown.get("delivery_days"))


def _no_rates(made: Json) -> Refused:
    said = dict.fromkeys(each["message"] for each in made.get("messages") or () if each.get("message"))
    return Refused((" ".join(said) or "The carrier offers no service for this package.")[:DETAIL_MAX])


def _said(error: EasyPostError) -> str:
    return str(getattr(error, "message", "") or type(error).__name__)[:DETAIL_MAX]
