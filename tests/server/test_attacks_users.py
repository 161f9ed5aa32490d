"""Two users of one server: neither sees, stops, changes or learns of what is the other's."""

import asyncio
import json
from typing import Any, NamedTuple

import pytest
from aiohttp import FormData
from yarl import URL

from nodegraph.jobs.service import Service
from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve
from tests.server.raw import Heard, ask

ANN, BOB = "ann-has-a-long-token", "bob-has-a-long-token"
TOKENS = {Settings.digest_of(ANN): "ann", Settings.digest_of(BOB): "bob"}
SECRET = "the text that only ann may read"
JSON = "application/json"


class User(NamedTuple):
    """Somebody with a token."""

    client: Client
    token: str

    async def ask(self, method: str, target: str, body: object = None) -> Heard:
        data = json.dumps(body).encode() if body is not None else b""
        said = {"Authorization": f"Bearer {self.token}"}
        if data:
            said["Content-Type"] = JSON
        return await ask(self.client, method, target, data, **said)

    async def get(self, target: str) -> Any:
        answer = await self.ask("GET", target)
        assert answer.status == 200, (target, answer)
        return json.loads(answer.body)

    async def submit(self, nodes: dict[str, Any], **more: Any) -> str:
        body = {"workflow": {"nodegraph": 1, "nodes": nodes}, **more}
        answer = await self.ask("POST", "/api/v2/jobs", body)
        assert answer.status in (200, 201, 202), answer
        made: str = json.loads(answer.body)["id"]
        return made

    async def finished(self, job_id: str) -> dict[str, Any]:
        while True:
            job: dict[str, Any] = await self.get(f"/api/v2/jobs/{job_id}")
            if job["status"] not in ("queued", "running", "canceling"):
                return job
            await asyncio.sleep(0.02)

    async def send(self, target: str, part: str, name: str, data: bytes) -> dict[str, Any]:
        form = FormData()
        form.add_field(part, data, filename=name)
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.client.post(target, data=form, headers=headers)
        assert answer.status in (200, 201), await answer.text()
        made: dict[str, Any] = await answer.json()
        return made


@pytest.fixture
async def users(serve: Serve) -> tuple[User, User]:
    """Ann and Bob at one server."""
    client = await serve(Settings(tokens=TOKENS))
    return User(client, ANN), User(client, BOB)


def saving(text: str) -> dict[str, Any]:
    return {"s": {"type": "SaveText", "inputs": {"text": text, "name": "kept"}}}


WAITING = {
    "w": {"type": "Slow", "inputs": {"text": SECRET, "steps": 3000}},
    "s": {"type": "ShowText", "inputs": {"text": {"node": "w"}}},
}


def check_nothing(answer: Heard, *secrets: str) -> None:
    for secret in (SECRET, *secrets):
        assert secret.encode() not in answer.body


async def test_jobs_of_another_do_not_exist(users: tuple[User, User]) -> None:
    ann, bob = users
    job_id = await ann.submit(saving(SECRET))
    job = await ann.finished(job_id)
    assert job["status"] == "succeeded"
    for method, target, body in (
        ("GET", f"/api/v2/jobs/{job_id}", None),
        ("GET", f"/api/v2/jobs/{job_id}/workflow", None),
        ("GET", f"/api/v2/jobs/{job_id}/events", None),
        ("POST", f"/api/v2/jobs/{job_id}/cancel", None),
        ("DELETE", f"/api/v2/jobs/{job_id}", None),
        ("GET", f"/jobs/{job_id}", None),
        ("POST", f"/jobs/{job_id}/cancel", None),
        ("GET", f"/api/editor/jobs/{job_id}", None),
        ("DELETE", f"/api/editor/jobs/{job_id}", None),
        ("POST", f"/api/editor/queue/{job_id}/move", {"before": None}),
        ("POST", f"/api/editor/queue/{job_id}/priority", {"priority": 0}),
        ("POST", "/history", {"delete": [job_id]}),
    ):
        answer = await bob.ask(method, target, body)
        assert answer.status in (404, 405), (method, target, answer)
        check_nothing(answer)
    assert await bob.get(f"/history/{job_id}") == {}
    for target in ("/api/v2/jobs", "/history", "/queue", "/jobs", "/api/editor/queue"):
        answer = await bob.ask("GET", target)
        assert answer.status == 200
        check_nothing(answer, job_id)
    await bob.ask("POST", "/history", {"clear": True})
    assert (await ann.get(f"/api/v2/jobs/{job_id}"))["status"] == "succeeded"


