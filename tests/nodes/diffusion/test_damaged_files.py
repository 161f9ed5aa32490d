"""What is no checkpoint, or a broken one: each has a message of its own."""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.loading import load_checkpoint
from nodes.diffusion.resting import settle
from nodes.diffusion.single_files import read_single_file
from tests.nodes.tiny_files import TINY_FAMILIES, tiny_model

UNET = "model.diffusion_model."
TEXT = "cond_stage_model.transformer.text_model."


class Code:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.mkdir, (self.path,)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tensor]:
    """A whole checkpoint of the first family."""
    return load_file(tiny_model(0).file(tmp_path_factory.mktemp("one") / "model.safetensors"))


def refused(path: Path, state: dict[str, Tensor]) -> str:
    save_file(state, path / "model.safetensors")
    with pytest.raises(LoadError) as caught:
        read_single_file(path / "model.safetensors", "cpu", "auto", TINY_FAMILIES)
    return str(caught.value)


def zipped() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("readme.txt", "no weights")
    return memory.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html></html>", "no safetensors file but a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (b"GGUF" + bytes(100), "a GGUF file"),
        (zipped(), "a zip or pickle file"),
        (bytes(200), "is no safetensors file"),
    ],
)
@pytest.mark.parametrize("suffix", [".safetensors", ".ckpt"])
def test_foreign_files(tmp_path: Path, content: bytes, message: str, suffix: str) -> None:
    file = tmp_path / f"model{suffix}"
    file.write_bytes(content)
    if content.startswith(b"PK") and suffix == ".ckpt":
        message = "is damaged"
    with pytest.raises(LoadError, match=message):
        load_checkpoint(file)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("lora_unet_down.lora_down.weight", "is a LoRA, .* load it with LoraLoader"),
        ("control_model.input_hint_block.0.weight", "is a ControlNet, .* with ControlNetLoader"),
        ("double_blocks.0.img_attn.qkv.weight", "is a Flux model, .* not supported here"),
        ("text_model.embeddings.token_embedding.weight", "is a text encoder, .* with CLIPLoader"),
        ("emb_params", "is an embedding, not a whole checkpoint"),
        ("first_stage_model.encoder.conv_in.weight", "is a VAE, .* with VAELoader"),
        (f"{UNET}input_blocks.0.0.weight", "is a UNet, .* UNETLoader, .* CLIPLoader and VAELoader"),
        (
            "something.else",
            r"not recognised as a checkpoint: .* 1 tensors: something\.else \[",
        ),
    ],
)
def test_weights_of_other_kinds(tmp_path: Path, key: str, message: str) -> None:
    save_file({key: torch.zeros(2, 3)}, tmp_path / "model.safetensors")
    with pytest.raises(LoadError, match=message):
        load_checkpoint(tmp_path / "model.safetensors")


def test_a_pickle_with_code_is_refused_and_not_run(tmp_path: Path) -> None:
    file, trace = tmp_path / "model.ckpt", tmp_path / "trace"
    torch.save({"state_dict": {"a": torch.zeros(1)}, "code": Code(trace)}, file)
    with pytest.raises(LoadError, match=r"was refused: .* would run code"):
        load_checkpoint(file)
    file.write_bytes(pickle.dumps(Code(trace)))
    with pytest.raises(LoadError):
        load_checkpoint(file)
    assert not trace.exists()


def test_a_pickle_of_weights_is_the_same_model(state: dict[str, Tensor], tmp_path: Path) -> None:
    notes = {"epoch": 3, "state_dict": state}
    torch.save(notes, tmp_path / "model.ckpt")
    parts = read_single_file(tmp_path / "model.ckpt", "cpu", "auto", TINY_FAMILIES)
    assert torch.equal(parts.unet.conv_in.weight, state[f"{UNET}input_blocks.0.0.weight"])


def test_broken_checkpoints(state: dict[str, Tensor], tmp_path: Path) -> None:
    def without(key: str) -> dict[str, Tensor]:
        return {name: value for name, value in state.items() if not name.startswith(key)}

    bias = f"{UNET}out.2.bias"
    lost = f"{TEXT}final_layer_norm.bias"
    assert "lacks 1 tensors of the text encoder" in refused(tmp_path, without(lost))
    assert "SD1 model without its text encoder" in refused(tmp_path, without("cond_stage_model."))
    assert "lacks 1 tensors of the UNet of SD1" in refused(tmp_path, without(bias))
    assert "holds NaN" in refused(tmp_path, state | {bias: torch.full((4,), torch.nan)})
    assert f"{bias} is [5]" in refused(tmp_path, state | {bias: torch.zeros(5)})
    assert "is stored as I64" in refused(
        tmp_path, state | {bias: torch.zeros(4, dtype=torch.int64)}
    )
    assert "has no place for" in refused(tmp_path, state | {f"{UNET}extra": torch.zeros(1)})
    assert "of EDM" in refused(tmp_path, state | {"edm_mean": torch.zeros(1)})


def test_half_and_quarter_precision(state: dict[str, Tensor], tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    for dtype in (torch.float16, torch.float8_e4m3fn):
        save_file({key: value.to(dtype) for key, value in state.items()}, file)
        parts = read_single_file(file, "cpu", "auto", TINY_FAMILIES)
        stored = state[f"{UNET}input_blocks.0.0.weight"].to(dtype).float()
        settle(parts.unet)
        assert torch.equal(parts.unet.conv_in.weight, stored)
    save_file(state, file)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(LoadError, match="is truncated: 9 of"):
        load_checkpoint(file)


def test_models_say_that_they_predict_v(state: dict[str, Tensor], tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    save_file(state | {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}, file)
    parts = read_single_file(file, "cpu", "auto", TINY_FAMILIES)
    assert parts.prediction == "v_prediction"
    assert parts.schedule.sigma_max > 4000
