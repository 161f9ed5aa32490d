"""What stands in the log, and what never does."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nodegraph.jobs.service import Service
from nodegraph.server.logs import LogFormat, note_end, set_up
from nodegraph.server.settings import Settings
from tests.jobs.making import saying, through
from tests.jobs.serving import run
from tests.server.conftest import Client, Serve

Log = Callable[..., io.StringIO]


@pytest.fixture
def log() -> Iterator[Log]:
    """Sends the log to a stream; afterwards everything is as it was."""
    root, ours = logging.getLogger(), logging.getLogger("nodegraph")
    before = root.handlers[:], root.level, ours.level

    def start(form: LogFormat = "json", level: str = "DEBUG") -> io.StringIO:
        stream = io.StringIO()
        set_up(form, level, stream)
        return stream

    yield start
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def entries(stream: io.StringIO, logger: str = "") -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in lines if line["logger"].startswith(logger)]


async def test_a_request_is_one_line_with_its_fields(client: Client, log: Log) -> None:
    stream = log()
    async with client.get("/api/v2/jobs/some-job?token=hidden") as answer:
        assert answer.status == 404

    (entry,) = entries(stream, "nodegraph.requests")
    assert entry["method"] == "GET"
    assert entry["path"] == "/api/v2/jobs/some-job"
    assert entry["route"] == "/api/v2/jobs/{id}"
    assert entry["status"] == 404
    assert entry["job"] == "some-job"
    assert entry["remote"] == "127.0.0.1"
    assert 0 < entry["ms"] < 10_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", entry["time"])
    assert "hidden" not in stream.getvalue()


async def test_reading_is_not_worth_a_line_but_changing_and_failing_is(
    client: Client, log: Log
) -> None:
    stream = log(level="INFO")
    await client.get("/api/v2/health")
    await client.post("/api/v2/jobs", json={"workflow": saying("x")})
    await client.get("/api/v2/jobs/none")

    found = entries(stream, "nodegraph.requests")
    assert [(entry["method"], entry["status"]) for entry in found] == [("POST", 201), ("GET", 404)]


async def test_who_asked_is_named_and_the_token_is_not(serve: Serve, log: Log) -> None:
    token = "a token that is long enough"
    client = await serve(Settings(tokens={Settings.digest_of(token): "ann"}))
    stream = log()
    for given in (token, "a token that is nobody's at all"):
        await client.get("/api/v2/jobs", headers={"Authorization": f"Bearer {given}"})

    users = [entry["user"] for entry in entries(stream, "nodegraph.requests")]
    assert users == ["ann", None]
    assert token not in stream.getvalue()
    assert "nobody's" not in stream.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
async def test_nothing_a_client_sends_forges_a_line(
    client: Client, log: Log, form: LogFormat
) -> None:
    stream = log(form)
    for path in ("/a%0AINFO%20forged", "/a%1b[31m", "/%E2%80%AEx", "/a%0d%0ax"):
        await client.get(path)
    logging.getLogger("nodegraph.test").warning("%s", "a\nINFO forged\x1b[31m \u202e\udcff")

    lines = stream.getvalue().splitlines()
    assert len(lines) == 5
    assert not any(line.startswith("INFO forged") for line in lines)
    assert all(line.isprintable() for line in lines)


def test_tracebacks_cannot_pass_for_lines(log: Log) -> None:
    stream = log("text")
    try:
        raise ValueError("first\n2030-01-01 12:00:00 INFO forged\x1b[2J")
    except ValueError:
        logging.getLogger("nodegraph.test").exception("failed")

    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("ERROR failed")
    assert all(line.startswith("    ") and line.isprintable() for line in rest)
    assert any("INFO forged" in line for line in rest)


def test_tracebacks_are_a_field_in_json(log: Log) -> None:
    stream = log("json")
    try:
        raise ValueError("wrong")
    except ValueError:
        logging.getLogger("nodegraph.test").exception("failed")

    (entry,) = entries(stream)
    assert entry["traceback"].endswith("ValueError: wrong")


async def test_ends_of_jobs_are_told(service: Service, log: Log) -> None:
    stream = log()
    service.on_end(note_end)
    good = await run(service, saying("x"))
    bad = await run(service, through("Wrong"))

    first, second = entries(stream, "nodegraph.jobs.ended")
    assert (first["job"], first["status"], first["code"]) == (good.id, "succeeded", None)
    assert (second["job"], second["status"], second["user"]) == (bad.id, "failed", "local")
    assert second["code"] == (bad.error.code if bad.error is not None else None) is not None


async def test_a_worker_that_dies_is_told(service: Service, log: Log) -> None:
    stream = log()
    await run(service, through("Crash"))

    (entry,) = entries(stream, "nodegraph.jobs.service")
    assert entry["level"] == "warning"
    assert "SIGSEGV" in entry["message"]