async def test_nobody_stops_the_jobs_of_another(users: tuple[User, User]) -> None:
    ann, bob = users
    running = await ann.submit(WAITING)
    queued = await ann.submit(WAITING)
    while (await ann.get(f"/api/v2/jobs/{running}"))["status"] != "running":
        await asyncio.sleep(0.02)
    for target, body in (
        ("/interrupt", None),
        ("/interrupt", {"prompt_id": running}),
        ("/queue", {"clear": True}),
        ("/queue", {"delete": [queued, running]}),
        ("/api/editor/queue/clear", None),
        ("/api/editor/queue/pause", None),
        ("/api/editor/queue/resume", None),
        (f"/api/v2/jobs/{running}/cancel", None),
        (f"/api/v2/jobs/{queued}/cancel", None),
        (f"/jobs/{queued}/cancel", None),
    ):
        answer = await bob.ask("POST", target, body)
        assert answer.status < 500, target
        check_nothing(answer)
    assert (await ann.get(f"/api/v2/jobs/{running}"))["status"] == "running"
    assert (await ann.get(f"/api/v2/jobs/{queued}"))["status"] == "queued"
    assert not (await ann.get("/api/editor/queue"))["paused"]
    for job_id in (queued, running):
        assert (await ann.ask("POST", f"/api/v2/jobs/{job_id}/cancel")).status < 300
        assert (await ann.finished(job_id))["status"] == "canceled"


async def test_files_of_another_do_not_exist(users: tuple[User, User]) -> None:
    ann, bob = users
    job = await ann.finished(await ann.submit(saving(SECRET)))
    [output] = job["outputs"]
    upload = await ann.send("/api/v2/assets", "file", "a.txt", SECRET.encode() + b"!")
    await ann.send("/upload/image", "image", "ann.txt", SECRET.encode())
    await ann.send("/api/editor/inputs", "file", "ann-2.txt", SECRET.encode())
    await ann.ask("POST", "/userdata/ann.json", SECRET)
    await ann.ask("POST", "/settings/ann.setting", SECRET)
    for target in (
        URL(output["url"]).raw_path,
        f"/api/v2/assets/{output['id']}",
        f"/api/v2/assets/{upload['id']}",
        f"/api/v2/assets/{upload['id']}/content",
        f"/api/editor/assets/{upload['id']}/thumbnail",
        "/view?filename=kept_00001.txt",
        "/view?filename=ann.txt&type=input",
        "/view?filename=ann.txt&subfolder=../../ann/input&type=input",
        "/view?filename=kept_00001.txt&subfolder=../../ann/outputs",
        "/api/editor/inputs/ann.txt",
        "/api/editor/inputs",
        "/userdata/ann.json",
        "/userdata?dir=",
        "/settings",
        "/settings/ann.setting",
    ):
        answer = await bob.ask("GET", target)
        check_nothing(answer)
        assert answer.status != 200 or b"ann" not in answer.body, target
    for digest in (output["hash"], upload["hash"]):
        head = await bob.ask("HEAD", f"/api/v2/assets/by-hash/{digest}")
        assert head.status == 404
        made = await bob.ask("POST", "/api/v2/assets/from-hash", {"hash": digest})
        assert made.status == 404
    for method, target in (
        ("DELETE", f"/api/v2/assets/{upload['id']}"),
        ("DELETE", "/api/editor/inputs/ann.txt"),
        ("DELETE", "/userdata/ann.json"),
        ("POST", "/userdata/ann.json/move/bob.json"),
    ):
        assert (await bob.ask(method, target)).status in (404, 405), target
    kept = await ann.ask("GET", f"/api/v2/assets/{upload['id']}/content")
    assert kept.body == SECRET.encode() + b"!"
    same = await bob.send("/api/v2/assets", "file", "b.txt", SECRET.encode() + b"!")
    assert same["id"] != upload["id"]
    assert same["created_new"] is True  # whether somebody else has it is not told


