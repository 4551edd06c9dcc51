"""Which provider is believed, and what its claims mean here."""

from dataclasses import dataclass, field

from access.roles import Role

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Of tokens: all with a key pair. One with a shared secret, or none, would let whoever knows the public key sign."""
SAME_NAMES = tuple((role.value, role) for role in Role)


@dataclass(frozen=True, slots=True)
class Configuration:
    """One provider. ``audience`` is that of the API's tokens, ``client_id`` that of the pages; either may be empty.

    ``clients`` are those whose tokens open the API; empty for all of them. ``roles`` says which of our roles a value of
    the claim stands for: the first that is claimed counts.
    """

    issuer: str
    audience: str = ""
    clients: tuple[str, ...] = ()
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    role_claim: str = "roles"
    roles: tuple[tuple[str, Role], ...] = SAME_NAMES
    customer_claim: str = "customer_id"
    scopes: str = "openid profile"
    algorithms: tuple[str, ...] = ALGORITHMS
    label: str = ""
