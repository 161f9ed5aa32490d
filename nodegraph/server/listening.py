"""Sockets to listen on: taken before anything else starts, so that a taken port is told at once."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket

from nodegraph.errors import NodegraphError

__all__ = ["CannotListen", "is_loopback", "listen", "url_of"]

_BACKLOG = 1024
_Address = tuple[socket.AddressFamily, tuple[object, ...]]


class CannotListen(NodegraphError):
    """The address cannot be had; the message says why and what to do."""


def listen(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address of a host; clients may connect from now on.

    Args:
        host: a name or an address.
        port: 0 takes one that is free.

    Raises:
        CannotListen: the port is taken or not allowed, or the host is none of this machine.
    """
    made: list[socket.socket] = []
    missing: OSError | None = None
    for family, address in _addresses(host, port):
        if made and port == 0:
            address = (address[0], made[0].getsockname()[1], *address[2:])
        try:
            made.append(_bound(family, address))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                _close(made)
                raise CannotListen(_why(host, port, error)) from error
            missing = error
    if not made:
        assert missing is not None
        raise CannotListen(_why(host, port, missing))
    return made


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there.

    Raises:
        CannotListen: there is no such host.
    """
    found = [str(address[0]) for _, address in _addresses(host, 0)]
    return all(ipaddress.ip_address(name.partition("%")[0]).is_loopback for name in found)


def url_of(listening: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listening.getsockname()[:2]
    address = ipaddress.ip_address(host.partition("%")[0])
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    name = f"[{address}]" if address.version == 6 else str(address)
    return f"http://{name}:{port}/"


def _addresses(host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no name of a machine"
        raise CannotListen(f"cannot listen at '{host}': {why}") from None
    families = (socket.AF_INET, socket.AF_INET6)
    known = dict.fromkeys((f, address) for f, _, _, _, address in found if f in families)
    return sorted(known, key=lambda entry: entry[0] != socket.AF_INET)


def _bound(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(_BACKLOG)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def _close(sockets: list[socket.socket]) -> None:
    for one in sockets:
        one.close()


def _why(host: str, port: int, error: OSError) -> str:
    where = f"port {port} of {host}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is taken by another program: stop that one, or choose another --port"
    if error.errno == errno.EACCES:
        return f"{where} is not allowed for this user: choose a --port above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"cannot listen at '{host}': it is not an address of this machine"
    return f"cannot listen at {where}: {error.strerror}"
