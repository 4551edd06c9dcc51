"""Signing in on the pages: the authorization code flow of OpenID Connect with PKCE, state and nonce.

All three come from one secret that only the browser keeps, in a cookie: so an answer of the provider is good in the
browser that asked and nowhere else, and no table has to remember who began. A code is taken to the provider once; what
it gives is judged like every token, for our client and this very sign-in.
"""

import hmac
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote_plus, urlencode

from access.oidc.configuration import Configuration
from access.oidc.fetching import Json, ask
from access.oidc.identities import identity_of
from access.oidc.provider import Provider
from access.oidc.refusals import NoRole, ProviderUnavailable, SignInLost, SignInRefused, TokenRefused
from access.oidc.tickets import derived, is_good, new_ticket, plain
from access.oidc.tokens import Claims, verified
from access.people import Identity, KnownPeople
from access.roles import Caller

# Codes that are taken to the provider at once, in each process: fewer than the turns that are open to all.
AT_ONCE = 2
AFTER_FAILURE_SECONDS = 5.0
CODE_MAX = 4096

Answer = tuple[int, Json]


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: the secret for the browser's cookie, and where the browser goes."""

    secret: str
    url: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back from the provider."""

    code: str = ""
    state: str = ""
    issuer: str | None = None
    error: str = ""


class SigningIn:
    """Signs people in by one provider; ``public_url`` is where they reach Daybook, ``key`` signs what their browsers
    keep meanwhile. Thread-safe.
    """

    def __init__(
        self, configuration: Configuration, provider: Provider, people: KnownPeople, *, public_url: str, key: bytes
    ) -> None:
        self._configuration = configuration
        self._provider = provider
        self._people = people
        self._home = public_url.rstrip("/")
        self._key = key
        self._failed_at = float("-inf")
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    @property
    def label(self) -> str:
        """What the provider is called for people."""
        return self._configuration.label

    @property
    def _redirect_uri(self) -> str:
        return f"{self._home}/sign-in/oidc/callback"

    def begin(self) -> Begun:
        """Begin a sign-in. Raises ProviderUnavailable."""
        secret = new_ticket(self._key)
        asked = {
            "response_type": "code",
            "client_id": self._configuration.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self._configuration.scopes,
            "state": _derived(secret, "state"),
            "nonce": _derived(secret, "nonce"),
            "code_challenge": _challenge(_derived(secret, "verifier")),
            "code_challenge_method": "S256",
        }
        return Begun(secret, _with(self._provider.address("authorization_endpoint"), asked))

    def vouched(self, secret: str, returned: Returned) -> Identity:
        """Whom the provider signed in; may wait for it. Raises SignInLost, SignInRefused, TokenRefused, NoRole,
        ProviderUnavailable.
        """
        if not is_good(secret, self._key) or not _same(returned.state, _derived(secret, "state")):
            raise SignInLost
        document = self._provider.known().document
        promised = document.get("authorization_response_iss_parameter_supported") is True
        if returned.issuer != self._configuration.issuer and (promised or returned.issuer is not None):
            raise SignInLost
        if returned.error or not 0 < len(returned.code) <= CODE_MAX:
            raise SignInRefused(returned.error or "no_code")
        if not self._turns.acquire(blocking=False):
            raise ProviderUnavailable("is busy with others")
        try:
            given = self._redeemed(returned.code, secret)
            return identity_of(self._claims(given, secret), self._configuration)
        finally:
            self._turns.release()

    def welcomed(self, identity: Identity) -> Caller:
        """The person, who is known from now on. Raises Barred."""
        return self._people.meet(identity)

    def sign_out_url(self) -> str | None:
        """Where a person who signed out here can do so at the provider; None where it names no such address."""
        try:
            url = self._provider.address("end_session_endpoint")
        except ProviderUnavailable:
            return None
        back = {"client_id": self._configuration.client_id, "post_logout_redirect_uri": f"{self._home}/sign-in"}
        return _with(url, back)

    def _redeemed(self, code: str, secret: str) -> Json:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": self._configuration.client_id,
            "code_verifier": _derived(secret, "verifier"),
        }
        headers: dict[str, str] = {}
        if self._configuration.client_secret:
            ways = self._provider.known().document.get("token_endpoint_auth_methods_supported")
            if isinstance(ways, list) and "client_secret_basic" not in ways:
                form["client_secret"] = self._configuration.client_secret
            else:
                headers["Authorization"] = f"Basic {self._credentials()}"
        status, given = self._ask(self._provider.address("token_endpoint"), form, headers)
        if status >= 500:
            raise ProviderUnavailable(f"answered {status}")
        if status != 200 or not isinstance(given.get("id_token"), str):
            raise SignInRefused(str(given.get("error", "no_token")))
        return given

    def _ask(self, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask an endpoint, unless one has just not answered."""
        if time.monotonic() - self._failed_at < AFTER_FAILURE_SECONDS:
            raise ProviderUnavailable("did not answer just now")
        try:
            return ask(url, form, headers)
        except ProviderUnavailable:
            self._failed_at = time.monotonic()
            raise

    def _credentials(self) -> str:
        id_and_secret = (self._configuration.client_id, self._configuration.client_secret)
        return b64encode(":".join(quote_plus(each) for each in id_and_secret).encode()).decode()

    def _claims(self, given: Json, secret: str) -> Claims:
        """What the ID token says, and where role, customer or name are not in it, what the provider tells beside it."""
        client = self._configuration.client_id
        claims = verified(given["id_token"], client, self._configuration, self._provider)
        if not _same(claims.get("nonce"), _derived(secret, "nonce")):
            raise SignInLost
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", client if len(audiences) == 1 else None) != client:
            raise TokenRefused("This token was given to another client.")
        if not self._says_enough(claims) and isinstance(given.get("access_token"), str):
            return self._told(given["access_token"], claims["sub"]) | claims
        return claims

    def _says_enough(self, claims: Claims) -> bool:
        """Whether role and name are in the token, and of customers which one they are."""
        try:
            return bool(identity_of(claims, self._configuration)) and claims.get("name") is not None
        except NoRole:
            return False

    def _told(self, access_token: str, subject: str) -> Claims:
        try:
            url = self._provider.address("userinfo_endpoint")
        except ProviderUnavailable:
            return {}
        status, told = self._ask(url, headers={"Authorization": f"Bearer {access_token}"})
        return told if status == 200 and told.get("sub") == subject else {}


def _derived(secret: str, purpose: str) -> str:
    return derived(secret.encode(), purpose)


def _challenge(verifier: str) -> str:
    return plain(sha256(verifier.encode()).digest())


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _with(url: str, parameters: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
