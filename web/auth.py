"""Who sent a request, by the key in its Authorization header, and the problems for who may not: 401 and 403.

What keys and roles are says ``access``; here stands only how they travel over HTTP. A key must never reach a log line
or an error text.
"""

from collections.abc import Callable, Collection

from access.authentication import KeyRefused
from access.key_form import id_in
from access.oidc.refusals import NoRole, ProviderUnavailable
from access.roles import RIGHTS, Caller, Right, Role
from web.problems import Problem, invalid_header

Authenticate = Callable[[str | None], Caller]
"""From the Authorization header to the caller; raises Problem 401."""


def by_bearer_key(caller_of: Callable[[str], Caller]) -> Authenticate:
    """Authenticates by what is sent as a Bearer token: a key, or where a provider is configured a token of it."""

    def authenticate(authorization: str | None) -> Caller:
        token = token_of(authorization)
        try:
            return caller_of(token)
        except KeyRefused as refused:
            raise unauthenticated(str(refused), invalid=True) from None
        except NoRole as without:
            raise Problem(403, "no_role", str(without)) from None
        except ProviderUnavailable as away:
            raise provider_unavailable(away) from None

    return authenticate


def token_of(authorization: str | None) -> str:
    """What stands after Bearer; raises Problem 401 that says what is missing, 400 for two headers."""
    if not authorization:
        raise unauthenticated("This needs an API key: Authorization: Bearer KEY.")
    if "," in authorization:  # how a server joins two headers; no key has one
        raise invalid_header("Authorization", "Must be given once.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return token
    if id_in(token or scheme):
        detail = "The word Bearer is missing before the key: Authorization: Bearer KEY."
    else:
        detail = "Only Bearer is understood here: Authorization: Bearer KEY."
    raise unauthenticated(detail, invalid=True)


def provider_unavailable(away: ProviderUnavailable) -> Problem:
    detail = f"Who you are cannot be told at the moment: the OpenID provider {away}. Nothing was done."
    return Problem(503, "identity_provider_unavailable", detail, headers={"Retry-After": "5"})


def unauthenticated(detail: str, *, invalid: bool = False) -> Problem:
    challenge = 'Bearer realm="daybook"' + (', error="invalid_token"' if invalid else "")
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def forbid_unless(caller: Caller, right: Right) -> None:
    """Raise Problem 403 when the caller's role does not have this right."""
    if right not in RIGHTS[caller.role]:
        raise Problem(403, "forbidden", f"A key of the role {caller.role} may not do this: it needs the right {right}.")


def keep_to(caller: Caller, name: str, roles: Collection[Role]) -> None:
    """Raise Problem 403 when the merchant's configuration keeps ``name`` to roles of which this is none."""
    if caller.role not in roles:
        kept = ", ".join(sorted(roles))
        raise Problem(403, "forbidden", f"The role {caller.role} has no right to {name}; it is kept to: {kept}.")
