"""Where a webhook may go: by https to public addresses, and wherever else the configuration allows.

A name is looked up anew for every connection, each address that it stands for is judged, and the connection is made to
an address that was judged: a name that changes its mind between two look-ups gains nothing. Networks that the
configuration names may also be reached without TLS and on any port. It must never make a request.
"""

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

URL_MAX = 2000
USUAL_PORTS = {"https": 443, "http": 80}
FIRST_FREE_PORT = 1024
_PRINTABLE = re.compile(r"[!-~]+")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?", re.IGNORECASE)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IPv6 addresses that carry an IPv4 address: what they lead to is for that one to say.
_NAT64 = IPv6Network("64:ff9b::/96")
# What Python takes for public and no receiver on the internet has: relays and addresses of sites.
_NEVER: tuple[Network, ...] = tuple(
    map(
        ip_network,
        ("192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16", "64:ff9b:1::/48", "fec0::/10"),
    )
)


class BadAddress(ValueError):
    """No webhook may go there; the message says why, in a sentence for whoever asked."""


class NotFound(Exception):
    """The name stands for no address at the moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: ``host`` as it is looked up, ``resource`` what is asked for there."""

    scheme: str
    host: str
    port: int
    resource: str

    @property
    def origin(self) -> str:
        """Scheme, host and port; no secret is ever in it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """What stands in the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Which addresses may be connected to; ``networks`` may be although they are not public."""

    networks: tuple[Network, ...] = field(default=())

    @classmethod
    def of(cls, text: str) -> "Allowance":
        """Read a list of networks with commas between, such as ``10.1.0.0/16, 127.0.0.1``; raises ValueError."""
        return cls(tuple(ip_network(part.strip()) for part in text.split(",") if part.strip()))

    def target(self, url: str) -> Target:
        """The target of a URL, as far as can be said without looking up its name; raises BadAddress."""
        target = _parsed(url)
        if (literal := _literal(target.host)) is not None:
            self.require(target, [literal])
        if target.scheme == "http" and not self.networks:
            raise BadAddress("It must begin with https:// so that nobody on the way can read or change what is sent.")
        return target

    def require(self, target: Target, addresses: Iterable[Address]) -> None:
        """Raise BadAddress unless all of these may be connected to for this target."""
        for address in map(_meant, addresses):
            if any(address in network for network in self.networks):
                continue
            if target.scheme != "https":
                raise BadAddress(
                    "It must begin with https://: only networks that DAYBOOK_WEBHOOK_ALLOW names go without."
                )
            if not _is_public(address):
                reached = "is" if target.host == str(address) else f"leads to {address}, which is"
                raise BadAddress(f"{target.host} {reached} no public address.")
            if target.port != USUAL_PORTS["https"] and target.port < FIRST_FREE_PORT:
                raise BadAddress(f"Port {target.port} is another service's: use 443, or one from {FIRST_FREE_PORT} on.")

    def resolved(self, target: Target) -> Sequence[str]:
        """The addresses that the target's name stands for now, all of them judged; raises BadAddress or NotFound."""
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotFound(f"{target.host} cannot be looked up: {error}") from None
        texts = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
        self.require(target, [ip_address(text) for text in texts])
        return texts


def _parsed(url: str) -> Target:
    if len(url) > URL_MAX or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise BadAddress(f"It must be a URL of at most {URL_MAX} characters, with what is not ASCII percent-encoded.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("It is no URL such as https://erp.example.com/daybook.") from None
    if parts.scheme not in USUAL_PORTS or not parts.hostname:
        raise BadAddress("It must be a URL such as https://erp.example.com/daybook.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("It must not hold a name or a password: requests are signed instead.")
    if parts.fragment or port == 0:
        raise BadAddress("It must have neither a # nor the port 0.")
    return Target(parts.scheme, _host(parts), port or USUAL_PORTS[parts.scheme], _resource(parts))


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if _literal(host) is None and not _NAME.fullmatch(host):
        raise BadAddress(f"{host} is no name of a host; write one that is not ASCII in its xn-- form.")
    return host


def _resource(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _meant(address: Address) -> Address:
    """The address that is reached in the end: an IPv4 address that an IPv6 address carries."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address.scope_id:
        return False
    special = address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local
    return address.is_global and not special and not any(address in network for network in _NEVER)
