"""What the server adds to running nodes, beside a bare handler and a session in one process.

    python -m benchmarks.server                 # everything, about three minutes
    python -m benchmarks.server latency --turns 1000
    python -m benchmarks.server throughput listeners start memory

Latency is that of three nodes that are all reused, from submitting them until the client knows
that they are done, the connection being open already. Every way takes its turn in each round, so
that other work on the machine weighs on all alike. `bare` is an aiohttp handler around a session
in memory: no queue, no store, no worker, no events. `in process` is the session alone.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil

from benchmarks.clients import Bare, Client, Listener, V1Socket, V2Events, V2Poll, new_session
from benchmarks.pack import NODES, native_form, stepping
from benchmarks.serving import Serving, answers, serving
from nodegraph import Registry, Session, Workflow

CLIENTS = 50
LISTENERS = 200
JOBS = 10_000
WARM = 50
WAYS: dict[str, type[Client]] = {
    "v2, events": V2Events,
    "v2, polled": V2Poll,
    "v1, WebSocket": V1Socket,
    "bare": Bare,
}
MEDIAN_MS, START_SECONDS, RESIDENT_MIB = 3.4, 1.0, 120.0
GROWTH = 1.1
"""Of memory, from a fifth of the jobs on: caches still fill a little, and then stay as they are."""


@asynccontextmanager
async def connected(kind: type[Client], url: str) -> AsyncIterator[Client]:
    """A client with a session of its own."""
    async with new_session() as session:
        client = await kind.connect(session, url)
        yield client
        await client.close()


async def latency(turns: int) -> None:
    """Submit to done, each way, side by side."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        session = Session(here / "in process", Registry(NODES))
        workflow = Workflow.from_dict(native_form())
        with serving("ours", here / "ours") as ours, serving("bare", here / "bare") as bare:
            async with AsyncExitStack() as stack:
                clients = {}
                for name, kind in WAYS.items():
                    url = bare.url if kind is Bare else ours.url
                    clients[name] = await stack.enter_async_context(connected(kind, url))
                times: dict[str, list[float]] = {name: [] for name in (*WAYS, "in process")}
                for _ in range(WARM + turns):
                    for name, client in clients.items():
                        started = time.perf_counter()
                        await client.run()
                        times[name].append(time.perf_counter() - started)
                        await client.settle()
                    started = time.perf_counter()
                    session.run(workflow)
                    times["in process"].append(time.perf_counter() - started)
    _print_latency({name: found[WARM:] for name, found in times.items()})


def _print_latency(times: dict[str, list[float]]) -> None:
    bare = statistics.median(times["bare"])
    print(f"three reused nodes, submit to done ({len(times['bare'])} turns)")
    for name, found in times.items():
        middle = statistics.median(found)
        late = sorted(found)[int(len(found) * 0.95)]
        line = f"  {name:<16} median {1e3 * middle:6.2f} ms   95% {1e3 * late:6.2f} ms"
        print(f"{line}   {middle / bare:5.2f} x bare")
    for name in ("v2, events", "v1, WebSocket"):
        _verdict(f"{name}: median, ms", 1e3 * statistics.median(times[name]), MEDIAN_MS)


async def throughput(seconds: float) -> None:
    """Jobs a second with many clients, each submitting when its last job is done."""
    print(f"jobs a second, {CLIENTS} clients for {seconds:.0f} s each way")
    for name, kind in WAYS.items():
        if kind is V2Poll:  # a client a millisecond: that measures how fast they ask
            continue
        which = "bare" if kind is Bare else "ours"
        with tempfile.TemporaryDirectory() as folder, serving(which, Path(folder)) as server:
            rate = await _sustained(kind, server.url, seconds)
        print(f"  {name:<16} {rate:7.0f} /s")


async def _sustained(kind: type[Client], url: str, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    done = 0
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(kind, url)) for _ in range(CLIENTS)]
        await clients[0].run()
        await clients[0].settle()
        started = loop.time()

        async def work(client: Client) -> None:
            nonlocal done
            while loop.time() - started < seconds:
                await client.run()
                done += 1
                await client.settle()

        await asyncio.gather(*map(work, clients))
        return done / (loop.time() - started)


