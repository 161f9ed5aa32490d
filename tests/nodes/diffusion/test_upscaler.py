"""ESRGAN's network by its paper's formulas, from files in the three layouts there are."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, leaky_relu, pixel_unshuffle

from nodes.diffusion.errors import LoadError
from nodes.diffusion.rrdb import RRDBNet
from nodes.diffusion.upscaler import Upscaler, load_upscaler
from tests.nodes.tiny import tiny_vae

Weights = dict[str, Tensor]


def weights(**structure: int) -> Weights:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        given = {"width": 8, "growth": 4, "blocks": 2, **structure}
        return {name: value.clone() for name, value in RRDBNet(**given).state_dict().items()}


def written(path: Path, tensors: Weights) -> Path:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return path


def older(tensors: Weights) -> Weights:
    """The names of ESRGAN's second release."""
    swaps = {"conv_body": "trunk_conv", "conv_hr": "HRconv", "conv_up": "upconv"}
    found = {}
    for name, tensor in tensors.items():
        for new, old in swaps.items():
            name = name.replace(new, old)
        found[re.sub(r"^body\.(\d+)\.rdb", r"RRDB_trunk.\1.RDB", name)] = tensor
    return found


def oldest(tensors: Weights, blocks: int, doublings: int) -> Weights:
    """The numbered layers of its first: activations and enlargements have numbers, too."""
    places = {"conv_first": "0", "conv_body": f"1.sub.{blocks}"}
    places |= {f"conv_up{number}": str(3 * number) for number in range(1, doublings + 1)}
    places |= {"conv_hr": str(3 * doublings + 2), "conv_last": str(3 * doublings + 4)}
    found = {}
    for name, tensor in tensors.items():
        layer, _, kind = name.rpartition(".")
        inner = re.sub(r"^body\.(\d+)\.rdb(\d)\.(conv\d)$", r"1.sub.\1.RDB\2.\3.0", layer)
        found[f"model.{places.get(layer, inner)}.{kind}"] = tensor
    return found


def by_formula(tensors: Weights, x: Tensor, fold: int, blocks: int, doublings: int) -> Tensor:
    """The network written out."""

    def conv(name: str, x: Tensor) -> Tensor:
        return conv2d(x, tensors[f"{name}.weight"], tensors[f"{name}.bias"], padding=1)

    def dense(name: str, x: Tensor) -> Tensor:
        seen = x
        for number in range(1, 5):
            seen = torch.cat([seen, leaky_relu(conv(f"{name}.conv{number}", seen), 0.2)], 1)
        return x + 0.2 * conv(f"{name}.conv5", seen)

    first = conv("conv_first", pixel_unshuffle(x, fold))
    seen = first
    for block in range(blocks):
        inner = seen
        for number in range(1, 4):
            inner = dense(f"body.{block}.rdb{number}", inner)
        seen = seen + 0.2 * inner
    seen = first + conv("conv_body", seen)
    for number in range(1, doublings + 1):
        larger = interpolate(seen, scale_factor=2, mode="nearest")
        seen = leaky_relu(conv(f"conv_up{number}", larger), 0.2)
    return conv("conv_last", leaky_relu(conv("conv_hr", seen), 0.2))


def pixels(height: int = 20, width: int = 16, channels: int = 3) -> Tensor:
    return torch.rand(2, height, width, channels, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("fold", "doublings"), [(1, 2), (2, 2), (4, 2), (1, 1), (1, 3), (1, 0)])
