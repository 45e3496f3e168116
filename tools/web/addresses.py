"""Where a connection may go: URLs are taken apart once, and addresses are checked before they are dialled."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.web.failures import FetchRefused

if TYPE_CHECKING:
    import httpx

__all__ = ["Target", "forbidden", "kin", "origin_of", "parse"]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT, and some clouds' metadata
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "168.63.129.16/32",  # Azure's wire server, in public space
        "fd00:ec2::254/128",
        "fec0::/10",
        "2001::/23",
        "3fff::/20",
        "5f00::/16",
    )
)
_WITH_IPV4_INSIDE = {
    ipaddress.ip_network("::/96"): 0,
    ipaddress.ip_network("64:ff9b::/96"): 0,
    ipaddress.ip_network("64:ff9b:1::/48"): 0,
    ipaddress.ip_network("2002::/16"): 80,
}
"""IPv6 ranges that carry an IPv4 address, and how far to the right of it the range goes on."""
_ISATAP = 0xFDFFFFFF
"""The bits of an interface's name by which RFC 5214 tells that the rest of it is an IPv4 address."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart by the same parser that will send it."""

    url: httpx.URL
    origin: str
    host: str
    port: int

    def refuse_private_literal(self, private_origins: frozenset[str]) -> None:
        """Raise FetchRefused when the host is written as an address that isn't dialled.

        Names are checked where they are dialled; this only says so earlier.
        """
        try:
            why = forbidden(self.host)
        except ValueError:
            why = "this machine itself" if self.host == "localhost" else None
        if why and self.origin not in private_origins:
            raise FetchRefused(str(self.url), f"{self.host} is {why}")


def parse(url: str, *, ports: frozenset[int] | None, private_origins: frozenset[str]) -> Target:
    """Take a URL apart. Raises FetchRefused for what isn't plain HTTP(S) without credentials on one of the ports.

    None stands for any port.
    """
    import httpx

    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchRefused(url[:200], f"it isn't a URL: {error}") from error
    scheme, host = parsed.scheme, parsed.raw_host.decode("ascii").lower().rstrip(".")
    if scheme not in _DEFAULT_PORTS:
        raise FetchRefused(url, f"only http and https are fetched, not {scheme or 'a relative address'!r}")
    if not host:
        raise FetchRefused(url, "it names no host")
    if parsed.userinfo:
        raise FetchRefused(url, "it carries credentials")
    port = parsed.port or _DEFAULT_PORTS[scheme]
    origin = _origin(scheme, host, port)
    if ports is not None and port not in ports and origin not in private_origins:
        raise FetchRefused(url, f"port {port} isn't one that web pages are on")
    return Target(parsed.copy_with(fragment=None), origin, host, port)


def _origin(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL in one spelling. Raises FetchRefused when it has none."""
    return parse(url, ports=None, private_origins=frozenset()).origin


def kin(origin: str) -> frozenset[str]:
    """The origins that count as the same: over https, and with and without `www.`; only itself when it names a port."""
    scheme, _, host = origin.partition("://")
    if ":" in host or re.fullmatch(r"[\d.]+", host):
        return frozenset({origin})
    bare = host.removeprefix("www.")
    hosts = (host,) if "." not in bare else (bare, f"www.{bare}")
    schemes = ("http", "https") if scheme == "http" else ("https",)
    return frozenset(f"{scheme}://{host}" for scheme in schemes for host in hosts)


def _embedded(address: _Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped:
        return address.ipv4_mapped
    for network, shift in _WITH_IPV4_INSIDE.items():
        if address in network:
            return ipaddress.IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
    if (int(address) >> 32) & _ISATAP == 0x5EFE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def forbidden(text: str) -> str | None:
    """Why an address isn't dialled, in words; None when it is in the public internet."""
    address: _Address = ipaddress.ip_address(text.partition("%")[0])
    inner = _embedded(address)
    if inner is not None:
        return forbidden(str(inner))
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address, where clouds keep their metadata"
    if address.is_multicast or address.is_unspecified or address.is_reserved:
        return "not the address of one machine"
    if address.is_private or not address.is_global or any(address in network for network in _NEVER):
        return "a private address"
    return None
