"""The settings of the OpenID provider, as they are written in the environment."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from access.oidc.configuration import ALGORITHMS, SAME_NAMES, Configuration
from access.oidc.fetching import is_secure
from access.roles import Role
from daybook.setting_values import SettingsError

_NEEDING = ("OIDC_AUDIENCE", "OIDC_CLIENTS", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
_SCOPES = re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*")


def read_oidc(value: Mapping[str, str]) -> Configuration | None:
    """The provider that is set; None for none. Raises SettingsError."""
    issuer = value["OIDC_ISSUER"]
    if not issuer:
        for name in _NEEDING:
            _require(not value[name], f"{name} is set without OIDC_ISSUER; set the issuer of the provider too.")
        return None
    _require_usable(issuer, value)
    return Configuration(
        issuer,
        audience=value["OIDC_AUDIENCE"],
        clients=tuple(filter(None, (part.strip() for part in value["OIDC_CLIENTS"].split(",")))),
        client_id=value["OIDC_CLIENT_ID"],
        client_secret=value["OIDC_CLIENT_SECRET"],
        role_claim=value["OIDC_ROLE_CLAIM"],
        roles=_roles(value["OIDC_ROLES"]),
        customer_claim=value["OIDC_CUSTOMER_CLAIM"],
        scopes=_scopes(value["OIDC_SCOPES"]),
        algorithms=_algorithms(value["OIDC_ALGORITHMS"]),
        label=value["OIDC_LABEL"] or urlsplit(issuer).hostname or issuer,
    )


def _require_usable(issuer: str, value: Mapping[str, str]) -> None:
    parts = urlsplit(issuer)
    _require(
        is_secure(issuer) and not (parts.query or parts.fragment or parts.username) and " " not in issuer,
        f"OIDC_ISSUER={issuer} must be the provider's address as its tokens name it, such as https://login.example.com.",
    )
    _require(
        find_spec("jwt") is not None,
        "OIDC_ISSUER needs the libraries of an extra; install them: .venv/bin/pip install -e '.[oidc]'.",
    )
    audience, client = value["OIDC_AUDIENCE"], value["OIDC_CLIENT_ID"]
    _require(
        bool(audience or client),
        "OIDC_ISSUER needs OIDC_AUDIENCE (tokens for the API), OIDC_CLIENT_ID (sign-in on the pages), or both.",
    )
    _require(
        audience != client,
        "OIDC_AUDIENCE must be another than OIDC_CLIENT_ID: a token that signs people in must not open the API.",
    )
    _require(
        not client or is_secure(value["PUBLIC_URL"]),
        "OIDC_CLIENT_ID needs PUBLIC_URL, with https: the provider sends people back there.",
    )


def _require(good: bool, sentence: str) -> None:
    if not good:
        raise SettingsError(sentence)


def _roles(text: str) -> tuple[tuple[str, Role], ...]:
    """Values of the claim with a role each, in the order in which they count."""
    found = []
    for pair in filter(None, (part.strip() for part in text.split(","))):
        claimed, _, role = pair.rpartition("=")
        if not claimed or role not in set(Role):
            names = ", ".join(Role)
            raise SettingsError(
                f"OIDC_ROLES={text} must map claims to {names}, such as shop-admins=admin,desk=integrator."
            )
        found.append((claimed.strip(), Role(role)))
    return tuple(found) or SAME_NAMES


def _scopes(text: str) -> str:
    if not _SCOPES.fullmatch(text) or "openid" not in text.split():
        raise SettingsError(f"OIDC_SCOPES={text} must be scopes with blanks between, openid among them.")
    return text


def _algorithms(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(","))
    if not set(found) <= set(ALGORITHMS):
        raise SettingsError(f"OIDC_ALGORITHMS={text} must be some of {','.join(ALGORITHMS)}.")
    return found
