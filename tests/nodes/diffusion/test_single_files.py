from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.assembly import Checkpoint, assemble
from nodes.diffusion.loading import load_checkpoint
from nodes.diffusion.single_files import read_single_file
from nodes.diffusion.told import Told
from tests.nodes.tiny_files import TINY_FAMILIES, tiny_model

FAMILIES = [
    pytest.param(0, 5, id="SD1 inpaint"),
    pytest.param(1, 1, id="SD2 depth"),
    pytest.param(2, 4, id="SDXL edit"),
    pytest.param(3, 0, id="SDXL refiner"),
    pytest.param(4, 3, id="SD2 x4 upscaler"),
]


def loaded(path: Path) -> Checkpoint:
    return assemble(read_single_file(path, "cpu", "auto", TINY_FAMILIES))


def same(one: Any, other: Any) -> bool:
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def told(checkpoint: Checkpoint, beside: int) -> Told:
    """Something to tell any network."""
    generator = torch.Generator().manual_seed(0)
    denoiser = checkpoint.denoiser
    numbers = denoiser.size_numbers
    return Told(
        torch.randn(1, 77, denoiser.embedding_width, generator=generator),
        torch.randn(1, denoiser.pooled_width, generator=generator) if numbers else None,
        torch.arange(float(numbers))[None] if numbers else None,
        torch.randn(1, beside, 16, 16, generator=generator) if beside else None,
        torch.tensor([3]) if denoiser.reads_noise_level else None,
    )


@pytest.mark.parametrize(("number", "beside"), FAMILIES)
def test_a_file_is_the_folder_that_it_was_made_from(
    number: int, beside: int, tmp_path: Path
) -> None:
    made = tiny_model(number, beside)
    one = loaded(made.file(tmp_path / "model.safetensors"))
    other = load_checkpoint(made.folder(tmp_path / "folder"))
    assert same(one.denoiser.network.module, other.denoiser.network.module)
    assert same(one.vae.model, other.vae.model)
    towers = list(zip(one.text_encoder.towers, other.text_encoder.towers, strict=True))
    assert all(same(a.network.module, b.network.module) for a, b in towers)
    x: Tensor = torch.randn(1, 4, 16, 16)
    with torch.no_grad():
        denoised = [c.denoiser(x, torch.tensor(2.0), told(c, beside)) for c in (one, other)]
    assert torch.equal(*denoised)
    chunk = [[(49406, 1.0), (320, 1.0), (2368, 1.0), *[(49407, 1.0)] * 74]]
    for a, b in towers:
        assert all(map(torch.equal, a.states(chunk), b.states(chunk)))
    assert torch.equal(one.vae.decode(x), other.vae.decode(x))
    assert one.denoiser.latent_factor == other.denoiser.latent_factor
    assert torch.equal(one.denoiser.schedule.sigmas, other.denoiser.schedule.sigmas)
    assert one.denoiser.prediction == other.denoiser.prediction
