"""Which addresses an order needs: where there is nothing to send, or nobody to bill by post, less is enough."""

from typing import Any

from marshmallow import ValidationError

MISSING = "Missing data for required field."


def require_addresses(body: dict[str, Any]) -> None:
    """Refuse an order without a billing address that names its country, or one to ship to.

    A guest, and who picks the goods up, needs no country; what is picked up, or does not travel, no place to go to.
    The body is the one that came, or its values where that had faults.
    """
    at_counter = body.get("delivery") == "pickup"
    if body.get("billing_address") is None:
        if not at_counter:
            raise ValidationError({"billing_address": [MISSING]})
    elif not at_counter and not _field(body.get("customer"), "guest"):
        require_country(body, "billing_address")
    if body.get("shipping_address") is not None:
        require_country(body, "shipping_address")
    elif not at_counter and any(_field(line, "shippable") is not False for line in body.get("lines") or ()):
        raise ValidationError({"shipping_address": [MISSING]})


def require_country(body: dict[str, Any], name: str) -> None:
    """Refuse an address without its country."""
    if _field(body[name], "country") is None:
        raise ValidationError({name: {"country": [MISSING]}})


def _field(part: Any, name: str) -> Any:
    return part.get(name) if isinstance(part, dict) else getattr(part, name, None)
