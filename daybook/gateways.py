"""Which payment gateway is asked, and which payment providers may report to us."""

from adapters.gateways.simulated import SimulatedGateway
from adapters.identifiers import new_id
from application.gateway import Gateway
from daybook.settings import Settings
from web.provider_reports import ProviderReports


def payment_gateway(settings: Settings) -> Gateway | None:
    """The gateway that is set; on a database of our own the simulated one."""
    chosen = _chosen_gateway(settings)
    if chosen == "stripe":
        # An extra: its library is only there where it is used.
        from adapters.gateways.stripe_gateway import StripeGateway  # noqa: PLC0415

        return StripeGateway(settings.stripe_api_key)
    return SimulatedGateway(settings.home / "gateway.sqlite") if chosen == "simulated" else None


def _chosen_gateway(settings: Settings) -> str:
    return settings.payment_gateway or ("simulated" if settings.embedded else "none")


def payment_reports(settings: Settings) -> dict[str, ProviderReports]:
    """The payment providers that may report to us."""
    if not settings.stripe_webhook_secret:
        return {}
    from adapters.gateways.stripe_gateway import StripeReports  # noqa: PLC0415  (an extra)

    return {"stripe": StripeReports(settings.stripe_webhook_secret, new_id)}
