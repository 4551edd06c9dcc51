"""The address from which a request came, for counting failures: of proxies only those are believed that are named.

Behind a proxy every connection comes from it; who came there first it tells in X-Forwarded-For. Anybody can send that
header, so it is read from the right, and only as far as a trusted proxy wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
HOPS_MAX = 20


@dataclass(frozen=True, slots=True)
class Proxies:
    """The networks of the proxies that are trusted; none by default."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Proxies":
        """Addresses and networks with commas between. Raises ValueError."""
        return cls(tuple(ip_network(part.strip()) for part in text.split(",") if part.strip()))

    def client(self, environ: Mapping[str, Any]) -> str:
        """The address of the nearest who is no trusted proxy; as far as it can be told."""
        address = str(environ.get("REMOTE_ADDR") or "")
        if not self._trusts(address):
            return address
        hops = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        for hop in reversed(hops[-HOPS_MAX:]):
            try:
                address = str(ip_address(hop.strip()))
            except ValueError:
                return address
            if not self._trusts(address):
                return address
        return address

    def _trusts(self, address: str) -> bool:
        if not self.networks:
            return False
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)


NO_PROXIES = Proxies()
