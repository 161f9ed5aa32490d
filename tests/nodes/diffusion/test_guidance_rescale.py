import importlib
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.denoiser import to_denoised
from nodes.diffusion.guidance_rescale import RescaleCfg, rescaled, to_v
from tests.nodes.diffusion.prompt_values import predictions, random_latents

stable_diffusion: Any = importlib.import_module(
    "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion"
)

SIGMA = torch.tensor(3.0)


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
def test_the_formula_is_that_of_diffusers(share: float) -> None:
    guided, cond = 3 * random_latents(1), random_latents(2) + 1
    expected = stable_diffusion.rescale_noise_cfg(guided, cond, guidance_rescale=share)
    torch.testing.assert_close(rescaled(guided, cond, share), expected)


def test_wholly_rescaled_has_the_deviation_of_the_prompts_own() -> None:
    cond = random_latents(2)
    found = rescaled(5 * random_latents(1), cond, 1.0)
    torch.testing.assert_close(found.std(dim=(1, 2, 3)), cond.std(dim=(1, 2, 3)))


def test_latents_without_contrast_stay_finite() -> None:
    assert rescaled(torch.zeros(1, 4, 2, 2), random_latents(1)[:1], 0.7).isfinite().all()


def test_v_is_what_a_v_model_would_have_said() -> None:
    x, v = random_latents(1), random_latents(2)
    denoised = to_denoised("v_prediction", v, x, SIGMA)
    torch.testing.assert_close(to_v(denoised, x, SIGMA), v)


def test_the_stage_rescales_v() -> None:
    x = random_latents(0) * 3

    def clean(v: Tensor) -> Tensor:
        return to_denoised("v_prediction", v, x, SIGMA)

    cond, uncond = random_latents(1), random_latents(2)
    guided = uncond + 7.0 * (cond - uncond)
    known = predictions(x, SIGMA, clean(cond), clean(uncond), 7.0)
    expected = stable_diffusion.rescale_noise_cfg(guided, cond, guidance_rescale=0.7)
    torch.testing.assert_close(RescaleCfg(0.7).apply(known), clean(expected), atol=1e-4, rtol=1e-4)


def test_without_a_negative_prompt_there_is_nothing_to_rescale() -> None:
    known = predictions(random_latents(0), SIGMA, random_latents(1), None, 1.0)
    assert torch.equal(RescaleCfg(0.7).apply(known), known.cond)
