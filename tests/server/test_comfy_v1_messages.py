"""How the state of a job becomes messages, for what no short job shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from nodegraph.jobs.events import JobEvent
from nodegraph.jobs.model import Job, JobError, JobOutput
from nodegraph.server.comfy_v1_messages import Telling, story
from nodegraph.server.comfy_v1_outputs import ui_outputs

FOLDER = Path("/data/outputs")


def job(status: Any = "running", **more: Any) -> Job:
    text = '{"nodegraph": 1, "nodes": {"loop": {"type": "Loop", "inputs": {}}}}'
    values: dict[str, Any] = {"started_at": 2.0, **more}
    return Job(
        1, "j", "local", "", status, "native", text, text, None, None, 0, created_at=1.0, **values
    )


def report(status: str, kind: str = "Echo") -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": "", "seconds": 0.0, "error": None}


def output(node: str, path: str | None, **more: Any) -> JobOutput:
    values: dict[str, Any] = {"name": "images", "type": "image", "text": None, **more}
    return JobOutput(
        node, content_type="image/png", size=1, asset_id="a", hash="h", path=path, **values
    )


def told(telling: Telling, at: Job, kind: Any = "node") -> list[tuple[str, dict[str, Any]]]:
    return [(message.type, message.data) for message in telling.hear(JobEvent(kind, at))]


def test_a_node_made_by_another_is_shown_as_that_one() -> None:
    telling = Telling(job(), FOLDER)
    at = job(nodes={"loop": report("running", "Loop"), "loop/a/b": report("running")})
    (_, _, (_, first), (_, second)) = told(telling, at)
    assert (first["node"], first["display_node"]) == ("loop", "loop")
    assert (second["node"], second["display_node"]) == ("loop/a/b", "loop")
    state = telling.state().data["nodes"]["loop/a/b"]
    assert state["node_id"] == "loop/a/b"
    assert state["display_node_id"] == state["real_node_id"] == "loop"
    assert state["parent_node_id"] == "loop/a"


def test_what_was_missed_is_told_with_the_next_event() -> None:
    telling = Telling(job(), FOLDER)
    nodes = {"a": report("reused"), "b": report("ran"), "c": report("skipped")}
    made = (output("a", "/data/outputs/1.png"), output("b", "/data/outputs/2.png"))
    at = job("succeeded", nodes=nodes, outputs=made, completed_at=3.0)
    types = [kind for kind, _ in told(telling, at, "snapshot")]
    assert types == [
        "execution_start",
        "execution_cached",
        "executing",
        "executed",
        "executed",
        "progress_state",
        "execution_success",
        "executing",
    ]
    assert told(telling, at, "status") == []


def test_outputs_wait_for_their_node_and_come_together() -> None:
    telling = Telling(job(), FOLDER)
    first, second = output("a", "/data/outputs/1.png"), output("a", "/data/outputs/2.png")
    at = job(nodes={"a": report("running")}, outputs=(first,))
    assert "executed" not in dict(told(telling, at, "output"))
    at = replace(at, outputs=(first, second))
    assert told(telling, at, "output") == []
    at = replace(at, nodes={"a": report("ran")})
    ((kind, data),) = told(telling, at)
    assert kind == "executed"
    assert [entry["filename"] for entry in data["output"]["images"]] == ["1.png", "2.png"]


def test_files_are_named_by_where_view_finds_them() -> None:
    made = [
        output("a", "/data/outputs/sub/dir/1.png"),
        output("a", "/data/outputs/temp/2.png", temporary=True),
        output("a", None, text="said", name="text", type="text"),
        output("b", "/elsewhere/3.latent", name="latents", type="latent"),
    ]
    assert ui_outputs(made, FOLDER) == {
        "a": {
            "images": [
                {"filename": "1.png", "subfolder": "sub/dir", "type": "output"},
                {"filename": "2.png", "subfolder": "", "type": "temp"},
            ],
            "text": ["said"],
        },
        "b": {"latents": [{"filename": "3.latent", "subfolder": "", "type": "output"}]},
    }


def test_a_secret_is_not_told_when_its_node_fails() -> None:
    text = """{"nodegraph": 1, "nodes": {
        "a": {"type": "Ask", "inputs": {"key": "hunter2", "text": "x", "more": {"node": "b"}}}}}"""
    error = JobError("node_execution_error", "no", "a", "Ask", "Traceback ...:\nfoo.Bad: no")
    failed = replace(job("failed", error=error, completed_at=3.0), workflow_text=text)
    inputs = [
        {"name": "key", "widget": {"kind": "secret"}},
        {"name": "text", "widget": {"kind": "text"}},
        {"name": "more"},
    ]
    schemas = [{"name": "Other", "aliases": ["Ask"], "inputs": inputs}]
    for known, expected in ((schemas, {"text": ["x"]}), ([], {})):
        (kind, data) = story(failed, known)[-1]
        assert kind == "execution_error"
        assert data["current_inputs"] == expected
        assert data["exception_type"] == "foo.Bad"
        assert data["traceback"] == ["Traceback ...:\n", "foo.Bad: no"]


def test_the_story_of_a_job_is_what_was_told_of_it() -> None:
    assert story(job()) == []
    done = job("succeeded", nodes={"a": report("reused")}, completed_at=3.5)
    assert story(done) == [
        ["execution_start", {"prompt_id": "j", "timestamp": 2000}],
        ["execution_cached", {"nodes": ["a"], "prompt_id": "j", "timestamp": 2000}],
        ["execution_success", {"prompt_id": "j", "timestamp": 3500}],
    ]
    never = job("canceled", started_at=None, completed_at=3.5)
    assert [kind for kind, _ in story(never)] == ["execution_interrupted"]
