"""Who is believed: holders of keys, and where a provider is configured whom it vouches for."""

from dataclasses import dataclass

from access.authentication import ApiKeys, Pool
from access.oidc.bearers import Bearers, CallerOf, keys_or_tokens
from access.oidc.configuration import Configuration
from access.oidc.provider import Provider
from access.oidc.signing_in import SigningIn
from access.people import KnownPeople


@dataclass(frozen=True, slots=True)
class Identities:
    """``caller_of`` tells who sends a request to the API; ``provider`` signs people in on the pages, if one does."""

    caller_of: CallerOf
    provider: SigningIn | None = None


def identities(chosen: Configuration | None, public_url: str | None, pool: Pool, key: bytes) -> Identities:
    """With the provider that is chosen, if one is; it is not asked yet. ``key`` signs sign-ins under way."""
    caller_of: CallerOf = ApiKeys(pool).caller_of
    if chosen is None:
        return Identities(caller_of)
    provider, people = Provider(chosen), KnownPeople(pool)
    if chosen.audience:
        caller_of = keys_or_tokens(caller_of, Bearers(chosen, provider, people).caller_of)
    pages = SigningIn(chosen, provider, people, public_url=public_url or "", key=key) if chosen.client_id else None
    return Identities(caller_of, pages)
