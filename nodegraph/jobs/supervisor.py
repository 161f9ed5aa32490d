"""The server's side of the worker: start it, hear it, kill it, replace it when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nodegraph.jobs.protocol import Decoder, Frame, ProtocolError, encode

__all__ = ["Death", "Supervisor", "WorkerOptions", "WorkerState"]

WorkerState = Literal["starting", "idle", "busy", "silent", "down"]

SILENCE = 5.0
"""Seconds without a heartbeat after which a worker is said to be silent."""
_LAST_WORDS = 1.0
_LOG_BYTES = 64 * 1024
"""As much as a pipe holds: what was printed before a message is among it."""
_LOG_PIECE = 1024
"""As much as is read at once: a node that prints without end holds up nobody."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
# The child sees the modules that this process sees, and nothing of its working directory.
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from nodegraph.jobs.worker import main; sys.exit(main())"
)


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker is started.

    Attributes:
        packs: modules with `NODES` to use in place of the installed packs.
    """

    data: Path
    model_dirs: Sequence[Path] = ()
    device: str = "cpu"
    dtype: str = "auto"
    packs: Sequence[str] = ()

    def command(self, fd: int) -> list[str]:
        """The command line, for a socket that the child inherits as `fd`."""
        made = [sys.executable, "-P", "-u", "-c", _BOOT, json.dumps(sys.path)]
        made += [str(fd), "--data", str(self.data), "--parent", str(os.getpid())]
        made += ["--device", self.device, "--dtype", self.dtype]
        made += [f"--models={folder}" for folder in self.model_dirs]
        return made + [f"--pack={name}" for name in self.packs]


@dataclass(frozen=True)
class Death:
    """How a worker ended: its exit code (negative: the signal) and what it printed last."""

    pid: int
    code: int
    log: str
    was_ready: bool

    @property
    def cause(self) -> str:
        """For the user."""
        if self.code >= 0:
            return f"it exited with code {self.code}"
        try:
            name = signal.Signals(-self.code).name
        except ValueError:
            name = f"signal {-self.code}"
        hint = "; the system may have run out of memory" if name == "SIGKILL" else ""
        return f"it was ended by {name}{hint}"


class _Pipe(asyncio.Protocol):
    """Passes on whole frames."""

    def __init__(self, take: Callable[[list[Frame]], None], spoilt: Callable[[], None]) -> None:
        self._take, self._spoilt = take, spoilt
        self._decoder = Decoder()
        self.lost = asyncio.Event()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._decoder.feed(data)
        except ProtocolError:
            self._spoilt()
        else:
            if frames:
                self._take(frames)


def _ignore(_: object) -> None:
    return None


def _nothing() -> None:
    return None


@dataclass
class Supervisor:
    """Keeps one worker alive. All of it runs in one event loop.

    Attributes:
        options: how workers are started.
        on_frames: called with what the worker says, heartbeats left out.
        on_log: called with each line that the worker or a node prints.
        clear_up: called in a thread when a worker is gone.
        on_death: called after that, before the next is started.
        last: the newest heartbeat.
        restarts: how many workers were started after the first.
        busy: whether a job runs; set by who runs it.
    """

    options: WorkerOptions
    on_frames: Callable[[list[Frame]], None] = _ignore
    on_log: Callable[[str], None] = _ignore
    clear_up: Callable[[], object] = _nothing
    on_death: Callable[[Death], None] = _ignore
    last: dict[str, Any] = field(default_factory=dict)
    restarts: int = 0
    busy: bool = False
    pid: int | None = None
    answered: float = 0.0

    def __post_init__(self) -> None:
        self._ready = asyncio.Event()
        self._wanted = True
        self._transport: asyncio.Transport | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: deque[str] = deque(maxlen=200)
        self._rest = b""
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> WorkerState:
        """What the worker does, as far as it can be known."""
        if self._child is None:
            return "down"
        if not self._ready.is_set():
            return "starting"
        if time.monotonic() - self.answered > SILENCE:
            return "silent"
        return "busy" if self.busy else "idle"

    def start(self) -> None:
        """Start a worker, and another whenever one dies."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    @property
    def up(self) -> bool:
        """Whether a worker takes orders."""
        return self._ready.is_set()

    async def ready(self) -> None:
        """Return once a worker takes orders."""
        await self._ready.wait()

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """Order something; it is lost if the worker dies, which `on_death` says."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(encode(header, payload))

    def kill(self) -> None:
        """End the worker, and every program its nodes started, at once."""
        if self._child is not None and self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)

    async def stop(self, patience: float = 5.0) -> None:
        """End the worker after what it does now, or by force after `patience` seconds."""
        self._wanted = False
        self.send({"do": "stop"})
        if self._task is None:
            return
        if not self._ready.is_set():
            self.kill()
        done, _ = await asyncio.wait([self._task], timeout=patience)
        if not done:
            self.kill()
            await asyncio.wait([self._task], timeout=patience)
        self._task.cancel()

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while self._wanted:
            try:
                death = await self._live()
            except (OSError, RuntimeError) as error:  # no room for a process or a thread
                death = Death(0, os.EX_OSERR, f"no worker could be started: {error}", False)
            pause = _FIRST_PAUSE if death.was_ready else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.to_thread(self.clear_up)
            self.on_death(death)
            if not self._wanted:
                return
            self.restarts += 1
            if not death.was_ready:
                await asyncio.sleep(pause)

    async def _live(self) -> Death:
        """Start a worker and see it to its end."""
        loop = asyncio.get_running_loop()
        child, ours = self._begin()
        self._child, self.pid = child, child.pid
        self.answered = time.monotonic()
        self._lines.clear()
        assert child.stdout is not None
        out = child.stdout.fileno()
        os.set_blocking(out, False)
        loop.add_reader(out, self._read_output, _LOG_PIECE)
        ours.setblocking(False)
        ended: asyncio.Future[int] = loop.create_future()
        try:
            threading.Thread(target=_await_end, args=(child, loop, ended), daemon=True).start()
            self._transport, pipe = await loop.create_connection(
                lambda: _Pipe(self._take, self.kill), sock=ours
            )
            code = await ended
            with contextlib.suppress(TimeoutError):  # what it said before its end comes first
                await asyncio.wait_for(pipe.lost.wait(), _LAST_WORDS)
            return self._gone(child.pid, code)
        finally:
            self.kill()
            loop.remove_reader(out)
            child.stdout.close()
            if self._transport is not None:
                self._transport.close()
            self._transport = self._child = self.pid = None
            self._ready.clear()
            self.busy = False

    def _begin(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """A new worker, and our end of its socket pair."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                child = subprocess.Popen(
                    self.options.command(theirs.fileno()),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            raise
        return child, ours

    def _gone(self, pid: int, code: int) -> Death:
        self._read_output()
        if self._rest:
            self._line(self._rest)
        self._rest = b""
        return Death(pid, code, "\n".join(self._lines), self._ready.is_set())

    def _take(self, frames: list[Frame]) -> None:
        self.answered = time.monotonic()
        kept = []
        for frame in frames:
            if frame.header["is"] == "heartbeat":
                self.last = frame.header
                continue
            if frame.header["is"] == "ready":
                self._ready.set()
            if frame.header["is"] == "done":
                self._read_output()
            kept.append(frame)
        if kept:
            self.on_frames(kept)

    def _read_output(self, most: int = _LOG_BYTES) -> None:
        """What was printed until now, line by line; no more than `most` bytes of it."""
        child = self._child
        if child is None or child.stdout is None:
            return
        while most > 0:
            try:
                data = os.read(child.stdout.fileno(), most)
            except BlockingIOError:
                return
            if not data:
                asyncio.get_running_loop().remove_reader(child.stdout.fileno())
                return
            most -= len(data)
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self._line(line)
            if len(self._rest) > _LOG_BYTES:
                self._line(self._rest)
                self._rest = b""

    def _line(self, line: bytes) -> None:
        text = line.rstrip(b"\r").decode(errors="replace")[:4096]
        self._lines.append(text)
        self.on_log(text)


def _await_end(
    child: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: asyncio.Future[int]
) -> None:
    code = child.wait()

    def tell() -> None:
        if not ended.done():
            ended.set_result(code)

    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(tell)
