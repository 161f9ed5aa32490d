"""What a program does with the official client: the same against this server and the adapter."""

import io
from pathlib import Path
from typing import Any

import comfy_sdk
import pytest
from comfy_sdk import Comfy, StatusChange
from PIL import Image

from tests.server.processes import PATIENCE

__all__ = ["cancelling", "colour_of", "failing", "inverting", "picture", "refused", "whole_way"]


def picture(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 16), colour).save(stream, "PNG")
    return stream.getvalue()


def colour_of(data: bytes) -> Any:
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (32, 16)
        return opened.convert("RGB").getpixel((0, 0))


def inverting(image: Any) -> dict[str, Any]:
    """A prompt with an asset of the client's in it."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "it"}},
    }


def through(class_type: str, **inputs: Any) -> dict[str, Any]:
    """A prompt that saves what one node makes."""
    return {
        "1": {"class_type": class_type, "inputs": inputs},
        "2": {"class_type": "SaveText", "inputs": {"text": ["1", 0]}},
    }


def whole_way(client: Comfy, folder: Path, colour: tuple[int, int, int]) -> None:
    """Upload a picture, run a workflow with it, watch, wait, download what it made."""
    path = folder / "my picture.png"
    path.write_bytes(picture(colour))
    asset = client.assets.from_file(path)
    job = client.submit(client.workflows.from_json(inverting(asset)))
    told = [*job.events()]
    assert isinstance(told[0], StatusChange)
    ends = [event.status for event in told if isinstance(event, StatusChange)]
    assert ends[-1] == "succeeded"
    ready = [event.output for event in told if isinstance(event, comfy_sdk.OutputReady)]

    assert job.wait(PATIENCE).status == "succeeded"
    assert job.result().error is None
    (output,) = job.get_outputs("3")
    assert job.outputs[0].id == output.id
    # The adapter tells of outputs after the end of the job, when the client listens no more.
    assert {one.id for one in ready} <= {output.id}
    assert (output.type, output.content_type, output.job_id) == ("image", "image/png", job.id)
    data = output.to_bytes()
    red, green, blue = colour
    assert colour_of(data) == (255 - red, 255 - green, 255 - blue)
    assert output.to_bytes(range=(0, 7)) == b"\x89PNG\r\n\x1a\n"
    assert output.to_file(folder / "out.png").read_bytes() == data

    again = client.jobs.get(job.id)
    assert again.status == "succeeded"
    assert again.get_workflow().graph["3"]["class_type"] == "SaveImage"


def cancelling(client: Comfy) -> None:
    """Cancel a job that runs, as soon as it shows something, and one that waits."""
    running = client.submit(client.workflows.from_json(through("Slow", steps=100_000)))
    waiting = client.submit(client.workflows.from_json(through("Slow", steps=100_001)))
    assert waiting.cancel().status == "canceled"
    shown = progressed = 0
    for event in running.events():
        progressed += isinstance(event, comfy_sdk.Progress)
        if isinstance(event, comfy_sdk.Preview):
            shown += 1
            assert event.content_type == "image/jpeg"
            assert event.data.startswith(b"\xff\xd8")
            if shown == 1:
                assert running.cancel().status in ("canceling", "canceled")
    assert shown
    assert progressed
    assert running.wait(PATIENCE).status == "canceled"
    assert waiting.wait(PATIENCE).status == "canceled"


def failing(client: Comfy) -> None:
    """A node raises: the client is told which, and why."""
    job = client.submit(client.workflows.from_json(through("Wrong", text="?")))
    assert job.wait(PATIENCE).status == "failed"
    assert (job.error.node_id, job.error.class_type) == ("1", "Wrong")
    assert job.error.code == "node_execution_error"
    assert job.error.message


def refused(client: Comfy) -> None:
    """What cannot run is refused when it is submitted."""
    for document in (through("Nothing"), through("Slow", steps="many"), {}):
        with pytest.raises(comfy_sdk.InvalidWorkflow) as caught:
            client.submit(client.workflows.from_json(document))
        assert caught.value.http_status == 422
