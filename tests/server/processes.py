"""`nodegraph serve` as users start it: a process of its own, on a free port."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.jobs.making import through

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
PACK = "tests.jobs.pack"
_READY = re.compile(r"nodegraph is at (http://\S+)")


def command(data: Path, *words: str, pack: str | None = PACK) -> list[str]:
    """The command line of a server with the test pack, or with another, or with those installed."""
    made = [sys.executable, "-m", "nodegraph", "serve", "--data", str(data)]
    return [*made, *(("--pack", pack) if pack else ()), *words]


def environment(path: Path = ROOT, *, measured: bool = True) -> dict[str, str]:
    """That of a server whose code lies in `path`; if not `measured`, without its coverage."""
    found = {name: value for name, value in os.environ.items() if name != "NODEGRAPH_TOKEN"}
    if not measured:
        found = {name: found[name] for name in found if not name.startswith("COVERAGE_")}
    return {**found, "PYTHONPATH": str(path)}


def refused(data: Path, *words: str) -> tuple[int, str]:
    """The exit code and stderr of a server that is not to start."""
    done = subprocess.run(
        command(data, *words),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


class Server:
    """A server that runs; what it says on stderr is kept.

    One that is not `measured` runs without coverage, and so in less time.

    Attributes:
        seconds: from starting the process to the ready line.
        url: where it is, with a slash at the end.
    """

    def __init__(
        self,
        data: Path,
        *words: str,
        port: int = 0,
        pack: str | None = PACK,
        path: Path = ROOT,
        measured: bool = True,
        **options: Any,
    ) -> None:
        begun = time.monotonic()
        self.lines: list[str] = []
        self._ready = threading.Event()
        self.url = ""
        self.process = subprocess.Popen(
            command(data, "--port", str(port), *words, pack=pack),
            env=environment(path, measured=measured),
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._ready.wait(PATIENCE)
        self.seconds = time.monotonic() - begun
        assert self.url, self.said

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if found := _READY.search(line):
                self.url = found[1]
                self._ready.set()
        self._ready.set()

    def ask(self, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def worker_ready(self) -> None:
        """Wait until the worker takes orders."""
        self.until(lambda: self.ask("api/v2/health")[1]["worker"] in ("idle", "busy"))

    def submit(self, document: dict[str, Any], **more: Any) -> str:
        """The id of a job."""
        status, body = self.ask("api/v2/jobs", {"workflow": document, **more})
        assert status == 201, body
        return str(body["id"])

    def job(self, job_id: str) -> Any:
        """A job as it stands."""
        status, body = self.ask(f"api/v2/jobs/{job_id}")
        assert status == 200, body
        return body

    def finished(self, job_id: str) -> Any:
        """A job once it has ended."""
        ended = ("succeeded", "failed", "canceled")
        return self.until(lambda: (job := self.job(job_id))["status"] in ended and job)

    def start_slow(self, steps: int = 100) -> str:
        """A job that is in the middle of a node of 20 ms a step."""
        self.worker_ready()
        job = self.submit(through("Slow", steps=steps))
        self.until(lambda: (self.job(job)["progress"] or {}).get("step"))
        return job

    def accepts(self) -> bool:
        """Whether it takes connections."""
        where = urllib.parse.urlsplit(self.url)
        try:
            socket.create_connection((str(where.hostname), where.port or 0)).close()
        except ConnectionRefusedError:
            return False
        return True

    def until(self, condition: Any) -> Any:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < end, self.said
            time.sleep(0.02)
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        """End it in any case."""
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


@contextmanager
def serving(data: Path, *words: str, **options: Any) -> Iterator[Server]:
    """A server that is ended with the block."""
    made = Server(data, *words, **options)
    try:
        yield made
    finally:
        made.close()
