"""Kills servers and workers at random moments, then looks whether anything was lost.

python -m tests.jobs.crash --rounds 100 [--seed 1] [--data DIR]
"""

import argparse
import json
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from blake3 import blake3

from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.database import Database
from nodegraph.jobs.model import Job
from nodegraph.jobs.store import JobStore
from tests.jobs.making import link, workflow

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


class Ended(Exception):
    """The server is gone."""


class Server:
    """One server process."""

    def __init__(self, data: Path, ends: dict[str, dict[str, Any]]) -> None:
        command = [sys.executable, "-m", "tests.jobs.crash_server", str(data)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._ends = ends
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        self._answer()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with suppress(ValueError):  # half a line, cut off by a kill
                message = json.loads(line)
                if "ended" in message:
                    self._ends[message.pop("ended")] = message
                else:
                    self._answers.put(message)
        self._answers.put(None)

    def ask(self, **order: Any) -> dict[str, Any]:
        """Say something and wait for the answer."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Ended from error
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        answer = self._answers.get(timeout=PATIENCE)
        if answer is None:
            raise Ended
        return answer

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.close()

    def stop(self) -> None:
        """Ask it to end."""
        with suppress(Ended):
            self.ask(stop=True)
        self.close()

    def close(self) -> None:
        """Wait until it and its pipes are gone."""
        self.process.wait(PATIENCE)
        self._thread.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with suppress(OSError):
                stream.close()


class Trial:
    """Submits jobs all the time, while processes are killed."""

    def __init__(self, data: Path, seed: int) -> None:
        self.data, self.random = data, random.Random(seed)
        (data / "runs").mkdir(parents=True)
        self.accepted: dict[str, str] = {}
        self.ends: dict[str, dict[str, Any]] = {}
        self.kills = {"server": 0, "worker": 0}
        self._count = 0

    def run(self, rounds: int) -> list[str]:
        """Kill something `rounds` times; returns what was wrong afterwards."""
        server = Server(self.data, self.ends)
        try:
            for _ in range(rounds):
                server = self._round(server)
            server.ask(idle=True)
        finally:
            server.stop()
        Server(self.data, self.ends).stop()  # clears up after the last kill
        return self.faults()

    def _round(self, server: Server) -> Server:
        whom = self.random.choice(("server", "worker"))
        self.kills[whom] += 1
        worker = server.ask(worker=True)["worker"]
        victim = server.process.pid if whom == "server" else worker
        delay = self.random.uniform(0.0, 0.8)
        timer = threading.Timer(delay, _kill, [victim])
        timer.start()
        try:
            while timer.is_alive():
                self._submit(server)
                time.sleep(self.random.uniform(0.0, 0.06))  # else the queue only grows
            if whom == "worker":
                return server
            server.process.wait(PATIENCE)
        except Ended:
            pass
        timer.join()
        server.kill()
        return Server(self.data, self.ends)

    def _submit(self, server: Server) -> None:
        self._count += 1
        name = f"job{self._count}"
        text = f"text {self._count % 7} " * self.random.choice((1, 50_000))
        document = workflow(
            count={"type": "CountRuns", "path": str(self.data / "runs" / name), "text": "ran"},
            echo={"type": "Echo", "value": text},
            slow={"type": "Slow", "text": link("echo"), "steps": 3, "pause": 0.005},
            save={"type": "SaveText", "text": link("slow"), "name": name},
            more={"type": "SaveText", "text": link("echo"), "name": f"{name}-more"},
            show={"type": "ShowText", "text": link("echo")},
        )
        client = self.random.choice("abc")
        answer = server.ask(submit=document, client=client, retry=self.random.random() < 0.5)
        self.accepted[answer["accepted"]] = name

    # -- afterwards ----------------------------------------------------------------------

    def faults(self) -> list[str]:
        """Everything that is not as it should be."""
        found = [f"left behind: {path}" for path in self.data.rglob("*.tmp")]
        database = Database(self.data / "nodegraph.db")
        try:
            store = JobStore(database)
            assets = AssetStore(database, self.data / "assets")
            jobs = {job.id: job for job in store.page(limit=1_000_000).jobs}
        finally:
            database.close()
        found += [f"job {name} is lost" for name in self.accepted if name not in jobs]
        for job in jobs.values():
            found += [f"job {job.id} ({job.status}): {text}" for text in self._job(job, assets)]
        return found

    def _job(self, job: Job, assets: AssetStore) -> list[str]:
        found = []
        if job.status == "succeeded":
            if len(job.outputs) != 3:
                found.append(f"has {len(job.outputs)} outputs")
        elif job.error is None or job.error.code not in ("interrupted", "worker_crashed"):
            found.append(f"ended as it should not: {job.error}")
        for output in job.outputs:
            path = Path(output.path) if output.path is not None else None
            for place in filter(None, (path, assets.path(output.hash))):
                if not place.is_file() or blake3(place.read_bytes()).hexdigest() != output.hash:
                    found.append(f"output {place} is not whole")
        runs = self._runs(job)
        if runs > job.attempts:
            found.append(f"ran {runs} times in {job.attempts} attempts")
        return found + self._end(job)

    def _runs(self, job: Job) -> int:
        name = self.accepted.get(job.id)
        path = self.data / "runs" / (name or "nothing")
        return len(path.read_text().splitlines()) if path.exists() else 0

    def _end(self, job: Job) -> list[str]:
        """What is not as it was when the server said that the job had ended."""
        told = self.ends.get(job.id)
        now = {"status": job.status, "at": job.completed_at, "outputs": len(job.outputs)}
        return [f"ended as {told}, now it is {now}"] if told is not None and told != now else []


def _kill(pid: int | None) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def main() -> int:
    """Run a trial; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    data = options.data or Path(tempfile.mkdtemp(prefix="crash"))
    print(f"seed {options.seed}, data in {data}")
    trial = Trial(data, options.seed)
    faults = trial.run(options.rounds)
    states = [end["status"] for end in trial.ends.values()]
    print(f"{len(trial.accepted)} jobs accepted; killed: {trial.kills}")
    print({status: states.count(status) for status in sorted(set(states))})
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
