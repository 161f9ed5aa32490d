"""The official client of the contract, as it is published, against `nodegraph serve`."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import comfy_sdk
import pytest
from comfy_low import ApiError
from comfy_sdk import (
    AsyncComfy,
    Comfy,
    ComfyError,
    HashMismatch,
    IdempotencyKeyReuse,
    InvalidWorkflow,
    JobFailed,
    MissingAsset,
    NotFound,
)
from PIL import Image

from tests.jobs.making import saying, through
from tests.server.processes import PATIENCE, ROOT, Server, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the built-in nodes and those of the tests."""
    with serving(tmp_path_factory.mktemp("data"), "--pack", "nodes") as made:
        made.worker_ready()
        yield made


@pytest.fixture
def base(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address, told as the client wants it."""
    url = server.url.rstrip("/")
    monkeypatch.setenv("COMFY_BASE_URL", url)
    monkeypatch.delenv("COMFY_API_KEY", raising=False)
    return url


@pytest.fixture
def client(base: str) -> Iterator[Comfy]:
    with Comfy() as made:
        yield made


@pytest.fixture
async def aclient(base: str) -> AsyncIterator[AsyncComfy]:
    async with AsyncComfy() as made:
        yield made


def picture(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 16), colour).save(stream, "PNG")
    return stream.getvalue()


def inverting(image: Any) -> dict[str, Any]:
    """ComfyUI's API format, with an asset of the client's in it."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "it"}},
    }


def colour_of(data: bytes) -> Any:
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (32, 16)
        return opened.convert("RGB").getpixel((0, 0))


class TestWholeWay:
    def test_a_picture_goes_in_and_its_inverse_comes_out(
        self, client: Comfy, tmp_path: Path
    ) -> None:
        asset = client.assets.from_bytes(picture((255, 0, 0)), filename="red.png")
        graph = client.workflows.from_json(inverting(asset))
        job = client.submit(graph, metadata={"client": "acme"})
        assert job.metadata == {"client": "acme"}
        told = [*job.events()]
        assert isinstance(told[-1], comfy_sdk.StatusChange)
        assert told[-1].status == "succeeded"
        (ready,) = [event for event in told if isinstance(event, comfy_sdk.OutputReady)]
        assert max(e.value for e in told if isinstance(e, comfy_sdk.Progress)) == 1

        assert job.wait(PATIENCE).status == "succeeded"
        assert job.result().error is None
        (output,) = job.get_outputs("3")
        assert job.get_outputs("1") == []
        assert output.id == ready.output.id
        assert (output.type, output.content_type, output.job_id) == ("image", "image/png", job.id)
        data = output.to_bytes()
        assert len(data) == output.size_bytes
        assert colour_of(data) == (0, 255, 255)
        assert output.to_bytes(range=(0, 7)) == b"\x89PNG\r\n\x1a\n"
        assert output.to_file(tmp_path / "out.png").read_bytes() == data
        stream = io.BytesIO()
        assert output.to_stream(stream) == len(data)
        assert output.get_download_url().url.endswith(f"/api/v2/assets/{output.id}/content")

        again = client.jobs.get(job.id)
        assert [event for event in again.events() if isinstance(event, comfy_sdk.OutputReady)]
        kept = again.get_workflow()
        assert kept.format == "api"
        assert kept.graph == inverting(asset.as_reference())
        made = client.assets.get(output.id)
        assert made.job_id == job.id

    async def test_the_same_without_blocking(self, aclient: AsyncComfy, tmp_path: Path) -> None:
        asset = aclient.assets.from_bytes(picture((0, 255, 0)), filename="green.png")
        job = await aclient.submit(aclient.workflows.from_json(inverting(asset)))
        told = [event async for event in job.events()]
        assert told[-1] == comfy_sdk.StatusChange("succeeded")
        await job.result()
        (output,) = job.outputs
        data = await output.to_bytes()
        assert colour_of(data) == (255, 0, 255)
        assert (await output.to_file(tmp_path / "out.png")).read_bytes() == data
        assert await output.to_bytes(range=(1, 3)) == b"PNG"
        assert (await output.get_download_url()).url.endswith("/content")
        assert (await job.get_workflow()).graph["1"]["class_type"] == "LoadImage"

    def test_our_own_format_with_the_built_in_model(self, client: Comfy) -> None:
        document = json.loads((ROOT / "workflows" / "txt2img.json").read_text())
        document["nodes"]["sample"]["inputs"] |= {"steps": 2, "seed": "random"}
        job = client.submit(client.workflows.from_json(document)).wait(PATIENCE)
        assert job.error is None
        (output,) = job.outputs
        with Image.open(io.BytesIO(output.to_bytes())) as opened:
            assert opened.size == (64, 64)
        kept = job.get_workflow()
        assert (kept.format, kept.graph) == ("save", document)