def test_it_is_the_papers_network(tmp_path: Path, fold: int, doublings: int) -> None:
    tensors = weights(fold=fold, doublings=doublings)
    model = load_upscaler(written(tmp_path / "a.safetensors", tensors))
    assert model.scale == 2**doublings // fold
    expected = by_formula(tensors, pixels().movedim(-1, 1), fold, 2, doublings)
    found = model.enlarge(pixels())
    assert found.shape == (2, 20 * model.scale, 16 * model.scale, 3)
    torch.testing.assert_close(found, expected.movedim(1, -1).clamp(0, 1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("doublings", [0, 1, 2, 3])
def test_the_layouts_say_the_same(tmp_path: Path, doublings: int) -> None:
    tensors = weights(doublings=doublings)
    expected = load_upscaler(written(tmp_path / "new.safetensors", tensors)).enlarge(pixels())
    layouts = {
        "older": older(tensors),
        "oldest": oldest(tensors, 2, doublings),
        "wrapped": {f"params_ema.{name}": tensor for name, tensor in tensors.items()},
    }
    for name, layout in layouts.items():
        model = load_upscaler(written(tmp_path / f"{name}.safetensors", layout))
        assert torch.equal(model.enlarge(pixels()), expected), name
    nested = tmp_path / "nested.pth"
    torch.save({"params_ema": tensors}, nested)
    assert torch.equal(load_upscaler(nested).enlarge(pixels()), expected)


def test_tiles_are_the_whole_but_for_their_edges(tmp_path: Path) -> None:
    model = load_upscaler(written(tmp_path / "a.safetensors", weights(fold=2)))
    smooth = interpolate(pixels(6, 5).movedim(-1, 1), size=(101, 77), mode="bilinear").movedim(
        1, -1
    )
    whole, tiled = model.enlarge(smooth, 512), model.enlarge(smooth, 64)
    assert whole.shape == tiled.shape == (2, 202, 154, 3)
    assert float((whole - tiled).abs().mean()) < 5e-3


def test_memory_that_runs_out_makes_smaller_tiles(tmp_path: Path) -> None:
    model = load_upscaler(written(tmp_path / "a.safetensors", weights()))
    sizes: list[int] = []

    def short(_module: Any, given: tuple[Tensor]) -> None:
        sizes.append(max(given[0].shape[-2:]))
        if sizes[-1] > 128:
            raise torch.OutOfMemoryError("out of memory")

    model.network.module.register_forward_pre_hook(short)
    assert model.enlarge(pixels(300, 40)[:1]).shape == (1, 1200, 160, 3)
    assert sizes[:3] == [300, 256, 128]


def test_every_tile_can_be_stopped_and_alpha_is_ignored(tmp_path: Path) -> None:
    model = load_upscaler(written(tmp_path / "a.safetensors", weights()))
    ticks: list[int] = []
    opaque = model.enlarge(pixels(), tick=lambda: ticks.append(1))
    assert len(ticks) == 2
    with_alpha = torch.cat([pixels(), torch.zeros(2, 20, 16, 1)], -1)
    assert torch.equal(model.enlarge(with_alpha), opaque)


def refused(path: Path) -> str:
    with pytest.raises(LoadError) as caught:
        load_upscaler(path)
    return str(caught.value)


def test_other_files_say_what_they_look_like(tmp_path: Path) -> None:
    vae = {name: tensor.clone() for name, tensor in tiny_vae().state_dict().items()}
    said = refused(written(tmp_path / "vae.safetensors", vae))
    assert "vae.safetensors holds no upscaling model of the ESRGAN family" in said
    assert "its tensors are" in said


def test_damaged_and_foreign_ones_are_named(tmp_path: Path) -> None:
    lacking = weights()
    del lacking["conv_body.bias"]
    said = refused(written(tmp_path / "lacking.safetensors", lacking))
    assert said.endswith("lacking.safetensors lacks 1 tensors: conv_body.bias")
    grey = weights(inputs=1, outputs=1)
    assert "pictures of 1 channels to 1" in refused(written(tmp_path / "grey.safetensors", grey))
    broken = weights()
    broken["conv_hr.bias"][0] = float("nan")
    said = refused(written(tmp_path / "broken.safetensors", broken))
    assert "conv_hr.bias holds NaN or infinity" in said


def test_it_is_a_value_of_its_own(tmp_path: Path) -> None:
    model = load_upscaler(written(tmp_path / "a.safetensors", weights()))
    assert isinstance(model, Upscaler)
    assert (str(model.device), model.dtype) == ("cpu", torch.float32)
