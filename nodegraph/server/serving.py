"""A server from its start to its end: listen, open the service, serve, stop with care."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from nodegraph.jobs.service import Service
from nodegraph.server.app import make_app
from nodegraph.server.listening import listen, url_of
from nodegraph.server.logs import LogFormat, note_end, set_up
from nodegraph.server.security import IDLE_SECONDS
from nodegraph.server.settings import Settings

__all__ = ["ServeOptions", "serve"]

_CLOSING_SECONDS = 5.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class ServeOptions:
    """What a server is told at its start.

    Attributes:
        settings: of the HTTP side.
        data: the data directory.
        database: an SQLAlchemy URL; None for `nodegraph.db` in the data directory.
        device, dtype: what nodes run on, as `nodegraph run` takes them.
        queue_limit, max_attempts, max_age, max_bytes: see `Service.start`.
        retry_interrupted: whether jobs that a crash of the server cut off are queued again.
        finish: whether the running job is finished when the server is told to stop, rather than
            put back into the queue.
        finish_seconds: for how long at most.
        log_format, log_level: of the log on stderr.
        packs: modules with `NODES` in place of the installed packs.
    """

    settings: Settings
    data: Path
    database: str | None = None
    model_dirs: Sequence[Path] = ()
    device: str = "auto"
    dtype: str = "auto"
    queue_limit: int = 1000
    max_attempts: int = 1
    max_age: float | None = None
    max_bytes: int | None = None
    retry_interrupted: bool = False
    finish: bool = False
    finish_seconds: float = 3600.0
    log_format: LogFormat = "text"
    log_level: str = "INFO"
    packs: Sequence[str] = field(default=())


def serve(options: ServeOptions, say: Callable[[str], None]) -> int:
    """Serve until told to stop by SIGTERM or SIGINT; a second one stops at once.

    Args:
        say: told, in one line, where the server is, once it answers.

    Returns:
        The signal that stopped it.

    Raises:
        CannotListen: the port is taken, or the host is none of this machine.
        DataDirectoryBusy: another server has the data directory; says which.
        StoreError: the data directory or the database cannot be used.
    """
    set_up(options.log_format, options.log_level)
    gc.freeze()  # what was loaded until now stays: no collection need look at it
    gc.enable()
    sockets = listen(options.settings.host, options.settings.port)
    try:
        return asyncio.run(_serve(options, sockets, say))
    finally:
        for one in sockets:
            one.close()


class _Stop:
    """Signals as they come: the first one asks for an end, a second one for haste."""

    def __init__(self) -> None:
        self.first = 0
        self.asked, self.hurry = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._take, number)

    def _take(self, number: int) -> None:
        if self.asked.is_set():
            self.hurry.set()
        self.first = self.first or number
        self.asked.set()


async def _serve(
    options: ServeOptions, sockets: list[socket.socket], say: Callable[[str], None]
) -> int:
    stop = _Stop()
    service = await _open(options)
    service.on_end(note_end)
    runner = web.AppRunner(
        make_app(service, options.settings),
        access_log=None,
        keepalive_timeout=IDLE_SECONDS,
        shutdown_timeout=_CLOSING_SECONDS,
    )
    try:
        await runner.setup()
        for one in sockets:
            await web.SockSite(runner, one).start()
        say(f"nodegraph is at {url_of(sockets[0])}")
        await stop.asked.wait()
    finally:
        for site in tuple(runner.sites):
            await site.stop()
        await _stop(service, stop, options)
        await runner.cleanup()
    return stop.first


async def _open(options: ServeOptions) -> Service:
    return await Service.start(
        options.data,
        database=options.database,
        model_dirs=options.model_dirs,
        device=options.device,
        dtype=options.dtype,
        queue_limit=options.queue_limit,
        max_attempts=options.max_attempts,
        max_age=options.max_age,
        max_bytes=options.max_bytes,
        retry_interrupted=options.retry_interrupted,
        packs=options.packs,
    )


async def _stop(service: Service, stop: _Stop, options: ServeOptions) -> None:
    ending = asyncio.ensure_future(
        service.stop(finish=options.finish, timeout=options.finish_seconds)
    )
    haste = asyncio.ensure_future(stop.hurry.wait())
    await asyncio.wait({ending, haste}, return_when=asyncio.FIRST_COMPLETED)
    haste.cancel()
    if not ending.done():
        service.hurry()
    with suppress(asyncio.CancelledError):
        await ending
