import importlib
from typing import Any

import pytest
import torch

from nodes.diffusion.guidance_projected import Projected, limited, projected
from tests.nodes.diffusion.prompt_values import predictions, random_latents

reference: Any = importlib.import_module("diffusers.guiders.adaptive_projected_guidance")

LEVEL = torch.tensor(2.0)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0, -1.0])
@pytest.mark.parametrize("threshold", [0.0, 5.0, 1e3])
@pytest.mark.parametrize(("less_one", "weight"), [(False, 7.5), (True, 6.5)])
def test_the_formula_is_that_of_diffusers(
    eta: float, threshold: float, less_one: bool, weight: float
) -> None:
    x, *seen = (random_latents(seed) for seed in range(5))
    stage, buffer = Projected(eta, threshold, -0.5, less_one), reference.MomentumBuffer(-0.5)
    memory: dict[Any, Any] = {}
    for cond, uncond in (seen[:2], seen[2:]):
        known = predictions(x, LEVEL, cond, uncond, 7.5)
        known.memory.update(memory)
        # Its original formulation adds scale times the update, where the paper has scale - 1.
        expected = reference.normalized_guidance(
            cond, uncond, weight, buffer, eta, threshold, use_original_formulation=True
        )
        torch.testing.assert_close(stage.apply(known), expected, atol=1e-4, rtol=1e-4)
        memory = known.memory


def test_with_everything_left_it_is_classifier_free_guidance() -> None:
    x, cond, uncond = (random_latents(seed) for seed in range(3))
    known = predictions(x, LEVEL, cond, uncond, 7.5)
    torch.testing.assert_close(Projected(1.0, 0.0, 0.0, less_one=True).apply(known), known.guided)
    almost = Projected(1.0, 1e9, 0.0, less_one=True)
    torch.testing.assert_close(almost.apply(known), known.guided)
    assert not known.memory


def test_at_eta_zero_the_update_is_at_right_angles_to_the_prediction() -> None:
    cond = random_latents(1)
    update = projected(random_latents(2), cond, 0.0)
    assert (update * cond).sum(dim=(1, 2, 3)).abs().max() < 1e-3


def test_long_differences_are_shortened_and_short_ones_kept() -> None:
    difference = torch.stack([torch.full((4, 2, 2), 10.0), torch.full((4, 2, 2), 0.1)])
    norms = limited(difference, 5.0).flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, torch.tensor([5.0, 0.4]))


def test_without_a_negative_prompt_nothing_happens() -> None:
    known = predictions(random_latents(0), LEVEL, random_latents(1), None, 1.0)
    assert torch.equal(Projected(0.0, 5.0, 0.5).apply(known), known.cond)
