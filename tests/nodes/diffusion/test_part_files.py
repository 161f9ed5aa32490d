from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.part_files import read_text_files, read_unet_file, read_vae_file
from nodes.diffusion.told import Told
from tests.nodes.original_names import open_clip, original_unet, original_vae
from tests.nodes.tiny_files import TINY_FAMILIES, TinyModel, tiny_model


@pytest.fixture(scope="module")
def sd1() -> TinyModel:
    return tiny_model(0)


@pytest.fixture(scope="module")
def sdxl() -> TinyModel:
    return tiny_model(2)


def saved(path: Path, state: dict[str, Tensor]) -> Path:
    save_file({key: value.contiguous() for key, value in state.items()}, path)
    return path


def same(one: Any, other: Any) -> bool:
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_a_unet_in_every_layout(sd1: TinyModel, tmp_path: Path) -> None:
    state = sd1.unet.state_dict()
    original = original_unet(state, 4)
    files = [
        saved(tmp_path / "plain.safetensors", state),
        saved(tmp_path / "original.safetensors", original),
        saved(
            tmp_path / "prefixed.safetensors",
            {f"model.diffusion_model.{key}": value for key, value in original.items()},
        ),
    ]
    x, embedding = torch.randn(1, 4, 16, 16), torch.randn(1, 77, 64)
    for file in files:
        denoiser = read_unet_file(file, "cpu", "auto", TINY_FAMILIES)
        assert same(denoiser.network.module, sd1.unet)
        with torch.no_grad():
            sigma = denoiser.schedule.sigma(torch.tensor(401.0))
            got = denoiser(x, sigma, Told(embedding))
            scaled = sd1.unet(x / (1 + sigma**2).sqrt(), 401, embedding).sample
        assert torch.allclose(got, x - sigma * scaled, atol=1e-5)


@pytest.mark.parametrize("name", ["vae.safetensors", "sdxl_vae.safetensors"])
def test_a_vae_in_every_layout(sd1: TinyModel, tmp_path: Path, name: str) -> None:
    state = sd1.vae.state_dict()
    scale = 0.13025 if "xl" in name else 0.18215
    for content in (state, original_vae(state, 4)):
        file = saved(tmp_path / name, content)
        vae = read_vae_file(file, "cpu", "auto")
        assert same(vae.model, sd1.vae)
        assert vae.model.config.scaling_factor == scale
        assert read_vae_file(file, "cpu", "auto", "SDXL").model.config.scaling_factor == 0.13025


def test_a_text_model_in_every_layout(sd1: TinyModel, sdxl: TinyModel, tmp_path: Path) -> None:
    plain = sd1.text[0].state_dict()
    for number, state in enumerate((plain, {f"text_model.{k}": v for k, v in plain.items()})):
        encoder = read_text_files([saved(tmp_path / f"{number}.safetensors", state)], "cpu", "auto")
        assert same(encoder.towers[0].network.module, sd1.text[0])
        assert encoder.towers[0].padding is None
    large = sdxl.text[1].state_dict()
    state = open_clip({k: v for k, v in large.items() if k != "text_projection.weight"})
    tower = read_text_files([saved(tmp_path / "open.safetensors", state)], "cpu", "auto").towers[0]
    weights = tower.network.module.state_dict()
    assert all(torch.equal(weights[key.removeprefix("text_model.")], value)
               for key, value in large.items() if key != "text_projection.weight")  # fmt: skip
    assert tower.padding == 0


def test_two_text_models_in_any_order(sd1: TinyModel, sdxl: TinyModel, tmp_path: Path) -> None:
    small = saved(tmp_path / "l.safetensors", sd1.text[0].state_dict())
    large = saved(tmp_path / "g.safetensors", open_clip(sdxl.text[1].state_dict()))
    for files in ([small, large], [large, small]):
        towers = read_text_files(files, "cpu", "auto").towers
        assert [(tower.width, tower.usual_layer, tower.norm_early) for tower in towers] == [
            (64, -2, False),
            (128, -2, False),
        ]
    with pytest.raises(LoadError, match=r"l\.safetensors and .* hold text models 64 and 64 wide"):
        read_text_files([small, small], "cpu", "auto")


def test_files_of_other_kinds(sd1: TinyModel, tmp_path: Path) -> None:
    vae = saved(tmp_path / "vae.safetensors", sd1.vae.state_dict())
    text = saved(tmp_path / "text.safetensors", sd1.text[0].state_dict())
    with pytest.raises(LoadError, match="should hold a UNet but is a VAE; load it with VAELoader"):
        read_unet_file(vae, "cpu", "auto")
    with pytest.raises(LoadError, match=r"should hold a VAE but is a text encoder; .* CLIPLoader"):
        read_vae_file(text, "cpu", "auto")
    with pytest.raises(LoadError, match="should hold a text encoder but is a VAE"):
        read_text_files([vae], "cpu", "auto")
    unet = saved(tmp_path / "unet.safetensors", sd1.unet.state_dict())
    with pytest.raises(LoadError, match=r"is not recognised: .* nearest is SD1, .* embeddings: 64"):
        read_unet_file(unet, "cpu", "auto")
