"""Who asks: a token with the request, or the cookie that a browser got for one.

The cookie is signed, not stored: its signature is made with a key of this data directory and the
digest of the token it was given for. A token that is removed takes its sessions with it.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from blake3 import blake3

from nodegraph.server.settings import Settings

__all__ = ["SESSION_SECONDS", "Sessions", "load_key"]

SESSION_SECONDS = 30 * 24 * 3600
_KEY_BYTES = 32
_LONGEST = 512


def load_key(path: Path) -> bytes:
    """The key of a data directory, made at the first call; readable by its owner only.

    Where it cannot be kept it is good for this process only.
    """
    made = secrets.token_bytes(_KEY_BYTES)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with suppress(OSError):
        if len(kept := path.read_bytes()) == _KEY_BYTES:
            return kept
    with suppress(OSError):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(made)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    return made


class Sessions:
    """Tokens and cookies of one server."""

    def __init__(
        self, settings: Settings, key: bytes, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._key, self._clock = settings, key, clock
        self._cookie = f"nodegraph_{settings.port}"  # cookies know no ports
        self._in_header = re.compile(rf"(?:^|;) *{self._cookie}=(\d{{1,12}})\.([0-9a-f]{{64}})")

    def of_token(self, token: str) -> str | None:
        """Whose token it is."""
        return self._settings.user(token) if 0 < len(token) <= _LONGEST else None

    def of_header(self, request: web.Request) -> str | None:
        """The token in `Authorization: Bearer`, if there is one."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def of_cookie(self, request: web.Request) -> str | None:
        """Whose session it is; None without a cookie, or with one that is forged or too old."""
        found = self._in_header.search(request.headers.get("Cookie", ""))
        if found is None or int(found[1]) < self._clock():
            return None
        user = None
        for digest, name in self._settings.tokens.items():
            if hmac.compare_digest(self._sign(digest, found[1]), found[2]):
                user = name
        return user

    def give(self, response: web.StreamResponse, token: str, *, secure: bool) -> None:
        """Let a browser keep a session for a token that was found good."""
        expires = str(int(self._clock()) + SESSION_SECONDS)
        signature = self._sign(self._settings.digest_of(token), expires)
        response.set_cookie(
            self._cookie,
            f"{expires}.{signature}",
            max_age=SESSION_SECONDS,
            path="/",
            secure=secure,
            httponly=True,
            samesite="Strict",
        )

    def _sign(self, digest: str, expires: str) -> str:
        return blake3(f"{digest} {expires}".encode(), key=self._key).hexdigest()
