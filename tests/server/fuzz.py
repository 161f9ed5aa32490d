"""Submit workflows with mistakes to a server, and look whether it stays sound.

    python -m tests.server.fuzz --count 10000 --seed 1

Half of them are of the test pack and run if they can; the others are real pictures, which wait in
a paused queue until they are cancelled. Each goes to one of the paths that take workflows. Every
answer must be in the form of its path and none a 5xx; nothing may hang; the worker must live; and
afterwards every accepted job must be finished, here and in the database.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from tests.server.mutations import JOBS, Mutator, pictures
from tests.server.processes import Server, serving

BATCH = 100
CLIENTS = 4
ANSWER_SECONDS = 30.0
RUN_SECONDS = 60.0
FINISHED = {"succeeded", "failed", "canceled"}
PATHS = ("/api/v2/jobs", "/prompt", "/api/editor/validate", "/api/editor/import")
FIELD = {"/prompt": "prompt", "/api/editor/import": "document"}


class Fault(AssertionError):
    """The server did what it never may."""


class Round:
    """Mutated workflows against one server.

    Attributes:
        answers: how often each path answered with each status.
        accepted: the ids of the jobs that were taken.
    """

    def __init__(self, session: ClientSession, url: str, random: Random) -> None:
        self._session, self._url, self._random = session, url.rstrip("/"), random
        self._jobs, self._pictures = Mutator(JOBS, random), Mutator(pictures(), random)
        self.answers: Counter[str] = Counter()
        self.accepted: list[str] = []

    async def submit(self, count: int) -> None:
        """Submit so many, in batches that run, and batches that wait until they are cancelled."""
        for begun in range(0, count, BATCH):
            held = begun % (2 * BATCH) >= BATCH
            size = min(BATCH, count - begun)
            if held:
                await self._post("/api/editor/queue/pause", b"{}")
            mutator = self._pictures if held else self._jobs
            bodies = [self._body(mutator) for _ in range(size)]
            taken = await self._send(bodies)
            if held:
                for job_id in taken:
                    await self._post(f"/api/v2/jobs/{job_id}/cancel", b"{}")
                await self._post("/api/editor/queue/resume", b"{}")
            await self._settle(taken)
            self.accepted += taken

    def _body(self, mutator: Mutator) -> tuple[str, bytes]:
        path = self._random.choice(PATHS)
        body: Any = {FIELD.get(path, "workflow"): mutator.document(api=path == "/prompt")}
        if self._random.random() < 0.1:
            more = {"priority", "targets", "extra_data", "front", "number", "client_id", "retry"}
            body[self._random.choice(sorted(more))] = mutator.document()
        return path, mutator.text(body)

    async def _send(self, bodies: Sequence[tuple[str, bytes]]) -> list[str]:
        waiting, taken = [*bodies], []

        async def client() -> None:
            while waiting:
                path, data = waiting.pop()
                status, answer = await self._post(path, data)
                self.answers[f"{path} {status}"] += 1
                if path == "/api/v2/jobs" and status == 201:
                    taken.append(str(answer["id"]))
                elif path == "/prompt" and status == 200:
                    taken.append(str(answer["prompt_id"]))

        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(client())
        return taken

    async def _post(self, path: str, data: bytes) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"}
        try:
            asked = self._session.post(self._url + path, data=data, headers=headers)
            async with asked as answer:
                text = await answer.text()
        except (TimeoutError, OSError) as error:
            raise Fault(_said(path, data, f"no answer: {error!r}")) from error
        problem = _problem(path, answer.status, text)
        if problem:
            raise Fault(_said(path, data, f"{answer.status} {problem}: {text[:500]}"))
        return answer.status, json.loads(text)

    async def _settle(self, job_ids: Sequence[str]) -> None:
        """Wait until jobs are finished; one that was given too many steps is cancelled."""
        begun = time.monotonic()
        for job_id in job_ids:
            cancelled = False
            while (job := await self._job(job_id))["status"] not in FINISHED:
                spent = time.monotonic() - begun
                if spent > RUN_SECONDS:
                    raise Fault(f"job {job_id} does not end: {job}")
                if job["status"] == "running" and spent > 3 and not cancelled:
                    cancelled = True
                    await self._post(f"/api/v2/jobs/{job_id}/cancel", b"{}")
                await asyncio.sleep(0.02)
            if job["error"] is not None and job["error"]["code"] == "worker_crashed":
                raise Fault(f"job {job_id} killed the worker: {job['error']}")

    async def _job(self, job_id: str) -> Any:
        async with self._session.get(f"{self._url}/api/v2/jobs/{job_id}") as answer:
            if answer.status != 200:
                raise Fault(f"job {job_id}, which was accepted: {answer.status}")
            return await answer.json()


def _problem(path: str, status: int, text: str) -> str | None:
    """What is wrong with an answer."""
    if status >= 500:
        return "is a failure of the server"
    try:
        found = json.loads(text)
    except ValueError:
        return "is no JSON"
    if not isinstance(found, dict):
        return "is no object"
    if status < 400:
        wanted = {
            "/api/v2/jobs": ("id", "status", "urls"),
            "/prompt": ("prompt_id", "number", "node_errors"),
            "/api/editor/validate": ("problems",),
            "/api/editor/import": ("workflow", "report"),
        }.get(path, ())
        return next((f"has no '{name}'" for name in wanted if name not in found), None)
    error = found.get("error")
    keys = (
        ("type", "message", "details", "extra_info") if path == "/prompt" else ("code", "message")
    )
    if not isinstance(error, dict) or any(key not in error for key in keys):
        return "is not in the envelope of errors"
    if path == "/prompt" and not isinstance(found.get("node_errors"), dict):
        return "has no node_errors"
    return None if all(isinstance(error[key], str) for key in keys[:2]) else "has an odd error"


def _said(path: str, data: bytes, text: str) -> str:
    shown = data if len(data) < 4000 else data[:4000] + b"..."
    return f"POST {path}: {text}\nbody: {shown!r}"


async def _run(server: Server, count: int, seed: int) -> Round:
    timeout = ClientTimeout(total=ANSWER_SECONDS)
    async with ClientSession(timeout=timeout) as session:
        made = Round(session, server.url, Random(seed))
        await made.submit(count)
        return made


def fuzz(data: Path, count: int, seed: int) -> Round:
    """Submit `count` mutated workflows to a new server in a data directory, and check it after.

    Raises:
        Fault: with the request that did it.
    """
    with serving(data, "--pack", "nodes") as server:
        server.worker_ready()
        before = _worker(server)
        made = asyncio.run(_run(server, count, seed))
        if _worker(server) != before:
            gone = next((n for n, line in enumerate(server.lines) if "is gone" in line), 0)
            raise Fault(f"the worker is another one: {''.join(server.lines[gone - 5 : gone + 5])}")
        if "Traceback" in server.said:
            place = server.said.index("Traceback")
            raise Fault(f"the server has a bug: {server.said[place - 500 : place + 5000]}")
        status, queue = server.ask("api/editor/queue")
        if (status, queue["queued"], queue["running_count"]) != (200, 0, 0):
            raise Fault(f"the queue is not empty: {status} {queue}")
        if (code := server.stop()) != 0:
            raise Fault(f"the server ended with code {code}: {server.said[-5000:]}")
    _check_store(data, made.accepted)
    return made


def _worker(server: Server) -> Any:
    status, body = server.ask("api/editor/system")
    if status != 200:
        raise Fault(f"the system cannot be asked: {status} {body}")
    worker = body["worker"]
    return worker["pid"], worker["restarts"]


def _check_store(data: Path, accepted: Sequence[str]) -> None:
    with closing(sqlite3.connect(data / "nodegraph.db")) as db:
        whole = db.execute("PRAGMA integrity_check").fetchone()[0]
        if whole != "ok":
            raise Fault(f"the database is damaged: {whole}")
        found = dict(db.execute("SELECT id, status FROM jobs"))
        hashes = [row[0] for row in db.execute("SELECT DISTINCT hash FROM assets")]
    lost = [job_id for job_id in accepted if found.get(job_id) not in FINISHED]
    if lost or len(set(accepted)) != len(accepted):
        raise Fault(f"accepted and not finished, or twice: {lost[:10]}")
    missing = [name for name in hashes if not (data / "assets" / name[:2] / name).is_file()]
    if missing:
        raise Fault(f"outputs are not on disk: {missing[:10]}")
    if left := [*data.rglob("*.tmp")]:
        raise Fault(f"temporary files are left: {left[:10]}")


def main() -> int:
    """Fuzz, and say what was answered."""
    parser = argparse.ArgumentParser(description="Submit workflows with mistakes to a server.")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else Random().randrange(2**32)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = fuzz(Path(folder) / "data", options.count, seed)
        except Fault as fault:
            print(f"seed {seed}: {fault}", file=sys.stderr)
            return 1
        except BaseExceptionGroup as group:
            print(f"seed {seed}: {group.exceptions[0]}", file=sys.stderr)
            return 1
    print(f"seed {seed}: {options.count} requests in {time.monotonic() - begun:.0f} s")
    for name, number in sorted(made.answers.items()):
        print(f"  {name:<28} {number:>6}")
    print(f"  {len(made.accepted)} jobs accepted, all finished; the worker lived")
    return 0


if __name__ == "__main__":
    sys.exit(main())
