"""What `nodegraph models` says of files: of the real sizes, with nothing behind the header."""

import importlib
import json
import pickle
from math import prod
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.survey import describe_model
from tests.nodes.original_names import original_unet
from tests.nodes.real_sizes import REFINER_UNET, SD1_UNET, SD2_UNET, SDXL_UNET

diffusers: Any = importlib.import_module("diffusers")  # untyped

Shapes = dict[str, tuple[int, ...]]

MODELS = [
    pytest.param(SD1_UNET, 4, "SD1", id="SD1"),
    pytest.param(SD1_UNET, 9, "SD1 inpaint", id="SD1 inpaint"),
    pytest.param(SD1_UNET, 8, "SD1 edit", id="SD1 edit"),
    pytest.param(SD2_UNET, 5, "SD2 depth", id="SD2 depth"),
    pytest.param(SDXL_UNET, 4, "SDXL", id="SDXL"),
    pytest.param(REFINER_UNET, 4, "SDXL refiner", id="SDXL refiner"),
    pytest.param(SD1_UNET | {"layers_per_block": 1}, 4, "unknown", id="unknown"),
]


def unet(config: dict[str, Any], inputs: int) -> dict[str, Tensor]:
    """A UNet of full size without memory."""
    with torch.device("meta"):
        made = diffusers.UNet2DConditionModel(in_channels=inputs, **config)
    state: dict[str, Tensor] = made.state_dict()
    return state


def shaped(path: Path, shapes: Shapes, dtype: str = "F16") -> Path:
    """A file with a header, and nothing where the numbers would be."""
    header, place = dict[str, Any](), 0
    for name, shape in shapes.items():
        size = prod(shape) * {"F16": 2, "F32": 4}[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": (place, place + size)}
        place += size
    raw = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(raw).to_bytes(8, "little") + raw)
        file.truncate(8 + len(raw) + place)
    return path


@pytest.mark.parametrize(("config", "inputs", "family"), MODELS)
def test_families_of_checkpoints_unets_and_folders(
    config: dict[str, Any], inputs: int, family: str, tmp_path: Path
) -> None:
    state = unet(config, inputs)
    levels, layers = (
        len(config.get("block_out_channels", range(4))),
        config.get("layers_per_block", 2),
    )
    original = original_unet(state, levels, layers)
    whole = {f"model.diffusion_model.{name}": tuple(t.shape) for name, t in original.items()}
    whole["first_stage_model.decoder.conv_in.weight"] = (512, 4, 3, 3)
    plain = {name: tuple(tensor.shape) for name, tensor in state.items()}
    checkpoint = shaped(tmp_path / "checkpoint.safetensors", whole)
    assert describe_model(checkpoint) == f"{family} checkpoint, F16"
    alone = shaped(tmp_path / "unet.safetensors", plain, "F32")
    assert describe_model(alone) == f"{family} UNet, F32"
    (tmp_path / "folder" / "unet").mkdir(parents=True)
    (tmp_path / "folder" / "model_index.json").write_text("{}")
    alone.rename(tmp_path / "folder" / "unet" / "diffusion_pytorch_model.safetensors")
    title = "diffusers" if family == "unknown" else family
    assert describe_model(tmp_path / "folder") == f"{title} folder, F32"


LORA = "down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
OTHERS = [
    ({f"lora_unet_{LORA}.lora_down.weight": (4, 768)}, "LoRA for SD1"),
    ({f"lora_unet_{LORA}.hada_w1_b": (4, 2048)}, "LoRA for SDXL"),
    ({"unet.down.attn2.to_k.lora_A.weight": (4, 1024)}, "LoRA for SD2"),
    ({"lora_te_text_model_encoder.lora_down.weight": (4, 768)}, "LoRA"),
    ({f"lora_unet_{LORA}.lora_down.weight": (4, 99)}, "LoRA"),
    ({"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
      "down_blocks.0.attn2.to_k.weight": (320, 768)}, "ControlNet for SD1"),
    ({"emb_params": (3, 768)}, "embedding for SD1"),
    ({"clip_l": (2, 768), "clip_g": (2, 1280)}, "embedding for SDXL"),
    ({"<cat>": (1024,)}, "embedding for SD2"),
    ({"text_model.embeddings.token_embedding.weight": (49408, 1024)},
     "text encoder for OpenCLIP ViT-H"),
    ({"encoder.conv_in.weight": (128, 3, 3, 3), "decoder.conv_in.weight": (512, 4, 3, 3)}, "VAE"),
    ({"conv_first.weight": (64, 3, 3, 3), "conv_last.weight": (3, 64, 3, 3)}, "upscaling model"),
    ({"double_blocks.0.img": (3,)}, "Flux model"),
    ({"strange": (2, 3)}, "not recognised"),
]  # fmt: skip


@pytest.mark.parametrize(("shapes", "said"), OTHERS)
def test_kinds_of_files(shapes: Shapes, said: str, tmp_path: Path) -> None:
    assert describe_model(shaped(tmp_path / "a.safetensors", shapes)) == f"{said}, F16"


def test_pickles_are_described_too(tmp_path: Path) -> None:
    torch.save({"string_to_param": {"*": torch.zeros(2, 768)}}, tmp_path / "a.pt")
    assert describe_model(tmp_path / "a.pt") == "embedding for SD1, F32"


def test_old_pickles_that_are_large_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.ckpt").open("wb") as file:
        file.write(b"\x80\x02")
        file.truncate(2**30)
    assert describe_model(tmp_path / "a.ckpt") == "pickle of an old format"


def test_the_format_is_that_of_most_numbers(tmp_path: Path) -> None:
    tensors = {"a": torch.zeros(9, dtype=torch.bfloat16), "b": torch.zeros(8), "c": torch.zeros(0)}
    save_file(tensors, tmp_path / "a.safetensors")
    assert describe_model(tmp_path / "a.safetensors") == "not recognised, BF16"


def test_parts_in_folders_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"_class_name": "AutoencoderKL"}')
    assert describe_model(tmp_path) == "AutoencoderKL folder"
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(LoadError, match=r"model\.safetensors is empty"):
        describe_model(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!doctype html>" + bytes(90), "is no safetensors file but a web page"),
        (b"GGUF" + bytes(90), "is no safetensors file but a GGUF file"),
        (pickle.dumps(print), "no safetensors file but a pickle file"),
    ],
)
def test_damaged_files_say_so(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(LoadError, match=message):
        describe_model(tmp_path / "a.safetensors")


def test_a_folder_with_a_damaged_part(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(LoadError, match=r"diffusion_pytorch_model\.safetensors is missing"):
        describe_model(tmp_path)
