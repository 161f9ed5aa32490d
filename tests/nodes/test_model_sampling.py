"""What a model predicts and which noise it knows, said by hand."""

import pytest
import torch
from diffusers import DDPMScheduler, FlowMatchEulerDiscreteScheduler
from torch import Tensor

from nodes.diffusion.denoiser import to_denoised
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import no_noise
from nodes.diffusion.samplers import SAMPLERS
from nodes.diffusion.schedules import sigmas_for
from nodes.model_sampling import model_sampling_betas, model_sampling_sd3


@pytest.mark.parametrize("theirs", ["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid"])
def test_schedules_of_betas_are_those_of_diffusers(tiny: Checkpoint, theirs: str) -> None:
    told = {"beta_schedule": theirs, "beta_start": 0.0002, "beta_end": 0.02}
    expected = DDPMScheduler(num_train_timesteps=500, **told).alphas_cumprod
    model = model_sampling_betas(
        tiny.denoiser, beta_schedule=theirs, steps=500, beta_start=0.0002, beta_end=0.02
    )
    # Theirs is multiplied up in float32.
    found = model.schedule.alphas_cumprod.float()
    torch.testing.assert_close(found, expected, rtol=2e-4, atol=1e-7)
    assert model.prediction == tiny.denoiser.prediction


def test_betas_that_fall_are_refused(tiny: Checkpoint) -> None:
    with pytest.raises(ValueError, match="0 < start <= end < 1"):
        model_sampling_betas(tiny.denoiser, beta_start=0.1, beta_end=0.01)


@pytest.mark.parametrize("shift", [1.0, 3.0, 0.5])
def test_a_shifted_flow_is_walked_as_diffusers_walks_it(tiny: Checkpoint, shift: float) -> None:
    model = model_sampling_sd3(tiny.denoiser, shift)
    assert model.prediction == "flow_prediction"
    sigmas = sigmas_for("simple", model.schedule, 10)
    theirs = FlowMatchEulerDiscreteScheduler(shift=shift)
    theirs.set_timesteps(sigmas=[1 - step / 10 for step in range(10)])
    torch.testing.assert_close(sigmas, theirs.sigmas.float(), rtol=1e-5, atol=1e-6)

    def velocity(x: Tensor, time: Tensor) -> Tensor:
        return torch.tanh(x) * (1 + time / 1000)

    start = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    expected = start
    for time in theirs.timesteps:
        expected = theirs.step(velocity(expected, time), time, expected).prev_sample

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        said = velocity(x, model.schedule.timestep(sigma))
        return to_denoised("flow_prediction", said, x, sigma)

    found = SAMPLERS["euler"](denoise, start, sigmas, noise=no_noise)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