async def test_a_hash_is_no_key_to_the_content_of_another(
    users: tuple[User, User], service: Service
) -> None:
    """Neither as a file name, nor by a link, nor as what a result was made with."""
    ann, bob = users
    upload = await ann.send("/api/v2/assets", "file", "a.txt", SECRET.encode())
    digest = upload["hash"].removeprefix("blake3:")
    place = f"{digest[:2]}/{digest}"
    info = {"id": upload["id"], "hash": upload["hash"], "name": "a.txt"}
    asset = {"__type": "core/ASSET", "info": info}
    known = {"made_with": {"inputs": {"x.txt": {"blake3": digest, "bytes": len(SECRET)}}}}
    tried: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"r": {"type": "ReadText", "inputs": {"file": asset}}}, {}),
        ({"r": {"type": "ReadText", "inputs": {"file": "x.txt"}}}, known),
        ({"r": {"type": "ReadText", "inputs": {"file": place}}}, {}),
        (
            {
                "e": {"type": "Echo", "inputs": {"value": place}},
                "r": {"type": "ReadText", "inputs": {"file": {"node": "e"}}},
            },
            {},
        ),
    ]
    show = {"type": "ShowText", "inputs": {"text": {"node": "r"}}}
    for nodes, more in tried:
        body = {"workflow": {"nodegraph": 1, "nodes": {**nodes, "s": show}, **more}}
        answer = await bob.ask("POST", "/api/v2/jobs", body)
        check_nothing(answer)
        if answer.status < 300:
            job = await bob.finished(json.loads(answer.body)["id"])
            assert SECRET not in json.dumps(job), nodes
            assert job["status"] == "failed", nodes
    mine = {"r": {"type": "ReadText", "inputs": {"file": asset}}, "s": show}
    for _ in range(2):
        assert (await ann.finished(await ann.submit(mine)))["status"] == "succeeded"
    assert (service.assets.lent("ann") / place).read_bytes() == SECRET.encode()


async def test_what_was_lent_goes_with_its_asset(service: Service) -> None:
    kept = service.assets.put([b"x"], "ann", "a", "text/plain")
    other = service.assets.put([b"x"], "bob", "b", "text/plain")
    places = [service.assets.lent(one.owner) / service.assets.lend(one) for one in (kept, other)]
    assert all(place.read_bytes() == b"x" for place in places)
    service.assets.delete(kept.id)
    assert [place.exists() for place in places] == [False, True]
    service.assets.delete(other.id)
    assert not any(place.exists() for place in places)


async def test_workflows_of_another_do_not_exist(
    users: tuple[User, User], service: Service
) -> None:
    ann, bob = users
    service.workflows.save("ann", "mine", json.dumps({"nodegraph": 1, "nodes": saving(SECRET)}))
    service.workflows.journal("ann", "draft", json.dumps({"text": SECRET}))
    assert (await ann.ask("GET", "/api/editor/workflows/mine")).status == 200
    for target in (
        "/api/editor/workflows",
        "/api/editor/workflows/mine",
        "/api/editor/workflows/mine/versions",
        "/api/editor/workflows/mine/draft",
        "/api/editor/drafts",
    ):
        answer = await bob.ask("GET", target)
        check_nothing(answer)
        assert answer.status != 200 or b"mine" not in answer.body, target
    assert (await bob.ask("DELETE", "/api/editor/workflows/mine")).status in (400, 404, 428)
    assert service.workflows.load("ann", "mine").version == 1


async def test_events_of_another_are_not_heard(users: tuple[User, User]) -> None:
    ann, bob = users
    heard: list[str] = []
    headers = {"Authorization": f"Bearer {BOB}"}
    async with (
        bob.client.ws_connect(f"/ws?clientId=ann&token={BOB}") as socket,
        bob.client.get("/api/editor/events", headers=headers) as stream,
    ):
        assert stream.status == 200
        body = {"prompt": {}, "client_id": "ann"}
        prompt = {"1": {"class_type": "SaveText", "inputs": {"text": SECRET, "name": "kept"}}}
        body["prompt"] = prompt
        made = json.loads((await ann.ask("POST", "/prompt", body)).body)["prompt_id"]
        await ann.finished(made)
        mine = await bob.submit(saving("bob's own"))
        await bob.finished(mine)
        async with asyncio.timeout(10):
            while mine not in "".join(heard):
                heard.append((await stream.content.readany()).decode())
            while True:
                message = str((await socket.receive()).data)
                heard.append(message)
                if mine in message and "execution_success" in message:
                    break
    told = "".join(heard)
    assert made not in told
    assert SECRET not in told


async def test_keys_of_another_are_no_answer(users: tuple[User, User]) -> None:
    """The same Idempotency-Key and job id of two users are two things."""
    ann, bob = users
    ids = []
    for user in (ann, bob):
        body = json.dumps({"workflow": {"nodegraph": 1, "nodes": saving("x")}}).encode()
        said = {"Authorization": f"Bearer {user.token}", "Idempotency-Key": "same"}
        answer = await ask(user.client, "POST", "/api/v2/jobs", body, Content_Type=JSON, **said)
        assert answer.status in (200, 201, 202), answer
        ids.append(json.loads(answer.body)["id"])
    assert ids[0] != ids[1]
