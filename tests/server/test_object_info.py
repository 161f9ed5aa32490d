"""`/object_info`: the real node types as version 1 clients are told of them."""

from pathlib import Path
from typing import Any

import pytest

from nodegraph.formats.aliases import COMFY_CLASSES
from nodegraph.graph.schema import describe
from nodegraph.jobs.service import Service
from nodegraph.plugins.loader import load_packs, registry_of
from nodegraph.server.comfy_v1_types import comfy_type, comfy_types
from nodegraph.server.object_info import class_info, classes, input_files
from tests.server.conftest import Client
from tests.server.v1 import get

Infos = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def infos() -> Infos:
    """Every class of the installed packs."""
    description = describe(registry_of(load_packs()))
    return {
        name: class_info(name, node, lambda kind: [f"a {kind}"], lambda kind: [f"a.{kind}"])
        for name, node in classes(description)
    }


def names(info: dict[str, Any]) -> list[str]:
    return [*info["input"]["required"], *info["input"]["optional"]]


@pytest.mark.parametrize(
    ("name", "inputs", "outputs", "output_names"),
    [
        (
            "KSampler",
            "model seed steps cfg sampler_name scheduler positive negative latent_image denoise",
            "LATENT",
            "LATENT",
        ),
        ("CheckpointLoaderSimple", "ckpt_name", "MODEL CLIP VAE", "MODEL CLIP VAE"),
        ("CLIPTextEncode", "clip text", "CONDITIONING", "CONDITIONING"),
        ("EmptyLatentImage", "width height batch_size", "LATENT", "LATENT"),
        ("VAEDecode", "samples vae", "IMAGE", "IMAGE"),
        ("LoadImage", "image frames", "IMAGE MASK", "IMAGE MASK"),
        ("SaveImage", "images filename_prefix format quality lossless", "", ""),
        ("LoadCheckpoint", "ckpt_name", "MODEL CLIP VAE", "model clip vae"),
        ("PrimitiveInt", "value", "INT", "INT"),
    ],
)
def test_inputs_and_outputs_are_those_of_comfyui(
    infos: Infos, name: str, inputs: str, outputs: str, output_names: str
) -> None:
    info = infos[name]
    assert sorted(names(info)) == sorted(inputs.split())
    assert info["output"] == outputs.split()
    assert info["output_name"] == output_names.split()
    assert info["output_is_list"] == [False] * len(info["output"])
    assert info["name"] == name
    assert info["output_node"] is (name == "SaveImage")


def test_what_only_we_have_is_optional(infos: Infos) -> None:
    info = infos["SaveImage"]
    assert list(info["input"]["required"]) == ["images", "filename_prefix"]
    assert info["input"]["hidden"] == {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}
    assert info["input_order"]["optional"] == ["format", "quality", "lossless"]
    assert "frames" in infos["LoadImage"]["input"]["optional"]


def test_widgets_say_what_may_be_written(infos: Infos) -> None:
    required = infos["KSampler"]["input"]["required"]
    kind, options = required["seed"]
    assert (kind, options["min"], options["max"]) == ("INT", 0, 2**64 - 1)
    assert options["control_after_generate"] is True
    kind, options = required["steps"]
    assert (kind, options["default"], options["min"]) == ("INT", 20, 1)
    kind, options = required["denoise"]
    assert (kind, options["default"], options["min"], options["max"]) == ("FLOAT", 1.0, 0.0, 1.0)
    assert options["tooltip"]
    choices, options = required["sampler_name"]
    assert "euler" in choices
    assert options["default"] in choices
    assert required["model"][0] == "MODEL"
    kind, options = infos["CLIPTextEncode"]["input"]["required"]["text"]
    assert (kind, options["multiline"], options["dynamicPrompts"]) == ("STRING", True, True)
    assert infos["LoadCheckpoint"]["input"]["required"]["ckpt_name"][0] == ["a checkpoints"]
    choices, options = infos["LoadImage"]["input"]["required"]["image"]
    assert (choices, options["image_upload"]) == (["a.image"], True)


def test_every_class_is_whole(infos: Infos) -> None:
    assert len(infos) > 80
    for name, info in infos.items():
        count = len(info["output"])
        assert len(info["output_name"]) == len(info["output_is_list"]) == count
        for group, inputs in info["input"].items():
            assert info["input_order"][group] == list(inputs), name
        for field in names(info):
            made = (info["input"]["required"] | info["input"]["optional"])[field]
            assert isinstance(made[0], str | list), f"{name}.{field}"
            assert made[0], f"{name}.{field}"
            assert isinstance(made[1], dict)
            if made[0] in ("INT", "FLOAT") and "forceInput" not in made[1]:
                assert made[1]["min"] < made[1]["max"]
        if name in COMFY_CLASSES:
            assert all(kind == kind.upper() for kind in info["output"])


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("Denoiser", "MODEL"),
        ("TextEncoder", "CLIP"),
        ("Vae", "VAE"),
        ("Image | Mask", "IMAGE,MASK"),
        ("list[int]", "INT"),
        ("list[any]", "*"),
        ("any", "*"),
        ("str | int | float | bool", "STRING,INT,FLOAT,BOOLEAN"),
        ("ControlNet", "CONTROL_NET"),
        ("Sigmas", "SIGMAS"),
        ("FluxGuide", "FLUX_GUIDE"),
        ("HTMLPage", "HTML_PAGE"),
    ],
)
def test_a_type_has_its_name(wire: str, expected: str) -> None:
    assert comfy_types(wire) == expected
    if wire.isalnum():
        assert comfy_type(wire) == expected


def test_input_files_are_listed_by_kind(tmp_path: Path) -> None:
    for name in ("b.png", "a.webp", "notes.txt", "x.latent", ".hidden.png", "sound.mp3"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder.png").mkdir()
    assert input_files(tmp_path, "image") == ["a.webp", "b.png"]
    assert input_files(tmp_path, "audio") == ["sound.mp3"]
    assert input_files(tmp_path, "latent") == ["x.latent"]
    assert input_files(tmp_path, "text") == ["notes.txt"]
    assert len(input_files(tmp_path, "anything")) == 5


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_it_is_served(client: Client, service: Service, prefix: str) -> None:
    (service.data / "models" / "checkpoints").mkdir(parents=True)
    (service.data / "models" / "checkpoints" / "mine.safetensors").write_bytes(b"")
    (service.input_dir() / "notes.txt").write_text("")
    found = await get(client, f"{prefix}/object_info")
    assert found["PickModel"]["input"]["required"]["name"][0] == ["mine.safetensors"]
    assert found["ReadText"]["input"]["required"]["file"][0] == ["notes.txt"]
    assert found["Slow"]["input"]["required"]["pause"][0] == "FLOAT"
    assert found["CountRuns"]["input"]["optional"]["text"] == ["*", {"default": ""}]
    one = await get(client, f"{prefix}/object_info/Echo")
    assert one == {"Echo": found["Echo"]}
    assert one["Echo"]["python_module"] == "custom_nodes.tests"
    said = await get(client, f"{prefix}/object_info/Nothing", 404)
    assert "Nothing" in said["error"]["message"]
