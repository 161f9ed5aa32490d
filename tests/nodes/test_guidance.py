"""Nodes that change a model's guidance, against diffusers' pipelines at the same settings."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodegraph import Context
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.schedules import sigmas_for
from nodes.guidance import cfg_interval, perturbed_attention_guidance, rescale_cfg
from nodes.sampling import ksampler
from nodes.types import Latent
from tests.nodes.diffusion.test_pipelines import assert_same, common, pipeline

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PROMPT, NEGATIVE, CFG, SEED = "a cat on a mat", "dog", 3.0, 11


def sampled(checkpoint: Checkpoint, model: Denoiser, ctx: Context, **changes: Any) -> Tensor:
    clip = checkpoint.text_encoder
    options: dict[str, Any] = {
        "seed": SEED,
        "steps": 4,
        "cfg": CFG,
        "scheduler": "simple",
        "positive": clip.encode(PROMPT),
        "negative": clip.encode(NEGATIVE),
        "latent_image": Latent(torch.zeros(2, 4, 1, 1), empty_size=(64, 48)),
        "ctx": ctx,
    }
    return ksampler(model, **options | changes).samples


def by_diffusers(
    checkpoint: Checkpoint, folder: Path, kind: str = "StableDiffusionPipeline", **options: Any
) -> Tensor:
    pipe = pipeline(kind, folder, "EulerDiscreteScheduler", timestep_spacing="leading")
    ladder = sigmas_for("simple", checkpoint.denoiser.schedule, 4)
    noise = initial_noise((2, 4, 8, 6), SEED)
    given = common() | {"sigmas": ladder.tolist(), "latents": noise, "height": 64, "width": 48}
    found: Tensor = pipe(**given | options).images
    return found


def test_rescaled_as_in_diffusers(
    tiny_v: Checkpoint, tiny_v_folder: Path, context: Context
) -> None:
    expected = by_diffusers(tiny_v, tiny_v_folder, guidance_rescale=0.7)
    assert_same(sampled(tiny_v, rescale_cfg(tiny_v.denoiser, 0.7), context), expected)
    with pytest.raises(AssertionError):
        assert_same(sampled(tiny_v, tiny_v.denoiser, context), expected)


@pytest.mark.parametrize("cfg", [3.0, 1.0])
def test_perturbed_attention_as_in_diffusers(
    tiny: Checkpoint, tiny_folder: Path, context: Context, cfg: float
) -> None:
    expected = by_diffusers(
        tiny, tiny_folder, "StableDiffusionPAGPipeline", pag_scale=2.0, guidance_scale=cfg
    )
    model = perturbed_attention_guidance(tiny.denoiser, 2.0)
    assert_same(sampled(tiny, model, context, cfg=cfg), expected)
    with pytest.raises(AssertionError):
        assert_same(sampled(tiny, tiny.denoiser, context, cfg=cfg), expected)


def test_stages_that_do_nothing_change_nothing(tiny: Checkpoint, context: Context) -> None:
    plain = sampled(tiny, tiny.denoiser, context)
    assert torch.equal(sampled(tiny, cfg_interval(tiny.denoiser, 0.0, 1.0), context), plain)
    torch.testing.assert_close(sampled(tiny, rescale_cfg(tiny.denoiser, 0.0), context), plain)


def test_an_interval_without_levels_is_no_guidance(tiny: Checkpoint, context: Context) -> None:
    unguided = sampled(tiny, tiny.denoiser, context, cfg=1.0)
    limited = cfg_interval(tiny.denoiser, 0.501, 0.502)
    assert torch.equal(sampled(tiny, limited, context), unguided)
    assert not torch.allclose(sampled(tiny, tiny.denoiser, context), unguided, atol=0.01)
