"""Reports as EasyPost sends and signs them."""

import hashlib
import hmac
import json
from typing import Any

SECRET = "a shared secret"


def detail(status: str, at: str, **more: Any) -> dict[str, Any]:
    """One scan of a tracker."""
    return {
        "object": "TrackingDetail",
        "message": status.replace("_", " ").upper(),
        "description": None,
        "status": status,
        "status_detail": "status_update",
        "datetime": at,
        "source": "USPS",
        "carrier_code": None,
        "tracking_location": {
            "object": "TrackingLocation",
            "city": "RENO",
            "state": "NV",
            "country": "US",
            "zip": "89501",
        },
    } | more


def report(number: str, *details: dict[str, Any], kind: str = "tracker.updated", **tracker: Any) -> bytes:
    """An event about a tracker."""
    event = {
        "id": "evt_8d7b7c5c2d1511f0",
        "object": "Event",
        "mode": "test",
        "description": kind,
        "previous_attributes": {"status": "unknown"},
        "pending_urls": [],
        "completed_urls": [],
        "status": "pending",
        "created_at": "2026-11-26T20:39:17.000Z",
        "updated_at": "2026-11-26T20:39:17.000Z",
        "user_id": "user_060ab38db3c04ffaa60f262e5781a9be",
        "result": {
            "id": "trk_0d1511f0b5364ffb",
            "object": "Tracker",
            "mode": "test",
            "tracking_code": number,
            "status": details[-1]["status"] if details else "pre_transit",
            "status_detail": "status_update",
            "created_at": "2026-11-25T08:00:00Z",
            "updated_at": "2026-11-26T20:39:17Z",
            "signed_by": None,
            "weight": None,
            "est_delivery_date": None,
            "shipment_id": "shp_1",
            "carrier": "USPS",
            "tracking_details": list(details),
            "fees": [],
        }
        | tracker,
    }
    return json.dumps(event).encode()


def signed(payload: bytes, secret: str = SECRET) -> str:
    """The header X-Hmac-Signature of a body."""
    return "hmac-sha256-hex=" + hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
