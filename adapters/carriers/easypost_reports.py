"""EasyPost's signed reports: what carriers say of parcels, as scans.

A report about a tracker lists everything that was scanned so far, so most of it was recorded before: a repeat of a scan
is no second one, and neither signature nor report needs to be remembered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from easypost.errors.general.easypost_error import EasyPostError
from easypost.util import validate_webhook

from application.command import Actor, Cause, Command
from application.commands.tracking import RecordScan

SCANS_MAX = 50
TEXT_MAX = 255
STATUSES = {
    "pre_transit": "pending",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "available_for_pickup": "ready_for_pickup",
    "return_to_sender": "return_to_sender",
    "failure": "delivery_failed",
    "cancelled": "cancelled",
}

Json = Mapping[str, Any]


class InvalidReport(ValueError):
    """The signature does not belong to this body, or there is nothing to be understood in it."""


@dataclass(frozen=True, slots=True)
class EasyPostReport:
    """A signed event: the ``commands`` it asks for; ``foreign`` when its carrier is none of ours."""

    event_id: str
    reported_at: datetime
    commands: tuple[Command, ...] = ()
    foreign: bool = False


class EasyPostReports:
    """Turns signed ``tracker.updated`` events into scans.

    ``codes`` are our carriers by EasyPost's names for them, of which one may be several of ours (two accounts with one
    carrier): then it is the one for which ``is_known`` has the number.
    """

    signature_header = "X-Hmac-Signature"

    def __init__(
        self,
        secret: str,
        codes: Mapping[str, Sequence[str]],
        new_id: Callable[[], UUID],
        is_known: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._secret = secret
        self._codes = {name.casefold(): code for name, code in codes.items()}
        self._new_id = new_id
        self._is_known = is_known

    def read(self, payload: bytes, signature: str) -> EasyPostReport:
        """What an event says; raises ``InvalidReport`` unless ``signature`` is EasyPost's own."""
        try:
            event = validate_webhook(payload, {self.signature_header: signature}, self._secret)
            reported_at = _moment(event["created_at"])
            named = str(event["id"])
            if event["description"] not in {"tracker.created", "tracker.updated"}:
                return EasyPostReport(named, reported_at)
            tracker = event["result"]
            codes = self._codes.get(str(tracker["carrier"]).casefold())
            if codes is None:
                return EasyPostReport(named, reported_at, foreign=True)
            code = self._of_ours(codes, str(tracker["tracking_code"]))
            scans = tuple(self._command(code, tracker, each, reported_at) for each in _details(tracker, reported_at))
        except (EasyPostError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidReport(type(error).__name__) from error
        return EasyPostReport(named, reported_at, scans)

    def _of_ours(self, codes: Sequence[str], number: str) -> str:
        if len(codes) == 1 or self._is_known is None:
            return codes[0]
        return next((code for code in codes if self._is_known(code, number)), codes[0])

    def _command(self, code: str, tracker: Json, detail: Json, reported_at: datetime) -> Command:
        body = RecordScan(
            carrier=code,
            tracking_number=str(tracker["tracking_code"])[:64],
            status=STATUSES.get(detail["status"], "unknown"),
            location=_place(detail.get("tracking_location") or {}),
            description=_text(detail.get("message")),
        )
        cause = Cause(actor=Actor("carrier", "easypost"), correlation_id=self._new_id())
        # Some carriers report their own wall clocks as UTC: nothing was scanned after it was reported.
        at = min(_moment(detail["datetime"]), reported_at)
        return Command(name="tracking-events", target=None, body=body, cause=cause, occurred_at=at)


def _details(tracker: Json, reported_at: datetime) -> list[Json]:
    """The scans, the oldest first; where there are none yet, what the tracker itself says.

    Every report tells all of them again. One that is ahead of its report is told once, while it is the latest.
    """
    told = list(tracker.get("tracking_details") or ())[-SCANS_MAX:]
    details = [each for each in told if each is told[-1] or _moment(each["datetime"]) <= reported_at]
    if details or tracker["status"] not in STATUSES:
        return details
    return [{"status": tracker["status"], "datetime": tracker["updated_at"]}]


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _place(shown: Json) -> str | None:
    parts = [str(shown[name]) for name in ("city", "state", "country") if shown.get(name)]
    return _text(", ".join(parts))


def _text(value: object) -> str | None:
    return str(value)[:TEXT_MAX] if value else None
