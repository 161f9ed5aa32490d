"""A script as ComfyUI's users have it, with nothing but the standard library.

Such scripts post JSON without saying that it is JSON, look at the history under the id, and
fetch what it names from `/view`.
"""

import io
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.server.processes import PATIENCE, ROOT, Server, serving

pytestmark = pytest.mark.slow


class Script:
    """What such a script is made of."""

    def __init__(self, url: str) -> None:
        self.url, self.client_id = url.rstrip("/"), str(uuid.uuid4())

    def queue_prompt(self, prompt: dict[str, Any]) -> Any:
        data = json.dumps({"prompt": prompt, "client_id": self.client_id}).encode("utf-8")
        return self.read(urllib.request.Request(f"{self.url}/prompt", data=data))

    def get_history(self, prompt_id: str) -> Any:
        return self.read(f"{self.url}/history/{prompt_id}")

    def get_image(self, filename: str, subfolder: str, folder_type: str) -> bytes:
        named = {"filename": filename, "subfolder": subfolder, "type": folder_type}
        with urllib.request.urlopen(f"{self.url}/view?{urllib.parse.urlencode(named)}") as answer:
            found: bytes = answer.read()
            return found

    def read(self, asked: Any) -> Any:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def finished(self, prompt_id: str) -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := self.get_history(prompt_id)):
            assert time.monotonic() < end
            time.sleep(0.05)
        return found[prompt_id]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("data"), "--pack", "nodes") as made:
        made.worker_ready()
        yield made


@pytest.fixture
def script(server: Server) -> Script:
    return Script(server.url)


def text_to_image(seed: int, steps: int = 2) -> dict[str, Any]:
    """ComfyUI's own first example, for the built-in model."""
    return {
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "cfg": 4,
                "denoise": 1,
                "latent_image": ["5", 0],
                "model": ["4", 0],
                "negative": ["7", 0],
                "positive": ["6", 0],
                "sampler_name": "euler",
                "scheduler": "normal",
                "seed": seed,
                "steps": steps,
            },
        },
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "shapes-64"}},
        "5": {
            "class_type": "EmptyLatentImage",
            "inputs": {"batch_size": 1, "height": 64, "width": 64},
        },
        "6": {
            "class_type": "CLIPTextEncode",
            "inputs": {"clip": ["4", 1], "text": "a red circle on a blue background"},
        },
        "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": ""}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "mine", "images": ["8", 0]}},
    }


def test_a_picture_is_made_and_fetched(script: Script) -> None:
    made = script.queue_prompt(text_to_image(5))
    history = script.finished(made["prompt_id"])
    assert history["prompt"][2] == text_to_image(5)
    (image,) = history["outputs"]["9"]["images"]
    assert image["filename"].startswith("mine")
    data = script.get_image(image["filename"], image["subfolder"], image["type"])
    with Image.open(io.BytesIO(data)) as opened:
        assert (opened.format, opened.size) == ("PNG", (64, 64))


def test_a_wrong_prompt_is_told_all_that_is_wrong(script: Script) -> None:
    document = text_to_image(5, steps=0)
    document["3"]["inputs"] |= {"sampler_name": "oiler", "model": ["5", 0]}
    document["4"]["inputs"]["ckpt_name"] = "shapes-63"
    del document["6"]["inputs"]["text"]
    with pytest.raises(urllib.error.HTTPError) as caught:
        script.queue_prompt(document)
    with caught.value as answer:
        assert answer.code == 400
        said = json.loads(answer.read())
    assert said["error"]["type"] == "prompt_outputs_failed_validation"
    found = {
        (name, error["extra_info"].get("input_name")): error["type"]
        for name, node in said["node_errors"].items()
        for error in node["errors"]
    }
    assert found == {
        ("3", "steps"): "value_smaller_than_min",
        ("3", "sampler_name"): "value_not_in_list",
        ("3", "model"): "return_type_mismatch",
        ("4", "ckpt_name"): "value_not_in_list",
        ("6", "text"): "required_input_missing",
    }
    assert all(node["dependent_outputs"] == ["9"] for node in said["node_errors"].values())
    assert said["node_errors"]["4"]["class_type"] == "CheckpointLoaderSimple"
    (error,) = (e for e in said["node_errors"]["3"]["errors"] if "MODEL" in str(e))
    assert error["extra_info"]["received_type"] == "LATENT"


def test_the_node_types_are_told(script: Script) -> None:
    info = script.read(f"{script.url}/object_info/CheckpointLoaderSimple")
    loader = info["CheckpointLoaderSimple"]
    assert "shapes-64" in loader["input"]["required"]["ckpt_name"][0]
    assert loader["output"] == ["MODEL", "CLIP", "VAE"]
    everything = script.read(f"{script.url}/api/object_info")
    assert {node["class_type"] for node in text_to_image(0).values()} <= set(everything)


def test_the_history_is_there_after_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("restarted")
    document = {
        "1": {"class_type": "Echo", "inputs": {"value": "kept"}},
        "2": {"class_type": "SaveText", "inputs": {"text": ["1", 0]}},
    }
    with serving(data) as first:
        first.worker_ready()
        script = Script(first.url)
        made = script.queue_prompt(document)
        before = script.finished(made["prompt_id"])
        first.process.kill()
    with serving(data) as second:
        second.worker_ready()
        script = Script(second.url)
        assert script.get_history(made["prompt_id"]) == {made["prompt_id"]: before}
        assert list(script.read(f"{script.url}/history")) == [made["prompt_id"]]
        (file,) = before["outputs"]["2"]["texts"]
        assert script.get_image(file["filename"], file["subfolder"], file["type"]) == b"kept"


def test_the_examples_of_this_project_run_as_prompts(script: Script) -> None:
    """What `nodegraph convert` writes for ComfyUI is a prompt here."""
    from nodegraph.formats.comfy_export import to_api
    from nodegraph.graph.workflow import Workflow
    from nodegraph.plugins.loader import load_packs, registry_of

    workflow = Workflow.load(ROOT / "workflows" / "txt2img.json")
    document, _ = to_api(workflow, registry_of(load_packs()))
    made = script.queue_prompt(document)
    history = script.finished(made["prompt_id"])
    assert history["status"]["status_str"] == "success"
