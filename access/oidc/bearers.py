"""Who sends a token to the API. A good one is remembered for some seconds, by its hash: it then costs what a key costs.

So a role that was taken away at the provider, or a person who is barred here, ends no later than a token does, and no
later than those seconds. It must never remember a token itself.
"""

import time
from collections.abc import Callable
from hashlib import sha256

from access.oidc.configuration import Configuration
from access.oidc.identities import identity_of
from access.oidc.provider import Provider
from access.oidc.refusals import TokenRefused
from access.oidc.tokens import SKEW_SECONDS, Claims, verified
from access.people import KnownPeople
from access.roles import Caller

REMEMBERED_SECONDS = 30.0
REMEMBERED_MAX = 10_000
# What only ID tokens claim, what tokens of Keycloak call themselves, and where a token says which client got it.
_OF_ID_TOKENS = frozenset({"at_hash", "c_hash"})
_BEARER = "Bearer"
_OTHER_KINDS = ("ID", "Refresh", "Offline", "Logout")
_CLIENT = ("azp", "client_id", "appid")
CallerOf = Callable[[str], Caller]


class Bearers:
    """Finds callers by their tokens; one per process, safe for threads."""

    def __init__(self, configuration: Configuration, provider: Provider, people: KnownPeople) -> None:
        self._configuration = configuration
        self._provider = provider
        self._people = people
        self._remembered: dict[bytes, tuple[float, int, Caller]] = {}

    def caller_of(self, token: str) -> Caller:
        """Who sends this token. Raises KeyRefused, NoRole, ProviderUnavailable."""
        hashed = sha256(token.encode()).digest()
        until, keys_lost, caller = self._remembered.get(hashed, (0.0, 0, None))
        if caller is not None and until > time.monotonic() and keys_lost == self._provider.keys_lost:
            return caller
        keys_lost = self._provider.keys_lost
        claims = verified(token, self._configuration.audience, self._configuration, self._provider)
        require_for_api(claims, self._configuration)
        caller = self._people.meet(identity_of(claims, self._configuration))
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[hashed] = (time.monotonic() + _seconds_left(claims), keys_lost, caller)
        return caller


def require_for_api(claims: Claims, configuration: Configuration) -> None:
    """Refuse what was given to sign somebody in, and tokens of other clients than those that are named."""
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    kind = claims.get("typ")
    signs_in = not claims.keys().isdisjoint(_OF_ID_TOKENS) or ("nonce" in claims and kind != _BEARER)
    if signs_in or kind in _OTHER_KINDS or (configuration.client_id and configuration.client_id in audiences):
        raise TokenRefused(
            "This token signs somebody in, or is of another kind; what is taken here is an access token."
        )
    clients = {claims[name] for name in _CLIENT if isinstance(claims.get(name), str)}
    if configuration.clients and (not clients or not clients <= set(configuration.clients)):
        raise TokenRefused("This token was given to a client that is not among OIDC_CLIENTS.")


def _seconds_left(claims: Claims) -> float:
    return min(REMEMBERED_SECONDS, float(claims["exp"]) + SKEW_SECONDS - time.time())


def keys_or_tokens(by_key: CallerOf, by_token: CallerOf) -> CallerOf:
    """Tells keys from tokens: no key has a dot, and every token has."""

    def caller_of(sent: str) -> Caller:
        return by_token(sent) if "." in sent else by_key(sent)

    return caller_of
