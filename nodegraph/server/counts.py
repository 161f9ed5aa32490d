"""What was counted of HTTP requests since the start."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

__all__ = ["COUNTS", "Counts"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass
class Counts:
    """Requests by method, route and status: how many, and their seconds in all.

    There are only as many as the server has routes: a path that is none of them counts as "".
    """

    requests: dict[tuple[str, str, int], tuple[int, float]] = field(default_factory=dict)

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method if method in _METHODS else "other", route, status)
        count, total = self.requests.get(key, (0, 0.0))
        self.requests[key] = (count + 1, total + seconds)


COUNTS: web.AppKey[Counts] = web.AppKey("counts", Counts)
