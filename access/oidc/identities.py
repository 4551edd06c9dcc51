"""From the claims of a verified token to somebody with a role here, or to the sentence why not."""

from access.oidc.configuration import Configuration
from access.oidc.refusals import NoRole
from access.oidc.tokens import Claims
from access.people import Identity
from access.roles import Role

CUSTOMER_ID_MAX = 100
_NAMES = ("name", "preferred_username")


def identity_of(claims: Claims, configuration: Configuration) -> Identity:
    """Whom the claims are about. Raises NoRole."""
    role = _role(claims, configuration)
    customer_id = _customer(claims, configuration) if role is Role.CUSTOMER else None
    names = (claims.get(claim) for claim in _NAMES)
    name = next((name for name in names if isinstance(name, str) and name.strip()), None)
    return Identity(configuration.issuer, claims["sub"], name, role, customer_id)


def claimed(claims: Claims, path: str) -> object:
    """The claim of that name, or where the dots of its name lead into other claims; None where there is none."""
    if path in claims:
        return claims[path]
    value: object = claims
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _role(claims: Claims, configuration: Configuration) -> Role:
    value = claimed(claims, configuration.role_claim)
    values = value if isinstance(value, list) else [value]
    texts = {each for each in values if isinstance(each, str)}
    for text, role in configuration.roles:
        if text in texts:
            return role
    why = "is missing" if value is None else "has no role of Daybook"
    raise NoRole(
        f"The token is good, but its claim {configuration.role_claim} {why}: whoever runs the provider gives roles."
    )


def _customer(claims: Claims, configuration: Configuration) -> str:
    value = claimed(claims, configuration.customer_claim)
    if not isinstance(value, str) or not 0 < len(value) <= CUSTOMER_ID_MAX or not value.isprintable():
        raise NoRole(
            f"The token is good, but a customer's must name the customer in the claim {configuration.customer_claim}."
        )
    return value
