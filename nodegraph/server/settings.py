"""How a server is set up: where it listens, who may talk to it, how much it takes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

__all__ = ["Settings"]

MEBI = 2**20


@dataclass(frozen=True)
class Settings:
    """What a server is told at its start.

    Attributes:
        tokens: BLAKE3 of each accepted token (`digest_of`) -> the user it stands for. Empty: no
            token is asked for, and everything belongs to the owner "local".
        allowed_hosts: names that a Host header may hold beside the address listened on and the
            names of the loopback.
        allowed_origins: origins of web pages that may talk to this server beside its own,
            such as "https://studio.example".
        front_end: a folder with somebody else's front end, served in place of ours.
        private_webhooks: whether webhooks may go to private addresses.
        max_json, max_upload: the longest JSON body and file, in bytes.
        max_pixels: the most pixels an uploaded picture may decode to.
    """

    host: str = "127.0.0.1"
    port: int = 8188
    tokens: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: frozenset[str] = frozenset()
    allowed_origins: frozenset[str] = frozenset()
    front_end: Path | None = None
    private_webhooks: bool = False
    max_json: int = 32 * MEBI
    max_upload: int = 4096 * MEBI
    max_pixels: int = 200_000_000

    @staticmethod
    def digest_of(token: str) -> str:
        """What is kept of a token: it is never held or logged itself."""
        return blake3(token.encode()).hexdigest()

    def user(self, token: str | None) -> str | None:
        """Whose token it is, compared without telling by the time it takes; None if nobody's."""
        if token is None:
            return None
        digest = self.digest_of(token)
        found = None
        for known, user in self.tokens.items():
            if secrets.compare_digest(known, digest):
                found = user
        return found