class TestAssets:
    def test_from_everywhere(self, client: Comfy, base: str, tmp_path: Path) -> None:
        data = picture((1, 2, 3))
        path = tmp_path / "größe 1.png"
        path.write_bytes(data)
        first = client.assets.from_file(path)
        first.commit()
        assert first.created_new is True
        assert first.expires_at is None
        assert client.assets.get(str(first.id)).file_path == "größe 1.png"
        second = client.assets.from_stream(io.BytesIO(data), filename="b.png")
        second.commit()
        assert (second.created_new, second.hash) == (False, first.hash)
        third = client.assets.from_url(first.get_download_url().url)
        third.commit()
        assert third.hash == first.hash
        for asset in (first, second, third):
            asset.delete()
        with pytest.raises(RuntimeError):
            first.delete()

    def test_what_is_not_there(self, client: Comfy) -> None:
        with pytest.raises(NotFound):
            client.assets.get("nobody")
        with pytest.raises(NotFound):
            client.assets.delete("nobody")
        unknown = "blake3:" + "0" * 64
        assert client._low.head_asset_by_hash(unknown) is False
        asset = client.assets.from_bytes(b"data", filename="a.txt")
        asset._hash = unknown
        with pytest.raises(HashMismatch):
            asset.commit()
        with pytest.raises(ApiError) as caught:
            client._low.asset_from_hash(unknown)
        assert caught.value.code == "blob_not_found"

    async def test_without_blocking(self, aclient: AsyncComfy, tmp_path: Path) -> None:
        path = tmp_path / "long.bin"
        path.write_bytes(bytes(range(256)) * 20_000)
        first = aclient.assets.from_file(path)
        assert await first.commit() == first.id
        second = aclient.assets.from_stream(io.BytesIO(path.read_bytes()))
        await second.commit()
        assert (second.created_new, second.hash) == (False, first.hash)
        assert (await aclient.assets.get(str(first.id))).hash == first.hash
        await aclient.assets.delete(str(first.id))
        await second.delete()
        with pytest.raises(NotFound):
            await aclient.assets.get(str(first.id))


