import json
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import TensorInfo, read_header, read_json
from nodes.diffusion.resting import settle
from nodes.diffusion.weights import fill, shown_keys

CPU = torch.device("cpu")


def network() -> nn.Linear:
    with torch.device("meta"):
        return nn.Linear(3, 2)


def stored(path: Path, **tensors: Tensor) -> Path:
    save_file(tensors, path / "model.safetensors")
    return path / "model.safetensors"


def good() -> dict[str, Tensor]:
    return {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.ones(2)}


def filled(path: Path, dtype: torch.dtype = torch.float32, **options: Any) -> nn.Linear:
    model = network()
    fill(model, path, expected="a UNet", device=CPU, dtype=dtype, **options)
    return model


def test_the_header_tells_names_shapes_and_types(tmp_path: Path) -> None:
    path = stored(tmp_path, a=torch.zeros(2, 3), b=torch.zeros((), dtype=torch.bfloat16))
    assert read_header(path) == {"a": TensorInfo("F32", (2, 3)), "b": TensorInfo("BF16", ())}


def test_weights_are_loaded_and_fixed(tmp_path: Path) -> None:
    model = filled(stored(tmp_path, **good()))
    assert torch.equal(model.weight, good()["weight"])
    assert not model.weight.requires_grad
    assert not model.training


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_are_converted(tmp_path: Path, dtype: torch.dtype) -> None:
    path = stored(tmp_path, **{key: value.to(dtype) for key, value in good().items()})
    model = filled(path)
    settle(model)
    assert model.weight.dtype == torch.float32
    assert torch.equal(model.weight, good()["weight"])


def test_tensors_are_renamed_or_left_out(tmp_path: Path) -> None:
    names = {"w": "weight", "bias": "bias", "extra": None}
    path = stored(tmp_path, w=good()["weight"], bias=good()["bias"], extra=torch.zeros(1))
    assert torch.equal(filled(path, rename=names.get).weight, good()["weight"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "model.safetensors is empty"),
        (b"PK\x03\x04" + bytes(90), "no safetensors file but a zip or pickle file"),
        (b"\x80\x02}" + bytes(90), "no safetensors file but a pickle file"),
        (b"<!doctype html>" + bytes(90), "no safetensors file but a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (b"GGUF" + bytes(90), "a GGUF file"),
        (bytes(100), "is no safetensors file"),
        (b"abc", "is no safetensors file"),
        (struct.pack("<Q", 2**40) + b"{" + bytes(90), "is no safetensors file"),
        (struct.pack("<Q", 500) + b'{"a": {' + bytes(90), "truncated: it ends within its header"),
        (struct.pack("<Q", 8) + b'{"a": {}', "damaged header"),
        (struct.pack("<Q", 8) + b'{"a": []', "damaged header"),
        (struct.pack("<Q", 8) + b'{"a"   }', "damaged header"),
        (struct.pack("<Q", 2) + b"{}", "holds no tensors"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(LoadError, match=message):
        filled(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"nothing\.safetensors cannot be read: No such file"):
        filled(tmp_path / "nothing.safetensors")
    with pytest.raises(LoadError, match="cannot be read"):
        filled(tmp_path)


def test_a_truncated_file(tmp_path: Path) -> None:
    path = stored(tmp_path, **good())
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(LoadError, match="is truncated: 5 of 32 bytes are missing"):
        filled(path)


def test_a_header_that_contradicts_the_data(tmp_path: Path) -> None:
    path = stored(tmp_path, **good())
    content = path.read_bytes()
    path.write_bytes(content.replace(b"[2,3]", b"[2,9]"))
    with pytest.raises(LoadError, match=r"damaged header: 24 bytes for a tensor F32 \[2, 9\]"):
        filled(path)
    path.write_bytes(content.replace(b'"F32"', b'"F64"'))
    with pytest.raises(LoadError, match=r"damaged header: 8 bytes for a tensor F64 \[2\]"):
        filled(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_tensor_that_is_not_finite_is_named(tmp_path: Path, value: float) -> None:
    tensors = good()
    tensors["bias"][1] = value
    with pytest.raises(LoadError, match="bias holds NaN or infinity; the file is damaged"):
        filled(stored(tmp_path, **tensors))


def test_a_tensor_that_does_not_fit_half_precision_is_named(tmp_path: Path) -> None:
    tensors = good() | {"bias": torch.full((2,), 1e6)}
    with pytest.raises(LoadError, match=r"bias is too large for torch\.float16; use float32"):
        filled(stored(tmp_path, **tensors), dtype=torch.float16)


def test_missing_and_additional_tensors_are_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="lacks 1 tensors: bias"):
        filled(stored(tmp_path, weight=good()["weight"]))
    with pytest.raises(LoadError, match=r"has 1 tensors that config.json has no place for: more"):
        filled(stored(tmp_path, **good(), more=torch.zeros(1)))


def test_numbers_that_are_no_floats(tmp_path: Path) -> None:
    tensors = good() | {"bias": torch.ones(2, dtype=torch.int8)}
    with pytest.raises(LoadError, match="bias is stored as I8, which is not supported"):
        filled(stored(tmp_path, **tensors))


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("lora_unet_down_blocks_0.lora_down.weight", "a LoRA"),
        ("controlnet_cond_embedding.conv_in.weight", "a ControlNet"),
        ("model.diffusion_model.input_blocks.0.0.weight", "a single-file checkpoint"),
        ("decoder.conv_in.weight", "a VAE"),
        ("text_model.embeddings.token_embedding.weight", "a text encoder"),
        ("down_blocks.0.resnets.0.conv1.weight", "another one"),
        ("strange", "something else"),
    ],
)
def test_other_kinds_of_weights_are_recognised(tmp_path: Path, key: str, kind: str) -> None:
    with pytest.raises(LoadError, match=f"should hold a UNet but looks like {kind}: .* are {key}"):
        filled(stored(tmp_path, **{key: torch.zeros(1)}))


def test_a_buffer_that_no_file_holds_is_named(tmp_path: Path) -> None:
    model = network()
    model.register_buffer("positions", torch.zeros(2, device="meta"), persistent=False)
    with pytest.raises(LoadError, match="gives no values for positions"):
        fill(model, stored(tmp_path, **good()), expected="a UNet", device=CPU, dtype=torch.float32)


def test_few_names_of_many() -> None:
    assert shown_keys(["a", "b"]) == "a, b"
    assert shown_keys(["a", "b", "c", "d"]) == "a, b, c, ..."


def test_json_objects(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"a": 1}))
    assert read_json(file) == {"a": 1}
    file.write_text("[" * 100_000)
    with pytest.raises(LoadError, match=r"config\.json is not readable as JSON"):
        read_json(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LoadError, match="not readable as JSON"):
        read_json(file)
    file.write_text("[]")
    with pytest.raises(LoadError, match="must hold a JSON object, got list"):
        read_json(file)
    with pytest.raises(LoadError, match=r"nothing\.json is missing"):
        read_json(tmp_path / "nothing.json")
