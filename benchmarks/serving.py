"""Servers in processes of their own, for `benchmarks/server.py`: ours, and a bare handler.

    python -m benchmarks.serving ours DIR
    python -m benchmarks.serving bare DIR

Each prints the port it listens on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from aiohttp import web

__all__ = ["Serving", "serving"]

ROOT = Path(__file__).resolve().parents[1]
PACK = "benchmarks.pack"


@dataclass(frozen=True)
class Serving:
    """A server that answers."""

    url: str
    process: psutil.Process

    def resident(self) -> float:
        """MiB of memory that the server process (without its worker) has."""
        return float(self.process.memory_info().rss) / 2**20

    def processor_seconds(self) -> float:
        """What the server process has used of the processor."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[Serving]:
    """A server of a kind (`ours`, `bare`) that is ready to run jobs; ended afterwards."""
    command = [sys.executable, "-m", "benchmarks.serving", kind, str(folder)]
    child = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert child.stdout is not None
        made = Serving(
            f"http://127.0.0.1:{int(child.stdout.readline())}", psutil.Process(child.pid)
        )
        if kind == "ours":
            while not worker_is_up(made.url):
                time.sleep(0.02)
        yield made
    finally:
        child.terminate()
        child.wait(30)
        if child.stdout is not None:
            child.stdout.close()


def worker_is_up(url: str) -> bool:
    """Whether jobs that are submitted run at once."""
    with urllib.request.urlopen(f"{url}/api/v2/health", timeout=5) as answer:
        return bool(json.load(answer)["worker"] == "idle")


def answers(url: str) -> bool:
    """Whether a server says that it is well."""
    try:
        with urllib.request.urlopen(f"{url}/api/v2/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _ours(folder: Path) -> None:
    """As `nodegraph serve` does it, with the nodes of the benchmark."""
    from nodegraph.server.serving import ServeOptions, serve
    from nodegraph.server.settings import Settings

    def say(line: str) -> None:
        print(line.rstrip("/").rpartition(":")[2], flush=True)

    serve(ServeOptions(Settings(port=0), folder, device="cpu", packs=[PACK]), say)


async def _serve_bare(folder: Path) -> None:
    """What somebody would write in an afternoon: no queue, no store, one session in memory."""
    from benchmarks.pack import NODES
    from nodegraph import Registry, Session, Workflow

    session = Session(folder, Registry(NODES))
    turn = asyncio.Lock()

    async def run(request: web.Request) -> web.Response:
        workflow = Workflow.from_dict(await request.json())
        async with turn:
            result = await asyncio.to_thread(session.run, workflow)
        return web.json_response({"status": result.status})

    app = web.Application()
    app.router.add_post("/run", run)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def _bare(folder: Path) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_serve_bare(folder))


def main() -> None:
    """Serve until ended."""
    kind, folder = sys.argv[1:]
    {"ours": _ours, "bare": _bare}[kind](Path(folder))


if __name__ == "__main__":
    main()
