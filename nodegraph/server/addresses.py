"""Where on the network a URL leads: looked up once, and refused if that is nobody's business."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from nodegraph.errors import NodegraphError

__all__ = ["Pinned", "Refused", "check_url", "is_public", "look_up"]

LONGEST_URL = 2000
_LOOK_UP_SECONDS = 10.0
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(NodegraphError):
    """The URL is none to send anything to, and will not become one."""


def check_url(text: str, *, private: bool) -> URL:
    """A URL, looked at without asking the network.

    Args:
        private: whether it may lead to private addresses.

    Raises:
        Refused: it is no URL of HTTP, or names an address that is not public.
    """
    if len(text) > LONGEST_URL:
        raise Refused(f"the URL is longer than {LONGEST_URL} signs")
    if any(sign <= " " or sign == "\x7f" for sign in text):
        raise Refused("the URL holds spaces or control signs")
    try:
        url = URL(text)
        host, port = url.host, url.port
    except (ValueError, TypeError, UnicodeError):
        raise Refused("it is not a URL") from None
    if url.scheme not in ("http", "https") or not host or not port:
        raise Refused("the URL must be http://... or https://...")
    if url.user is not None or url.password is not None:
        raise Refused("the URL must not hold a user's name or password")
    address = _literal(host)
    if address is not None and not private and not is_public(address):
        raise Refused(f"'{host}' is not a public address")
    if not private and (host == "localhost" or host.endswith((".localhost", ".local"))):
        raise Refused(f"'{host}' is not a public name")
    return url


async def look_up(url: URL, *, private: bool) -> Pinned:
    """The addresses a URL leads to; connect to none but these.

    Raises:
        Refused: one of them is not public.
        OSError: the name is not known at the moment.
    """
    loop, host = asyncio.get_running_loop(), url.host or ""
    async with asyncio.timeout(_LOOK_UP_SECONDS):
        found = await loop.getaddrinfo(host, url.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    for text in addresses:
        if not private and not is_public(ipaddress.ip_address(text.partition("%")[0])):
            raise Refused(f"'{host}' leads to '{text}', which is not a public address")
    return Pinned(dict.fromkeys(addresses))


class Pinned(AbstractResolver):
    """Knows the addresses that were looked at, and asks nobody again."""

    def __init__(self, addresses: dict[str, None]) -> None:
        self.addresses = tuple(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self.addresses
        ]

    async def close(self) -> None:
        return None


def is_public(address: _Address) -> bool:
    """Whether it is one of the internet's, also where it wraps another address."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(is_public(inner) for inner in wrapped if inner is not None):
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not address.is_multicast


def _literal(host: str) -> _Address | None:
    """The address that a host is, None for a name.

    Raises:
        Refused: it is a number that programs read in different ways, such as `0177.1`.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Refused(f"'{host}' is neither a name nor an address")
    return None
