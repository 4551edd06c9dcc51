"""`daybook oidc check`: whether the OpenID provider that is set can be believed and asked, before somebody signs in."""

import click

from access.oidc.provider import Provider
from access.oidc.refusals import ProviderUnavailable
from daybook.settings import Settings


@click.group()
def oidc() -> None:
    """Look after the OpenID provider that is set."""


@oidc.command()
def check() -> None:
    """Ask the provider who it is and for its keys, and say what must be set there."""
    settings = Settings.from_env()
    chosen = settings.oidc
    if chosen is None:
        raise click.ClickException("No OpenID provider is set; set OIDC_ISSUER.")
    provider = Provider(chosen)
    try:
        usable = [name for name in chosen.algorithms if provider.known().signs_with(name)]
        click.echo(f"The provider answers and calls itself {chosen.issuer}.")
        if not usable:
            raise click.ClickException(f"It has no key for one of {', '.join(chosen.algorithms)}; see OIDC_ALGORITHMS.")
        click.echo(f"It has keys for {', '.join(usable)}.")
        if chosen.client_id:
            for name in ("authorization_endpoint", "token_endpoint"):
                provider.address(name)
            home = (settings.public_url or "").rstrip("/")
            click.echo(f"The client {chosen.client_id} needs the redirect address {home}/sign-in/oidc/callback.")
        if chosen.audience:
            click.echo(f"Programs need tokens of the audience {chosen.audience}.")
    except ProviderUnavailable as away:
        raise click.ClickException(f"The OpenID provider {away}.") from None
