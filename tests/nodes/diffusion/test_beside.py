from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nodes.diffusion.beside import concat_channels, depth_beside, noised_beside, seeing
from nodes.diffusion.conditioning import Beside, ConditioningEntry
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from tests.nodes.tiny_families import SMALL, Family, make_family

SHAPE = (2, 8, 6)
PLAIN = ConditioningEntry(embedding=torch.zeros(1, 77, SMALL))


def entry(samples: torch.Tensor, mask: torch.Tensor | None = None) -> ConditioningEntry:
    return replace(PLAIN, beside=Beside(samples, mask))


def model(folder: Path, family: Family) -> Checkpoint:
    return load_checkpoint(make_family(folder / family, family))


@pytest.fixture(scope="module")
def inpainting(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return model(tmp_path_factory.mktemp("models"), "inpaint")


def test_most_networks_see_nothing_beside(tiny: Checkpoint) -> None:
    assert concat_channels(entry(torch.ones(1, 4, 8, 6)), tiny.denoiser, SHAPE) is None


def test_where_nothing_is_kept_an_inpainting_network_sees_grey(inpainting: Checkpoint) -> None:
    seen = concat_channels(PLAIN, inpainting.denoiser, SHAPE)
    assert seen is not None
    assert seen.shape == (1, 5, 8, 6)
    assert bool((seen[:, 0] == 1).all())
    grey = inpainting.vae.encode(torch.full((1, 64, 64, 3), 0.5)).mean((0, 2, 3))
    torch.testing.assert_close(seen[0, 1:, 5, 3], grey)


def test_the_mask_is_sharp_and_comes_first(inpainting: Checkpoint) -> None:
    mask = torch.zeros(1, 8, 6)
    mask[:, 2:, :3] = 0.6
    samples = torch.randn(2, 4, 8, 6)
    seen = concat_channels(entry(samples, mask), inpainting.denoiser, SHAPE)
    assert seen is not None
    assert torch.equal(seen[:, 0], (mask > 0.5).float().expand(2, -1, -1))
    assert torch.equal(seen[:, 1:], samples)


def test_only_what_inpaints_sees_its_latent(inpainting: Checkpoint, tiny: Checkpoint) -> None:
    prompt = inpainting.text_encoder.encode("a cat")
    latent, mask = torch.randn(2, 4, 8, 6), torch.ones(1, 8, 6)
    assert seeing(prompt, tiny.denoiser, latent, mask) is prompt
    assert seeing(prompt, inpainting.denoiser, latent, None) is prompt
    scene = seeing(prompt, inpainting.denoiser, latent, mask).entries[0].beside
    assert scene is not None
    assert scene.samples is latent
    own = prompt.map(lambda entry: replace(entry, beside=Beside(-latent)))
    kept = seeing(own, inpainting.denoiser, latent, mask).entries[0].beside
    assert kept is own.entries[0].beside


@pytest.mark.parametrize(
    ("family", "node"),
    [
        ("depth", "a depth picture .* put DepthConditioning between"),
        ("x4", "a small picture to enlarge .* put SD_4XUpscale_Conditioning between"),
    ],
)
def test_what_must_be_shown_is_asked_for(family: Family, node: str, tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match=f"this model sees {node} prompts and sampler"):
        concat_channels(PLAIN, model(tmp_path, family).denoiser, SHAPE)


def test_an_editing_network_without_a_picture_sees_none(tmp_path: Path) -> None:
    seen = concat_channels(PLAIN, model(tmp_path, "pix2pix").denoiser, SHAPE)
    assert seen is not None
    assert torch.equal(seen, torch.zeros(1, 4, 8, 6))


def test_pictures_of_another_kind_or_number(inpainting: Checkpoint) -> None:
    with pytest.raises(ShapeError, match="has 16 channels and this model reads 4: use InpaintMod"):
        concat_channels(entry(torch.zeros(1, 16, 8, 6)), inpainting.denoiser, SHAPE)
    with pytest.raises(ShapeError, match="3 pictures beside a batch of 2 latents"):
        concat_channels(entry(torch.zeros(3, 4, 8, 6)), inpainting.denoiser, SHAPE)
    masks = entry(torch.zeros(2, 4, 8, 6), torch.zeros(3, 8, 6))
    with pytest.raises(ShapeError, match="the mask of the picture beside holds 3 masks"):
        concat_channels(masks, inpainting.denoiser, SHAPE)


def test_a_picture_of_another_size_is_stretched(inpainting: Checkpoint) -> None:
    seen = concat_channels(entry(torch.ones(1, 4, 4, 4)), inpainting.denoiser, SHAPE)
    assert seen is not None
    assert torch.equal(seen[:, 1:], torch.ones(1, 4, 8, 6))


def test_each_depth_fills_its_range() -> None:
    ramp = torch.linspace(0.2, 0.4, 64).expand(1, 64, 64)
    flat = torch.full((1, 64, 64), 0.7)
    cells = depth_beside(torch.cat([ramp, flat])).samples
    assert cells.shape == (2, 1, 8, 8)
    assert (float(cells[0].min()), float(cells[0].max())) == (-1.0, 1.0)
    assert bool((cells[0, 0, 0].diff() > 0).all())
    assert bool((cells[1] == -1).all())


def test_noise_over_a_small_picture() -> None:
    small, noise = torch.rand(1, 3, 4, 4), torch.randn(1, 3, 4, 4)
    assert torch.equal(noised_beside(small, noise, 0).samples, small * 2 - 1)
    roots = torch.linspace(0.0001**0.5, 0.02**0.5, 1000, dtype=torch.float64)
    kept = float((1 - roots[:351] ** 2).prod())
    expected = kept**0.5 * (small * 2 - 1) + (1 - kept) ** 0.5 * noise
    torch.testing.assert_close(noised_beside(small, noise, 350).samples, expected)
