"""The worker process: it owns the device and runs one job after another.

    python -m nodegraph.jobs.worker FD --data DIR [--models DIR]... [--device D] [--dtype T]

FD is one end of a socket pair; what is said over it is in `protocol`. Three threads: the main
one runs jobs, one reads orders (so that a job can be cancelled), one sends heartbeats. When the
other end is gone, so is the worker, whatever it does at the moment.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import faulthandler
import gc
import json
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from nodegraph.engine.cache import TieredCache
from nodegraph.engine.context import CancelToken
from nodegraph.engine.devices import NoDevice, find_device
from nodegraph.engine.disk import DiskCache
from nodegraph.graph.lowering import lower
from nodegraph.graph.schema import describe
from nodegraph.graph.updating import updated
from nodegraph.graph.workflow import Workflow
from nodegraph.jobs.figures import cuda_devices, resident_bytes, versions
from nodegraph.jobs.protocol import Decoder, Frame, ProtocolError
from nodegraph.jobs.reporting import Link, Reporter
from nodegraph.jobs.serving import ServedSession
from nodegraph.plugins.loader import Pack, load_packs, registry_of
from nodegraph.session import DISK_CAP, default_budget

__all__ = ["Worker", "main"]

HEARTBEAT = 1.0
_PR_SET_PDEATHSIG = 1


class Worker:
    """Orders come in, reports go out.

    Args:
        link: where reports go.
        session: lives as long as the worker, so that what one job made serves the next.
    """

    def __init__(self, link: Link, session: ServedSession) -> None:
        self._link, self._session = link, session
        self._orders: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._tokens: dict[str, CancelToken] = {}

    def serve(self) -> None:
        """Run what is ordered until told to stop."""
        self._say_ready()
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        while (order := self._orders.get()) is not None:
            if order.header["do"] == "run":
                self._run(order)
            elif order.header["do"] == "free":
                self._free()

    def _say_ready(self) -> None:
        session = self._session
        self._link.send(
            {
                "is": "ready",
                "pid": os.getpid(),
                "versions": versions(),
                "devices": cuda_devices(),
                "models": session.builtin_models(),
                "packs": [
                    {"name": p.name, "module": p.module, "version": p.version, "error": p.error}
                    for p in session.packs
                ],
            },
            describe(session.registry),
        )

    def _listen(self) -> None:
        decoder = Decoder()
        while data := self._link.receive():
            try:
                frames = decoder.feed(data)
            except ProtocolError as error:
                print(f"the server speaks gibberish: {error}", file=sys.stderr, flush=True)
                break
            for frame in frames:
                self._take(frame)
        os._exit(0)  # nobody is there to report to; the next server starts afresh

    def _take(self, frame: Frame) -> None:
        match frame.header["do"]:
            case "cancel":
                with self._lock:
                    token = self._tokens.get(frame.header["job"])
                if token is not None:
                    token.cancel()
            case "stop":
                self._orders.put(None)
            case "update":
                document, done = updated(json.loads(frame.payload), self._session.registry)
                told = {"ask": frame.header["ask"], "updates": [asdict(one) for one in done]}
                self._link.send({"is": "updated", **told}, json.dumps(document).encode())
            case "run":
                with self._lock:  # so that a cancel that follows at once finds it
                    self._tokens[frame.header["job"]] = CancelToken()
                self._orders.put(frame)
            case _:
                self._orders.put(frame)

    def _run(self, order: Frame) -> None:
        header = order.header
        token = self._tokens[header["job"]]
        reporter = Reporter(self._link, header["job"])
        try:
            workflow = Workflow.parse(order.payload)
            reporter.workflow = lower(workflow, self._session.registry).workflow
            self._session.input_dirs = [Path(folder) for folder in header["input_dirs"]]
            result = self._session.run(
                workflow,
                output_dir=header["output_dir"],
                only=header["targets"],
                emit=reporter,
                cancel=token,
                previews=True,
                scope=header["output_dir"],  # of one owner: nobody hears of others' inputs
            )
            error = result.errors[0] if result.errors else None
            reporter.done(result.status, result.seconds, error)
        except BaseException as error:
            reporter.done("canceled" if token.cancelled else "failed", 0.0, error)
        finally:
            with self._lock:
                del self._tokens[header["job"]]

    def _free(self) -> None:
        self._session.cache.clear()
        gc.collect()
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _beat(self) -> None:
        pause = threading.Event()
        while not pause.wait(HEARTBEAT):
            self._link.send(
                {
                    "is": "heartbeat",
                    "rss": resident_bytes(),
                    "cache_bytes": self._session.cache.used,
                    "devices": cuda_devices(),
                }
            )


def _packs(modules: Sequence[str]) -> list[Pack]:
    made = []
    for name in modules:
        module = import_module(name)
        models = getattr(module, "MODELS", {})
        made.append(Pack(name, name, "0", tuple(module.NODES), models))
    return made


def _session(options: argparse.Namespace) -> ServedSession:
    packs = _packs(options.pack) if options.pack else load_packs()
    device = find_device(options.device)  # what it may be is known once the packs are loaded
    folders = {"model_dirs": options.models, "device": device, "dtype": options.dtype}
    cache = TieredCache(default_budget(), disk=DiskCache(options.data / "cache", DISK_CAP))
    return ServedSession(options.data, registry_of(packs), packs, cache=cache, **folders)


def _die_with(parent: int) -> None:
    """Ask the kernel to be killed when the server is, even while a node holds the interpreter."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        os._exit(0)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("nodegraph.jobs.worker", description="The worker process.")
    parser.add_argument("fd", type=int)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, action="append", default=[])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--parent", type=int, default=0, help="the pid of the server")
    parser.add_argument("--pack", action="append", default=[], help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a worker until told to stop."""
    options = _options(arguments)
    _die_with(options.parent)
    faulthandler.enable()
    for number in (signal.SIGINT, signal.SIGTERM):
        # The server decides; a handler, unlike SIG_IGN, is not handed down to programs of nodes.
        signal.signal(number, lambda *_: None)
    link = Link(socket.socket(fileno=options.fd))
    with contextlib.closing(link):
        try:
            session = _session(options)
        except NoDevice as error:
            print(error, file=sys.stderr, flush=True)
            return 2
        Worker(link, session).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