async def listeners(count: int, steps: int = 200, pause: float = 0.02) -> None:
    """One job that says 50 times a second how far it is, and many who listen to it."""
    with tempfile.TemporaryDirectory() as folder, serving("ours", Path(folder)) as server:
        async with new_session() as session:
            jobs = f"{server.url}/api/v2/jobs"
            async with session.post(jobs, json={"workflow": stepping(steps, pause)}) as answer:
                job = await answer.json()
            many = [Listener() for _ in range(count)]
            url = f"{jobs}/{job['id']}/events"
            tasks = [asyncio.ensure_future(one.listen(session, url)) for one in many]
            await asyncio.gather(*(one.begun.wait() for one in many))
            before, started = server.processor_seconds(), time.perf_counter()
            slowest = await _slowest_health(session, server, tasks)
            elapsed = time.perf_counter() - started
            used = server.processor_seconds() - before
            ends = [one.ended for one in many]
    heard = [one.events for one in many]
    assert all(one.status == "succeeded" for one in many), {one.status for one in many}
    print(f"{count} listeners to one job of {steps} steps")
    print(f"  heard {sum(heard) / elapsed:.0f} events/s, each {min(heard)} to {max(heard)}")
    print(f"  the last heard of the end {1e3 * (max(ends) - min(ends)):.1f} ms after the first")
    print(f"  processor: {1e6 * used / sum(heard):.0f} us an event heard, {used / elapsed:.0%}")
    _verdict("  a health request meanwhile, the slowest, ms", 1e3 * slowest, 50.0)


async def _slowest_health(
    session: object, server: Serving, tasks: list[asyncio.Task[None]]
) -> float:
    slowest = 0.0
    while not all(task.done() for task in tasks):
        started = time.perf_counter()
        await asyncio.to_thread(answers, server.url)
        slowest = max(slowest, time.perf_counter() - started)
        await asyncio.sleep(0.1)
    await asyncio.gather(*tasks)
    return slowest


def start(repeat: int) -> None:
    """`nodegraph serve`, from the command to its first answer."""
    found = [_start_once() for _ in range(repeat)]
    print(f"start of nodegraph serve, {repeat} times")
    _verdict("  first answer, median, s", statistics.median(found), START_SECONDS)


def _start_once() -> float:
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        command = [sys.executable, "-m", "nodegraph", "serve", "--port", str(port)]
        started = time.perf_counter()
        child = subprocess.Popen(
            [*command, "--data", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not answers(f"http://127.0.0.1:{port}"):
                assert child.poll() is None, f"it ended with code {child.returncode}"
                time.sleep(0.005)
            return time.perf_counter() - started
        finally:
            child.terminate()
            child.wait(30)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def memory(jobs: int) -> None:
    """Resident memory of the server process after many jobs."""
    with tempfile.TemporaryDirectory() as folder, serving("ours", Path(folder)) as server:
        seen = {0: server.resident()}
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(connected(kind, server.url))
                for kind in (V2Events, V1Socket, V2Events, V1Socket)
            ]
            for until in range(jobs // 5, jobs + 1, jobs // 5):
                each = (until - max(seen)) // len(clients)
                await asyncio.gather(*(_repeat(client, each) for client in clients))
                seen[until] = server.resident()
    early, late = seen[jobs // 5], seen[jobs]
    print("memory of the server process, MiB")
    for after, mebi in seen.items():
        print(f"  after {after:>6} jobs {mebi:7.1f}")
    _verdict(f"  after {jobs} jobs", late, RESIDENT_MIB)
    _verdict(f"  after {jobs} / after {jobs // 5}", late / early, GROWTH)


async def _repeat(client: Client, times: int) -> None:
    for _ in range(times):
        await client.run()
        await client.settle()


def _verdict(name: str, value: float, limit: float) -> None:
    print(f"{name:<50}{value:8.2f}  (<= {limit})  {'ok' if value <= limit else 'MISSED'}")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description="Measure the server.")
    parts: dict[str, Callable[[argparse.Namespace], None]] = {
        "latency": lambda o: asyncio.run(latency(o.turns)),
        "throughput": lambda o: asyncio.run(throughput(o.seconds)),
        "listeners": lambda o: asyncio.run(listeners(o.listeners)),
        "start": lambda o: start(o.repeat),
        "memory": lambda o: asyncio.run(memory(o.jobs)),
    }
    parser.add_argument("what", nargs="*", choices=[*parts, []], help="by default everything")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=JOBS)
    options = parser.parse_args()
    load = psutil.getloadavg()[0]
    print(f"{psutil.cpu_count()} processors, load {load:.1f} at the start", flush=True)
    for name in options.what or parts:
        parts[name](options)


if __name__ == "__main__":
    main()
