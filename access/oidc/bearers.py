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
from access.oidc.tokens import SKEW_SECONDS, Claims, verified
from access.people import KnownPeople
from access.roles import Caller

REMEMBERED_SECONDS = 30.0
REMEMBERED_MAX = 10_000
CallerOf = Callable[[str], Caller]


class Bearers:
    """Finds callers by their tokens; one per process, safe for threads."""

    def __init__(self, configuration: Configuration, provider: Provider, people: KnownPeople) -> None:
        self._configuration = configuration
        self._provider = provider
        self._people = people
        self._remembered: dict[bytes, tuple[float, Caller]] = {}

    def caller_of(self, token: str) -> Caller:
        """Who sends this token. Raises KeyRefused, NoRole, ProviderUnavailable."""
        hashed = sha256(token.encode()).digest()
        until, caller = self._remembered.get(hashed, (0.0, None))
        if caller is not None and until > time.monotonic():
            return caller
        claims = verified(token, self._configuration.audience, self._configuration, self._provider)
        caller = self._people.meet(identity_of(claims, self._configuration))
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[hashed] = (time.monotonic() + _seconds_left(claims), caller)
        return caller


def _seconds_left(claims: Claims) -> float:
    return min(REMEMBERED_SECONDS, float(claims["exp"]) + SKEW_SECONDS - time.time())


def keys_or_tokens(by_key: CallerOf, by_token: CallerOf) -> CallerOf:
    """Tells keys from tokens: no key has a dot, and every token has."""

    def caller_of(sent: str) -> Caller:
        return by_token(sent) if "." in sent else by_key(sent)

    return caller_of