class TestJobs:
    def test_a_running_job_is_cancelled(self, client: Comfy) -> None:
        job = client.submit(client.workflows.from_json(through("Slow", steps=100_000)))
        for event in job.events():
            if isinstance(event, comfy_sdk.Preview):
                assert event.to_pil().size == (64, 64)
                job.cancel()
        assert job.wait(PATIENCE).status == "canceled"
        assert job.cancel().status == "canceled"
        with pytest.raises(JobFailed):
            job.result()

    def test_a_job_that_fails_says_why(self, client: Comfy) -> None:
        job = client.submit(client.workflows.from_json(through("Wrong", text="?")))
        with pytest.raises(JobFailed):
            job.result()
        assert (job.error.node_id, job.error.class_type) == ("it", "Wrong")
        assert job.error.code == "node_execution_error"

    def test_what_a_node_prints_is_heard(self, client: Comfy) -> None:
        slow = client.submit(client.workflows.from_json(through("Slow", steps=100_000)))
        job = client.submit(client.workflows.from_json(through("Talk", text="aloud")))
        told = job.events()
        first = next(told)
        assert isinstance(first, comfy_sdk.StatusChange)
        assert (first.status, first.queue_position) == ("queued", 0)
        slow.cancel()
        lines = [event.message for event in told if isinstance(event, comfy_sdk.Log)]
        assert "aloud" in lines

    def test_a_list_has_every_job_once(self, client: Comfy) -> None:
        made = [
            client.submit(
                client.workflows.from_json(saying(str(n))), metadata={"batch": "b", "n": str(n)}
            )
            for n in range(5)
        ]
        found = [*client.list_jobs(metadata={"batch": "b"}, limit=2)]
        assert [one.id for one in found] == [job.id for job in reversed(made)]
        assert found[0].metadata == {"batch": "b", "n": "4"}
        assert found[0].create_time is not None
        assert found[0].update_time is not None
        (one,) = client.list_jobs(metadata={"n": "3"})
        assert one.id == made[3].id
        everything = [one.id for one in client.list_jobs(limit=3)]
        assert len(everything) == len(set(everything))
        assert {job.id for job in made} <= set(everything)

    async def test_a_list_without_blocking(self, aclient: AsyncComfy) -> None:
        job = await aclient.submit(
            aclient.workflows.from_json(saying("x")), metadata={"batch": "async"}
        )
        await job.wait(PATIENCE)
        found = [one async for one in aclient.list_jobs(metadata={"batch": "async"})]
        assert [(one.id, one.status) for one in found] == [(job.id, "succeeded")]
        assert (await aclient.jobs.get(job.id)).metadata == {"batch": "async"}

    async def test_cancelling_without_blocking(self, aclient: AsyncComfy) -> None:
        job = await aclient.submit(aclient.workflows.from_json(through("Slow", steps=100_000)))
        await job.cancel()
        assert (await job.wait(PATIENCE)).status == "canceled"

    def test_a_key_stands_for_one_request(self, client: Comfy) -> None:
        one, other = (client.workflows.from_json(saying(text)) for text in ("one", "other"))
        job = client.submit(one, idempotency_key="the key")
        assert client.submit(one, idempotency_key="the key").id == job.id
        with pytest.raises(IdempotencyKeyReuse) as caught:
            client.submit(other, idempotency_key="the key")
        assert caught.value.idempotency_key == "the key"

    def test_refusals_are_those_that_the_client_knows(self, client: Comfy) -> None:
        with pytest.raises(InvalidWorkflow) as caught:
            client.submit(client.workflows.from_json(saying() | {"nodes": {"a": {"type": "No"}}}))
        assert caught.value.http_status == 422
        assert caught.value.details is not None
        assert caught.value.details["problems"][0]["node"] == "a"
        missing = {"__type": "core/ASSET", "info": {"id": "nobody"}}
        with pytest.raises(MissingAsset):
            client.submit(client.workflows.from_json(inverting(missing)))
        with pytest.raises(ApiError) as ui:
            client._low.post_jobs({"nodes": [], "links": [], "last_node_id": 1, "version": 0.4})
        assert (ui.value.code, ui.value.http_status) == ("workflow_format_ui", 422)
        with pytest.raises(ComfyError) as labels:
            client.submit(client.workflows.from_json(saying()), metadata={"a b": "c"})
        assert labels.value.code == "metadata_invalid"
        with pytest.raises(ComfyError) as filters:
            [*client.list_jobs(metadata={"a b": "c"})]
        assert filters.value.code == "invalid_metadata_filter"
        with pytest.raises(NotFound):
            client.jobs.get("nobody")

    def test_a_key_for_vendors_is_taken(self, client: Comfy) -> None:
        graph = client.workflows.from_json(saying("with a key"))
        assert client.run(graph, api_key="comfyui-4711", timeout=PATIENCE).status == "succeeded"


def test_a_full_queue_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, "--queue-limit", "1") as server:
        server.worker_ready()
        monkeypatch.setenv("COMFY_BASE_URL", server.url.rstrip("/"))
        with Comfy() as client:
            running = client.submit(client.workflows.from_json(through("Slow", steps=100)))
            jobs = [client.submit(client.workflows.from_json(saying(str(n)))) for n in range(2)]
            assert running.wait(PATIENCE).status == "succeeded"
            assert [job.wait(PATIENCE).status for job in jobs] == ["succeeded"] * 2


def test_a_token_is_sent_where_one_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(
        tmp_path, "--token", "ann=a-token-of-hers-0", "--token", "bob=another-token-000"
    ) as it:
        monkeypatch.setenv("COMFY_BASE_URL", it.url.rstrip("/"))
        it.until(lambda: it.ask("api/v2/health")[1]["worker"] == "idle")
        with Comfy(api_key="wrong-token-00000") as nobody, pytest.raises(comfy_sdk.Unauthorized):
            nobody.jobs.get("any")
        with Comfy(api_key="a-token-of-hers-0") as ann, Comfy(api_key="another-token-000") as bob:
            job = ann.run(ann.workflows.from_json(saying("secret")), timeout=PATIENCE)
            assert job.outputs[0].to_bytes() == b"secret!"
            with pytest.raises(NotFound):
                bob.jobs.get(job.id)
            with pytest.raises(NotFound):
                bob.assets.get(job.outputs[0].id)
            assert [*bob.list_jobs()] == []
