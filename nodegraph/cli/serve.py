"""`nodegraph serve`: what was asked for, checked, then a server until it is told to stop."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nodegraph.cli.devices import check_device_name, check_dtype_name
from nodegraph.cli.failures import CANCELLED, UsageError
from nodegraph.cli.places import Places
from nodegraph.cli.shell import Shell
from nodegraph.cli.sizes import read_duration, read_size
from nodegraph.jobs.errors import StoreError
from nodegraph.jobs.parts import OWNER, is_name
from nodegraph.server.listening import CannotListen
from nodegraph.server.security import OpenServer, refuse_open
from nodegraph.server.serving import ServeOptions
from nodegraph.server.serving import serve as serve_until_stopped
from nodegraph.server.settings import Settings
from nodegraph.server.tokens import TOKENS_FILE, TokenBook, TokenError, TokenFile

__all__ = ["Given", "serve"]

_SHORTEST_TOKEN = 16
_ORIGIN = re.compile(r"https?://[^/?#@\s]+")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What stands on the command line."""

    host: str
    port: int
    token: Sequence[str] | None
    database: str | None
    device: str
    dtype: str
    front_end: Path | None
    allow_host: Sequence[str] | None
    allow_origin: Sequence[str] | None
    private_webhooks: bool
    queue_limit: int
    attempts: int
    max_age: str | None
    max_bytes: str | None
    retry_interrupted: bool
    finish: bool
    log_format: Literal["text", "json"]
    log_level: str
    pack: Sequence[str] | None = None
    places: Places = field(default_factory=Places)


def serve(shell: Shell, given: Given) -> int:
    """Serve until told to stop; 130 if that was Ctrl-C."""
    try:
        options = _options(shell, given)
        _check_reach(options.settings)
        stopped_by = serve_until_stopped(options, shell.say)
    except (CannotListen, StoreError, TokenError) as error:
        raise UsageError(str(error)) from None
    return CANCELLED if stopped_by == signal.SIGINT else 0


def _options(shell: Shell, given: Given) -> ServeOptions:
    check_device_name(given.device)
    check_dtype_name(given.dtype)
    return ServeOptions(
        settings=_settings(given, shell.data),
        data=shell.data,
        database=given.database,
        model_dirs=given.places.folders(),
        device=given.device,
        dtype=given.dtype,
        queue_limit=given.queue_limit,
        max_attempts=given.attempts,
        max_age=read_duration(given.max_age, "--max-age"),
        max_bytes=read_size(given.max_bytes, "--max-bytes"),
        retry_interrupted=given.retry_interrupted,
        finish=given.finish,
        log_format=given.log_format,
        log_level=given.log_level.upper(),
        packs=given.pack or (),
    )


def _settings(given: Given, data: Path) -> Settings:
    front_end = given.front_end
    if front_end is not None and not (front_end / "index.html").is_file():
        raise UsageError(f"--front-end: there is no 'index.html' in '{front_end}'")
    for origin in given.allow_origin or ():
        if not _ORIGIN.fullmatch(origin):
            message = f"--allow-origin takes the origin of a web page, got '{origin}'"
            raise UsageError(message, hint="for example https://studio.example")
    return Settings(
        host=given.host,
        port=given.port,
        tokens=TokenBook(TokenFile(data / TOKENS_FILE), dict(map(_token, given.token or ()))),
        allowed_hosts=frozenset(given.allow_host or ()),
        allowed_origins=frozenset(given.allow_origin or ()),
        front_end=front_end.resolve() if front_end is not None else None,
        private_webhooks=given.private_webhooks,
    )


def _token(text: str) -> tuple[str, str]:
    """The digest of a token and whose it is."""
    name, sign, token = text.partition("=")
    named = bool(sign and token.strip("="))  # signs at the end are padding of base64
    owner, token = (name, token) if named else (OWNER, text)
    if not is_name(owner):
        raise UsageError(f"--token NAME=TOKEN: '{owner}' cannot be the name of a user")
    if len(token) < _SHORTEST_TOKEN:
        hint = f"make one: openssl rand -hex {_SHORTEST_TOKEN}"
        raise UsageError(f"--token: a token has {_SHORTEST_TOKEN} characters or more", hint=hint)
    return Settings.digest_of(token), owner


def _check_reach(settings: Settings) -> None:
    try:
        refuse_open(settings)
    except OpenServer as error:
        hint = f"for example: export NODEGRAPH_TOKEN={os.urandom(_SHORTEST_TOKEN).hex()}"
        raise UsageError(str(error), hint=hint) from None
