"""Whether a token is what it says: signed by the provider, for us, now. Nothing in it is believed before that.

The algorithm is one of those that are configured, never the token's choice; the key comes from the provider alone,
whatever addresses or keys a token carries along.
"""

from typing import Any

from access.oidc.configuration import Configuration
from access.oidc.provider import Provider
from access.oidc.refusals import TokenRefused

TOKEN_MAX = 16 * 1024
SKEW_SECONDS = 60
RSA_MIN_BITS = 2048
_KID_MAX = 200
# What a token may call itself: others are for logging out, for changes of state, or bound to a key.
_TYPES = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})

Claims = dict[str, Any]


def verified(token: str, audience: str, configuration: Configuration, provider: Provider) -> Claims:
    """The claims of a good token. Raises TokenRefused, ProviderUnavailable."""
    import jwt  # noqa: PLC0415  (an extra: it is only there where a provider is configured)

    algorithm, kid = _header(token, configuration)
    try:
        key = jwt.PyJWK(provider.key(kid, algorithm), algorithm=algorithm).key
    except jwt.PyJWTError:
        raise TokenRefused("This token is signed with a key that cannot be used.") from None
    if getattr(key, "key_size", RSA_MIN_BITS) < RSA_MIN_BITS and algorithm in {"RS256", "PS256"}:
        raise TokenRefused("This token is signed with a key that is too short.")
    try:
        claims: Claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=configuration.issuer,
            leeway=SKEW_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenRefused(_why(error)) from None
    if "cnf" in claims:
        raise TokenRefused("This token is bound to a key of its client; what is taken here is a plain bearer token.")
    if not claims["sub"] or len(claims["sub"]) > 255 or not claims["sub"].isprintable():
        raise TokenRefused("This token names nobody.")
    return claims


def _header(token: str, configuration: Configuration) -> tuple[str, str | None]:
    """Algorithm and name of the key, as the token claims."""
    import jwt  # noqa: PLC0415

    if len(token) > TOKEN_MAX:
        raise TokenRefused(f"This token is longer than {TOKEN_MAX} characters.")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenRefused("This is neither an API key nor a signed token.") from None
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ")
    if algorithm not in configuration.algorithms:
        raise TokenRefused(f"This token is not signed by one of {', '.join(configuration.algorithms)}.")
    if "crit" in header or (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
        raise TokenRefused("This token is of a kind that is not taken here.")
    if kid is not None and (not isinstance(kid, str) or len(kid) > _KID_MAX):
        raise TokenRefused("This token names no key.")
    return algorithm, kid


def _why(error: Exception) -> str:
    import jwt  # noqa: PLC0415

    reasons: tuple[tuple[type[Exception], str], ...] = (
        (jwt.ExpiredSignatureError, "This token has expired."),
        (
            jwt.ImmatureSignatureError,
            "This token is not valid yet: a clock is wrong, its issuer's or ours.",
        ),
        (jwt.InvalidAudienceError, "This token is for another audience."),
        (jwt.InvalidIssuerError, "This token is of another issuer."),
        (jwt.MissingRequiredClaimError, "This token lacks one of exp, iss, aud and sub."),
        (jwt.InvalidSignatureError, "The signature of this token is wrong."),
    )
    return next((why for kind, why in reasons if isinstance(error, kind)), "This token cannot be read.")
