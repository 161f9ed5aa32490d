"""Where a request comes from: which Host it names, which web page sent it.

A browser runs pages of strangers beside ours. They can make it send requests here, under our
own name even (DNS rebinding), but not hide from what page: Host, Origin and Sec-Fetch-* say it,
and no script can change them.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from nodegraph.server.errors import ApiError
from nodegraph.server.settings import Settings

__all__ = ["Origins", "Sender"]

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9_.-]*)(?::\d{1,5})?", re.ASCII)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"", "*", "0.0.0.0", "::"})
_REMEMBERED = 64
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Sender:
    """What is known of who sent a request.

    Attributes:
        ours: a page of this server, or one that is allowed as if it were.
        page: some page of a browser; false for scripts, which need no leave from one.
        allowed_origin: the origin of another server's page that may read answers.
    """

    ours: bool
    page: bool
    allowed_origin: str | None = None


_SCRIPT = Sender(ours=False, page=False)
_OURS = Sender(ours=True, page=True)
_PAGE = Sender(ours=False, page=True)


class Origins:
    """The names under which a server answers, and the pages that may talk to it."""

    def __init__(self, settings: Settings) -> None:
        host = settings.host.lower().strip("[]")
        self._everywhere = host in _EVERYWHERE
        names = {name.lower().strip("[]") for name in settings.allowed_hosts}
        self._names = _LOOPBACK | names | (set() if self._everywhere else {host})
        self._allowed = {origin.lower().rstrip("/") for origin in settings.allowed_origins}
        self._known: set[str] = set()

    def check(self, request: web.Request) -> Sender:
        """Who sent the request.

        Raises:
            ApiError: 421 `wrong_host`: it is meant for another host; 403 `foreign_origin`: a
                page of another server sent it.
        """
        host = self._host(request)
        headers = request.headers
        origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
        if origin is not None:
            return self._from_page(origin, host, site)
        if site is not None and site not in ("same-origin", "none"):
            if _is_visit(request):
                return _PAGE
            raise _foreign("a page of another server")
        referrer = headers.get("Referer")
        if site == "same-origin":
            return _OURS
        if referrer is not None and request.method not in _SAFE:
            if not self._is_own(referrer, host):
                raise _foreign("a page of another server")
            return _OURS
        return _SCRIPT if site is None and referrer is None and "Cookie" not in headers else _PAGE

    def _from_page(self, origin: str, host: str, site: str | None) -> Sender:
        lowered = origin.lower()
        if lowered in self._allowed:
            return Sender(ours=True, page=True, allowed_origin=origin)
        if not self._is_own(origin, host) or site not in (None, "same-origin", "none"):
            raise _foreign(f"a page of {origin[:200]!a}")
        return _OURS

    def _is_own(self, address: str, host: str) -> bool:
        try:
            found = urlsplit(address)
        except ValueError:
            return False
        return found.scheme in ("http", "https") and found.netloc.lower() == host

    def _host(self, request: web.Request) -> str:
        hosts = request.headers.getall("Host", ())
        if len(hosts) != 1:
            raise ApiError(400, "wrong_host", "a request names one Host")
        host = hosts[0].lower()
        if host in self._known:
            return host
        match = _HOST.fullmatch(host)
        if match is None or not self._answers_to(match[1].strip("[]")):
            text = (
                f"this server does not answer to the name {hosts[0][:200]!a}; "
                "if it shall, start it with --allow-host NAME"
            )
            raise ApiError(421, "wrong_host", text)
        if len(self._known) < _REMEMBERED:
            self._known.add(host)
        return host

    def _answers_to(self, name: str) -> bool:
        """Whether a name is ours. Of addresses, unlike of names, no stranger's DNS tells."""
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._everywhere or address.is_loopback


def _is_visit(request: web.Request) -> bool:
    """Whether somebody follows a link from another page to here, in a tab of its own."""
    headers = request.headers
    visit = (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest"))
    return request.method in ("GET", "HEAD") and visit == ("navigate", "document")


def _foreign(who: str) -> ApiError:
    text = f"{who} may not talk to this server; --allow-origin ORIGIN lets one"
    return ApiError(403, "foreign_origin", text)
