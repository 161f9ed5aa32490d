"""How much one client may ask: a bucket that fills at a steady rate and never overflows."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["LOCAL", "REMOTE", "Rate", "Rates", "client_of", "is_local"]


@dataclass(frozen=True)
class Rate:
    """Requests a second in the long run, and at once after a rest."""

    per_second: float
    burst: float


LOCAL = Rate(10_000, 50_000)
"""Programs of this machine: a bound for one that has run wild only."""
REMOTE = Rate(200, 2_000)
"""Others: an editor that opens a gallery needs some hundreds at once."""
_MOST = 10_000


class Rates:
    """What clients have left. A client that is not heard of for a while costs no memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, client: str, rate: Rate, cost: float = 1.0) -> float:
        """Take from a client's bucket; seconds to wait if it has too little, else 0."""
        now = self._clock()
        left, then = self._left.get(client, (rate.burst, now))
        left = min(rate.burst, left + (now - then) * rate.per_second)
        if left < cost:
            return (cost - left) / rate.per_second
        if client not in self._left and len(self._left) >= _MOST:
            self._forget(now)
        self._left[client] = (left - cost, now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop whoever has rested; if nobody has, the half that rested longest."""
        full = REMOTE.burst / REMOTE.per_second
        kept = {name: at for name, at in self._left.items() if now - at[1] < full}
        if len(kept) >= _MOST:
            latest = sorted(kept.items(), key=lambda entry: entry[1][1])
            kept = dict(latest[len(latest) // 2 :])
        self._left = kept


@lru_cache(1024)
def client_of(address: str) -> str:
    """The client an address stands for: of IPv6, the network that one customer is given."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)


@lru_cache(1024)
def is_local(address: str) -> bool:
    """Whether an address is of this machine's loopback."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return not address  # a socket of the file system has none
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback
