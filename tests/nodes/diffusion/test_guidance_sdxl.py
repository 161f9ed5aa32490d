"""Guidance on SDXL's network, whose middle has several transformer blocks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes import guidance as pack
from nodes.diffusion.guidance_attention import layers_of
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.freeu import freeu, freeu_v2
from nodes.types import Denoiser
from tests.nodes.diffusion import family_cases as case
from tests.nodes.tiny_families import make_family

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LADDER = [10.0, 4.0, 1.5, 0.4, 0.0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_family(tmp_path_factory.mktemp("models") / "sdxl", "sdxl")


@pytest.fixture(scope="module")
def sdxl(folder: Path) -> Checkpoint:
    return load_checkpoint(folder)


@pytest.fixture(scope="module")
def half(folder: Path) -> Checkpoint:
    return load_checkpoint(folder, dtype="bfloat16")


@pytest.fixture
def calls(sdxl: Checkpoint) -> Any:
    """How often the network is called: grows."""
    found: list[int] = []
    unet = sdxl.denoiser.network.module
    handle = unet.register_forward_hook(lambda *_: found.append(1))
    yield found
    handle.remove()


def drawn(checkpoint: Checkpoint, model: Denoiser, ladder: Tensor | None = None) -> Tensor:
    guider = PromptGuider.cfg(model, *case.both_prompts(checkpoint), case.CFG)
    noise = case.noise_of()
    sigmas = torch.tensor(LADDER) if ladder is None else ladder
    return case.drawn_by(guider, sigmas, latent=torch.zeros_like(noise), noise=noise)


def test_perturbed_attention_as_in_diffusers(sdxl: Checkpoint, folder: Path) -> None:
    pipe = case.pipeline("StableDiffusionXLPAGPipeline", folder, pag_applied_layers="mid")
    sigmas = case.ladder(pipe)
    latents = case.begun(sdxl, pipe, case.noise_of(), sigmas)
    expected = pipe(**case.asked(), latents=latents, height=64, width=48, pag_scale=2.0).images
    got = drawn(sdxl, pack.perturbed_attention_guidance(sdxl.denoiser, 2.0), sigmas)
    case.assert_same(got, expected)
    case.assert_other(drawn(sdxl, sdxl.denoiser, sigmas), expected)


CHANGES: dict[str, Callable[[Denoiser], Denoiser]] = {
    "rescale": lambda model: pack.rescale_cfg(model, 0.7),
    "interval": lambda model: pack.cfg_interval(model, 0.3, 0.7),
    "perturbed attention": lambda model: pack.perturbed_attention_guidance(model, 2.0),
    "skipped layers": lambda model: pack.skip_layer_guidance(model, "middle", 2.0, 0.2, 0.9),
    "self-attention": lambda model: pack.self_attention_guidance(model, 0.75, 2.0),
    "projected": lambda model: pack.apg(model, 0.0, 2.0, -0.5),
    "threshold": lambda model: pack.dynamic_thresholding(model, 0.9, 1.0),
    "mimic": lambda model: pack.dynamic_thresholding_simple(model, 1.0, 0.9),
    "freeu": lambda model: freeu(model, 1.3, 1.4, 0.9, 0.2),
    "freeu 2": lambda model: freeu_v2(model, 1.3, 1.4, 0.9, 0.2),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_changes_the_result_and_leaves_the_model_as_it_was(
    sdxl: Checkpoint, name: str
) -> None:
    plain = drawn(sdxl, sdxl.denoiser)
    changed = drawn(sdxl, CHANGES[name](sdxl.denoiser))
    case.assert_other(changed, plain)
    assert changed.isfinite().all()
    assert torch.equal(drawn(sdxl, sdxl.denoiser), plain)


@pytest.mark.parametrize("name", CHANGES)
def test_each_works_in_half_precision(half: Checkpoint, name: str) -> None:
    found = drawn(half, CHANGES[name](half.denoiser))
    assert found.dtype == torch.float32
    assert found.isfinite().all()
    assert not torch.equal(found, drawn(half, half.denoiser))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rescale", 4),
        ("interval", 4),
        ("perturbed attention", 8),
        ("skipped layers", 7),
        ("self-attention", 12),
    ],
)
def test_how_often_the_network_is_called(
    sdxl: Checkpoint, calls: list[int], name: str, expected: int
) -> None:
    drawn(sdxl, CHANGES[name](sdxl.denoiser))
    assert len(calls) == expected


def test_several_in_a_row(sdxl: Checkpoint) -> None:
    """Hooks and stages together, in either order of nodes that do not touch each other."""
    model = sdxl.denoiser
    one = CHANGES["freeu 2"](CHANGES["perturbed attention"](model))
    other = CHANGES["perturbed attention"](CHANGES["freeu 2"](model))
    assert torch.equal(drawn(sdxl, one), drawn(sdxl, other))
    case.assert_other(drawn(sdxl, one), drawn(sdxl, CHANGES["freeu 2"](model)))


OFF: dict[str, Callable[[Denoiser], Denoiser]] = {
    "rescale": lambda model: pack.rescale_cfg(model, 0.0),
    "interval": lambda model: pack.cfg_interval(model, 0.0, 1.0),
    "perturbed attention": lambda model: pack.perturbed_attention_guidance(model, 0.0),
    "skipped layers": lambda model: pack.skip_layer_guidance(model, "middle", 0.0),
    "self-attention": lambda model: pack.self_attention_guidance(model, 0.0, 2.0),
    "projected": lambda model: pack.apg(model, 1.0, 0.0, 0.0, "cfg - 1"),
    "threshold": lambda model: pack.dynamic_thresholding(model, 1.0, 10.0**6),
    "freeu": lambda model: freeu(model, 1.0, 1.0, 1.0, 1.0),
    "freeu 2": lambda model: freeu_v2(model, 1.0, 1.0, 1.0, 1.0),
}


@pytest.mark.parametrize("name", OFF)
def test_switched_off_nothing_is_changed_and_nothing_costs(
    sdxl: Checkpoint, calls: list[int], name: str
) -> None:
    plain = drawn(sdxl, sdxl.denoiser)
    assert len(calls) == 4
    assert torch.equal(drawn(sdxl, OFF[name](sdxl.denoiser)), plain)
    assert len(calls) == 8


def test_layers_of_sdxl(sdxl: Checkpoint) -> None:
    found = {
        place: len(layers) for place, layers in layers_of(sdxl.denoiser.network.module).items()
    }
    assert found == {"down 1": 2, "middle": 2, "up 0": 4}
