import importlib
from typing import Any

import torch

from nodes.diffusion.guidance_threshold import Mimic, Threshold, mimicked, thresholded
from tests.nodes.diffusion.prompt_values import predictions, random_latents

diffusers: Any = importlib.import_module("diffusers")  # untyped

LEVEL = torch.tensor(2.0)


def test_thresholded_as_in_diffusers() -> None:
    scheduler = diffusers.DDPMScheduler(
        thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=100.0
    )
    denoised = random_latents(1) * torch.tensor([3.0, 0.1])[:, None, None, None]
    expected = scheduler._threshold_sample(denoised)
    torch.testing.assert_close(thresholded(denoised, 0.9, 1.0), expected)
    assert torch.equal(thresholded(denoised, 0.9, 1.0)[1], denoised[1])
    known = predictions(denoised, LEVEL, denoised, None, 1.0)
    torch.testing.assert_close(Threshold(0.9, 1.0).apply(known), expected)


def test_the_range_is_that_of_the_floor() -> None:
    assert thresholded(random_latents(1) * 9, 0.5, 4.0).abs().max() == 4.0


def test_what_mimics_itself_is_itself() -> None:
    x, cond, uncond = (random_latents(seed) for seed in range(3))
    known = predictions(x, LEVEL, cond, uncond, 7.0)
    torch.testing.assert_close(Mimic(7.0, 1.0).apply(known), known.guided)


def test_strong_guidance_has_the_range_of_the_weak() -> None:
    x, cond, uncond = (random_latents(seed) for seed in range(3))
    strong, weak = (predictions(x, LEVEL, cond, uncond, scale) for scale in (30.0, 5.0))
    found = Mimic(5.0, 0.9).apply(strong)
    mean = strong.guided.mean((2, 3), keepdim=True)
    width = (weak.guided - weak.guided.mean((2, 3), keepdim=True)).abs().amax((2, 3))
    torch.testing.assert_close((found - mean).abs().amax((2, 3)), width)
    assert ((strong.guided - mean) * (found - mean) >= 0).all()


def test_flat_channels_stay_finite() -> None:
    flat = torch.ones(1, 4, 2, 2)
    assert torch.equal(mimicked(flat, flat, 1.0), flat)
