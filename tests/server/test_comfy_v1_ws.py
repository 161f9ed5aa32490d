"""What a version 1 client hears of its jobs."""

import time
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import is_running, run, until
from tests.server.conftest import Client
from tests.server.listening import (
    Socket,
    connect,
    hear,
    hear_until,
    is_over,
    of_type,
    one,
    only,
    types,
)


async def submit(service: Service, document: dict[str, Any], client: str = "", **more: Any) -> str:
    made = await service.submit(document, client_id=client, **more)
    return made.job.id


async def welcome(client: Client, sid: str) -> Socket:
    socket = await connect(client, sid)
    assert (await hear(socket))["type"] == "status"
    return socket


@pytest.mark.parametrize("path", ["/ws", "/api/ws"])
async def test_the_first_message_is_the_status_with_the_clients_id(
    client: Client, path: str
) -> None:
    socket = await connect(client, "tab-1", path)
    expected = {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "tab-1"}
    assert await hear(socket) == {"type": "status", "data": expected}


async def test_a_client_without_an_id_is_given_one(client: Client) -> None:
    ids = {(await hear(await connect(client)))["data"]["sid"] for _ in range(2)}
    assert len(ids) == 2
    assert all(ids)


async def test_a_job_is_told_from_its_start_to_its_end(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    before = time.time() * 1000 - 1
    job_id = await submit(service, saying(), "me")
    heard = await hear_until(socket, is_over(job_id))
    ran = ["executing"] * 3
    expected = ["execution_start", "execution_cached", *ran, "executed", "execution_success"]
    assert sorted(types(heard)) == sorted([*expected, "executing"])
    assert types(heard)[:2] == expected[:2]
    assert types(heard)[-2:] == ["execution_success", "executing"]
    names = [message["data"]["node"] for message in only(heard, "executing")]
    assert names == ["echo", "join", "save", None]
    other = await submit(service, saying("again"), "me")
    later = await hear_until(socket, is_over(other))
    assert {m["data"]["prompt_id"] for m in later if m["type"] != "status"} == {other}
    for kind in ("execution_start", "execution_cached", "execution_success"):
        data = one(heard, kind)
        assert data["prompt_id"] == job_id
        assert before <= data["timestamp"] <= time.time() * 1000 + 1
    assert one(heard, "execution_cached")["nodes"] == []


async def test_executed_names_the_files_as_view_takes_them(
    client: Client, service: Service
) -> None:
    socket = await welcome(client, "me")
    document = workflow(
        echo={"type": "Echo"}, save={"type": "SaveText", "text": link("echo"), "name": "a/b"}
    )
    job_id = await submit(service, document, "me")
    told = one(await hear_until(socket, is_over(job_id)), "executed")
    assert told["node"] == told["display_node"] == "save"
    assert told["prompt_id"] == job_id
    (entry,) = told["output"]["texts"]
    assert entry["subfolder"] == "a"
    assert entry["type"] == "output"
    folder = service.output_dir() / entry["subfolder"]
    assert (folder / entry["filename"]).read_text() == "hello"


async def test_a_shown_text_is_executed_with_it(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    document = workflow(
        echo={"type": "Echo", "value": "grüße"}, show={"type": "ShowText", "text": link("echo")}
    )
    job_id = await submit(service, document, "me")
    told = one(await hear_until(socket, is_over(job_id)), "executed")
    assert told["output"] == {"text": ["grüße"]}


async def test_nodes_that_are_reused_are_cached_and_their_outputs_told_again(
    client: Client, service: Service
) -> None:
    await run(service, saying())
    socket = await welcome(client, "me")
    job_id = await submit(service, saying(), "me")
    heard = await hear_until(socket, is_over(job_id))
    cached = [name for told in only(heard, "execution_cached") for name in told["data"]["nodes"]]
    assert sorted(cached) == ["echo", "join", "save"]
    assert one(heard, "executed")["output"]["texts"]
    assert one(heard, "executing")["node"] is None


async def test_steps_are_told_as_progress_and_as_states(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    job_id = await submit(service, through("Slow", steps=20, pause=0.03), "me")
    heard = await hear_until(socket, is_over(job_id))
    steps = [message["data"] for message in only(heard, "progress")]
    assert {(step["node"], step["max"], step["prompt_id"]) for step in steps} == {
        ("it", 20, job_id)
    }
    values = [step["value"] for step in steps]
    assert len(values) > 5
    assert values == sorted(values)
    states = [message["data"] for message in only(heard, "progress_state")]
    assert {state["prompt_id"] for state in states} == {job_id}
    running = next(
        s["nodes"]["it"] for s in states if s["nodes"].get("it", {"value": 0})["value"] > 0
    )
    ids = {"node_id": "it", "display_node_id": "it", "real_node_id": "it", "parent_node_id": None}
    assert running == {
        **ids,
        "prompt_id": job_id,
        "state": "running",
        "value": running["value"],
        "max": 20,
    }
    last = states[-1]["nodes"]
    assert {name: node["state"] for name, node in last.items()} == {
        "it": "finished",
        "save": "finished",
    }


async def test_a_failed_node_is_an_execution_error(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    document = workflow(
        echo={"type": "Echo", "value": "which"},
        it={"type": "Wrong", "text": link("echo")},
        save={"type": "SaveText", "text": link("it")},
    )
    job_id = await submit(service, document, "me")
    heard = await hear_until(socket, is_over(job_id))
    error = one(heard, "execution_error")
    assert set(error) == {
        "prompt_id",
        "timestamp",
        "node_id",
        "node_type",
        "executed",
        "exception_message",
        "exception_type",
        "traceback",
        "current_inputs",
        "current_outputs",
    }
    assert (error["node_id"], error["node_type"]) == ("it", "Wrong")
    assert error["executed"] == ["echo"]
    assert "which" in error["exception_message"]
    assert error["exception_type"] == "KeyError"
    assert isinstance(error["traceback"], list)
    assert "execution_success" not in types(heard)
    states = only(heard, "progress_state")[-1]["data"]["nodes"]
    assert states["it"]["state"] == "error"


async def test_the_values_of_a_failed_node_are_told(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    job_id = await submit(service, through("Wrong", text="which"), "me")
    error = one(await hear_until(socket, is_over(job_id)), "execution_error")
    assert error["current_inputs"] == {"text": ["which"]}


async def test_a_cancelled_job_is_interrupted(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    job_id = await submit(service, through("Slow", steps=1000), "me")
    await hear_until(socket, of_type("progress"))
    await service.cancel(job_id)
    heard = await hear_until(socket, is_over(job_id))
    told = one(heard, "execution_interrupted")
    assert told["prompt_id"] == job_id
    assert told["node_id"] == "it"
    assert told["node_type"] == "Slow"
    assert told["executed"] == []
    assert told["timestamp"] > 0


async def test_a_job_cancelled_before_it_ran_changes_only_the_queue(
    client: Client, service: Service
) -> None:
    await service.pause(True)
    socket = await welcome(client, "me")
    job_id = await submit(service, saying(), "me")
    await hear_until(socket, has_remaining(1))
    await service.cancel(job_id)
    heard = await hear_until(socket, has_remaining(0))
    assert types(heard) == []


def has_remaining(count: int) -> Any:
    def check(message: dict[str, Any]) -> bool:
        if message["type"] != "status":
            return False
        found: int = message["data"]["status"]["exec_info"]["queue_remaining"]
        return found == count

    return check


async def test_the_queue_is_told_as_it_grows_and_shrinks(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    await service.pause(True)
    for number in range(3):
        await submit(service, saying(str(number)))
    await hear_until(socket, has_remaining(3))
    await service.pause(False)
    await hear_until(socket, has_remaining(0))


async def test_messages_go_to_the_client_that_submitted(client: Client, service: Service) -> None:
    mine, other = await welcome(client, "me"), await welcome(client, "you")
    first = await submit(service, saying("mine"), "me")
    second = await submit(service, saying("yours"), "you")
    for socket, job_id in ((mine, first), (other, second)):
        heard = await hear_until(socket, is_over(job_id))
        ids = {m["data"]["prompt_id"] for m in heard if m["type"] != "status"}
        assert ids == {job_id}


async def test_a_job_of_no_client_is_told_to_all_of_its_owner(
    client: Client, service: Service
) -> None:
    sockets = [await welcome(client, name) for name in ("a", "b")]
    job_id = await submit(service, saying())
    for socket in sockets:
        assert "executed" in types(await hear_until(socket, is_over(job_id)))


async def test_another_owners_jobs_are_not_heard_of(client: Client, service: Service) -> None:
    socket = await welcome(client, "me")
    await run(service, saying("theirs"), owner="ann", client_id="me")
    job_id = await submit(service, saying("mine"), "me")
    heard = await hear_until(socket, is_over(job_id))
    ids = {m["data"]["prompt_id"] for m in heard if m["type"] != "status"}
    assert ids == {job_id}
    for told in only(heard, "status"):
        assert told["data"]["status"]["exec_info"]["queue_remaining"] <= 1


@pytest.mark.parametrize("flags", [{}, {"supports_preview_metadata": True}])
async def test_previews_come_in_the_form_that_the_client_knows(
    client: Client, service: Service, flags: dict[str, Any]
) -> None:
    socket = await welcome(client, "me")
    await socket.send_json({"type": "feature_flags", "data": flags})
    answer = (await hear_until(socket, of_type("feature_flags")))[-1]
    assert answer["data"]["supports_preview_metadata"] is True
    job_id = await submit(service, through("Slow", steps=10), "me")
    heard = await hear_until(socket, is_over(job_id))
    shown = only(heard, 4 if flags else 1)
    assert shown
    assert not only(heard, 1 if flags else 4)
    with Image.open(BytesIO(shown[0]["image"])) as image:
        assert image.format == "JPEG"
        assert image.size == (64, 64)
    if flags:
        names = {"node_id": "it", "display_node_id": "it", "real_node_id": "it"}
        more = {"parent_node_id": None, "prompt_id": job_id, "image_type": "image/jpeg"}
        assert shown[0]["data"] == {**names, **more}
    else:
        assert shown[0]["format"] == 1


async def test_who_comes_back_is_brought_up_to_date(client: Client, service: Service) -> None:
    first = await welcome(client, "me")
    job_id = await submit(service, through("Slow", steps=1000), "me")
    await hear_until(first, of_type(1))
    second = await connect(client, "me")
    await second.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    heard = await hear_until(second, of_type(4))
    assert heard[0]["type"] == "status"
    assert heard[0]["data"]["sid"] == "me"
    assert heard[1]["type"] == "execution_start"
    assert heard[2] == {
        "type": "executing",
        "data": {"node": "it", "display_node": "it", "prompt_id": job_id},
    }
    assert only(heard, "progress_state")[0]["data"]["nodes"]["it"]["value"] > 0
    assert heard[-1]["data"]["node_id"] == "it"
    await service.cancel(job_id)
    await hear_until(second, is_over(job_id))
    await first.close()
    other = await submit(service, saying(), "me")  # the end of the old one is not that of the new
    await hear_until(second, is_over(other))


async def test_who_comes_back_replaces_the_old_socket(client: Client, service: Service) -> None:
    old = await welcome(client, "me")
    new = await welcome(client, "me")
    job_id = await submit(service, saying(), "me")
    await hear_until(new, is_over(job_id))
    await old.send_json({"type": "feature_flags", "data": {}})
    heard = await hear_until(old, of_type("feature_flags"))
    assert types(heard) == ["feature_flags"]


async def test_a_client_without_flags_is_shown_the_last_preview_too(
    client: Client, service: Service
) -> None:
    job_id = await submit(service, through("Slow", steps=1000), "me")
    await until(service, job_id, is_running("it"))
    await until(service, job_id, lambda event: event.preview is not None)
    socket = await welcome(client, "me")
    await hear_until(socket, of_type(1))
    await service.cancel(job_id)
