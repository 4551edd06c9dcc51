"""What a provider says of itself, and the keys that it signs with: asked for when first needed, and kept.

Keys are asked for anew after some minutes, beside the requests that go on with those there are; before the next request
where nobody has come for longer; and at once when a token names one that is not known, but not more often than every
few seconds, whatever is sent here. A provider that is away does no harm to keys that are known for an hour; after a
failure it is left alone for a moment. It must never be asked at the start of a process.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from access.oidc.configuration import Configuration
from access.oidc.fetching import Json, ask, is_secure
from access.oidc.refusals import ProviderUnavailable, TokenRefused

FRESH_SECONDS = 300.0
QUIET_SECONDS = 2 * FRESH_SECONDS
STALE_SECONDS = 3600.0
UNKNOWN_KEY_SECONDS = 10.0
AFTER_FAILURE_SECONDS = 5.0
WAITING_MAX = 3
DISCOVERY = "/.well-known/openid-configuration"
# Which keys an algorithm signs with, as their JWKs say: type and curve.
_KINDS: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
}

log = logging.getLogger("daybook.oidc")


@dataclass(frozen=True, slots=True)
class Known:
    """What the provider said; ``asked_at`` is monotonic."""

    asked_at: float
    document: Json
    keys: tuple[Json, ...]

    def key(self, kid: str | None, algorithm: str) -> Json | None:
        """The one key that can have signed so; without a ``kid`` there must be no other."""
        fitting = [key for key in self.signs_with(algorithm) if kid is None or key.get("kid") == kid]
        return fitting[0] if len(fitting) == 1 else None

    def signs_with(self, algorithm: str) -> list[Json]:
        """The keys that sign with an algorithm."""
        kind, curve = _KINDS[algorithm]
        return [
            key
            for key in self.keys
            if key.get("kty") == kind
            and (curve is None or key.get("crv") == curve)
            and key.get("use", "sig") == "sig"
            and key.get("alg", algorithm) == algorithm
        ]


class Provider:
    """One provider, as it is known to this process; ``keys_lost`` counts how often it gave up keys. Thread-safe."""

    def __init__(self, configuration: Configuration, clock: Callable[[], float] = time.monotonic) -> None:
        self._configuration = configuration
        self._clock = clock
        self._known: Known | None = None
        self.keys_lost = 0
        self._asked_for: str | None = None
        self._failed_at = float("-inf")
        self._asking = threading.Lock()
        self._renewing = threading.Lock()
        self._waiting = threading.BoundedSemaphore(WAITING_MAX)

    def known(self) -> Known:
        """What it says of itself. Raises ProviderUnavailable."""
        known = self._known
        age = STALE_SECONDS if known is None else self._clock() - known.asked_at
        if known is None or age >= STALE_SECONDS:
            return self._ask_anew(known)
        if age >= QUIET_SECONDS and self._failed_at < known.asked_at:  # nobody came: a key may be withdrawn since
            with suppress(ProviderUnavailable):
                return self._ask_anew(known)
        if age >= FRESH_SECONDS and not self._failed_just_now() and self._renewing.acquire(blocking=False):
            threading.Thread(target=self._ask_beside, args=[known], daemon=True, name="daybook-oidc").start()
        return known

    def address(self, name: str) -> str:
        """One of its endpoints. Raises ProviderUnavailable where it names none."""
        url = self.known().document.get(name)
        if not isinstance(url, str) or not is_secure(url):
            raise ProviderUnavailable(f"names no {name}")
        return url

    def key(self, kid: str | None, algorithm: str) -> Json:
        """The key of a token, as a JWK. Raises TokenRefused for one that the provider does not have.

        Where keys were asked for because of another unknown one, this one may be newer: ProviderUnavailable, for now.
        """
        known = self.known()
        found = known.key(kid, algorithm)
        if found is None and self._clock() - known.asked_at >= UNKNOWN_KEY_SECONDS:
            found = self._ask_anew(known).key(kid, algorithm)
            self._asked_for = kid if found is None else None
        elif found is None and self._asked_for not in {None, kid}:
            raise ProviderUnavailable("was asked for its keys just now")
        if found is None:
            raise TokenRefused("This token is signed with a key that its issuer does not have.")
        return found

    def _ask_beside(self, before: Known) -> None:
        try:
            with suppress(ProviderUnavailable):
                self._ask_anew(before)
        finally:
            self._renewing.release()

    def _ask_anew(self, before: Known | None) -> Known:
        """What it says now, or said to another thread since ``before``. Few wait; the others are told to come again."""
        if not self._waiting.acquire(blocking=False):
            raise ProviderUnavailable("is being asked")
        try:
            with self._asking:
                known = self._known
                if known is not None and known is not before:
                    return known
                if self._failed_just_now():
                    raise ProviderUnavailable("did not answer just now")
                try:
                    self._know(known := self._fetched())
                except ProviderUnavailable as away:
                    self._failed_at = self._clock()
                    log.warning("the OpenID provider %s", away)
                    raise
                return known
        finally:
            self._waiting.release()

    def _know(self, known: Known) -> None:
        if self._known is not None and any(key not in known.keys for key in self._known.keys):
            self.keys_lost += 1
        self._known, self._asked_for = known, None

    def _failed_just_now(self) -> bool:
        return self._clock() - self._failed_at < AFTER_FAILURE_SECONDS

    def _fetched(self) -> Known:
        issuer = self._configuration.issuer
        document = _good(ask(issuer.rstrip("/") + DISCOVERY))
        named = document.get("issuer")
        if isinstance(named, str) and named != issuer and named.rstrip("/") == issuer.rstrip("/"):
            raise ProviderUnavailable("calls itself like OIDC_ISSUER but for a slash at the end; write it as it does")
        if named != issuer:
            raise ProviderUnavailable("calls itself by another name than OIDC_ISSUER")
        told = _good(ask(str(document.get("jwks_uri")))).get("keys")
        keys = tuple(key for key in told if isinstance(key, dict)) if isinstance(told, list) else ()
        return Known(self._clock(), document, keys)


def _good(answered: tuple[int, Any]) -> Json:
    status, told = answered
    if status != 200:
        raise ProviderUnavailable(f"answered {status}")
    return told  # type: ignore[no-any-return]
