"""What a model predicts, said by hand: as models whose files say it, and as in diffusers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodegraph import Context
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.noise_schedule import FlowSchedule
from nodes.diffusion.samplers import sampler_named
from nodes.diffusion.sampling import sample
from nodes.diffusion.schedules import sigmas_for
from nodes.guidance import rescale_cfg
from nodes.model_sampling import model_sampling_continuous_edm, model_sampling_discrete
from nodes.sampling import ksampler
from nodes.types import Denoiser, Latent
from tests.nodes.diffusion.test_pipelines import assert_same, common, pipeline
from tests.nodes.tiny import Prediction, make_tiny

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PROMPT, NEGATIVE, CFG, SEED = "a cat on a mat", "dog", 3.0, 11


def sampled(checkpoint: Checkpoint, model: Denoiser, ctx: Context, **changes: Any) -> Tensor:
    options: dict[str, Any] = {
        "seed": SEED,
        "steps": 4,
        "cfg": CFG,
        "scheduler": "simple",
        "positive": checkpoint.text_encoder.encode(PROMPT),
        "negative": checkpoint.text_encoder.encode(NEGATIVE),
        "latent_image": Latent(torch.zeros(2, 4, 1, 1), empty_size=(64, 48)),
        "ctx": ctx,
    }
    return ksampler(model, **options | changes).samples


@pytest.mark.parametrize(
    ("said", "prediction"), [("v_prediction", "v_prediction"), ("x0", "sample")]
)
@pytest.mark.parametrize("zsnr", [False, True])
def test_as_a_model_whose_files_say_so(
    tiny: Checkpoint,
    tmp_path: Path,
    context: Context,
    said: Any,
    prediction: Prediction,
    zsnr: bool,
) -> None:
    folder = make_tiny(tmp_path / "tiny", prediction, rescale_betas_zero_snr=zsnr)
    expected = load_checkpoint(folder)
    model = model_sampling_discrete(tiny.denoiser, said, zsnr)
    assert torch.equal(sampled(tiny, model, context), sampled(expected, expected.denoiser, context))
    assert not torch.equal(sampled(tiny, model, context), sampled(tiny, tiny.denoiser, context))


def test_said_as_it_is_nothing_changes(tiny: Checkpoint, context: Context) -> None:
    again = model_sampling_discrete(tiny.denoiser, "eps")
    assert torch.equal(sampled(tiny, again, context), sampled(tiny, tiny.denoiser, context))


def test_zero_terminal_snr_with_rescaled_guidance_as_in_diffusers(
    tiny: Checkpoint, tiny_v_folder: Path, context: Context
) -> None:
    """All of Lin et al. 2023 but the zero itself, for which diffusers' scheduler has 2^-24."""
    pipe = pipeline(
        "StableDiffusionPipeline",
        tiny_v_folder,
        "EulerDiscreteScheduler",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
    )
    model = rescale_cfg(model_sampling_discrete(tiny.denoiser, "v_prediction", zsnr=True), 0.7)
    ladder = sigmas_for("simple", model.schedule, 4)[1:]
    noise = initial_noise((2, 4, 8, 6), SEED)
    expected = pipe(
        **common(),
        sigmas=ladder.tolist(),
        latents=noise,
        guidance_rescale=0.7,
        height=64,
        width=48,
    ).images
    encode = tiny.text_encoder.encode
    found = sample(
        PromptGuider.cfg(model, encode(PROMPT), encode(NEGATIVE), CFG),
        torch.zeros_like(noise),
        noise,
        sampler=sampler_named("euler"),
        sigmas=ladder,
        step_noise=lambda _sigma, _next: noise,
    )
    assert_same(found, expected)


@pytest.mark.parametrize("steps", [1, 4])
def test_latent_consistency_as_in_diffusers(
    tiny: Checkpoint, tiny_folder: Path, steps: int
) -> None:
    """diffusers works in x √ᾱ: its start is ours divided by √(1 + σ²)."""
    pipe = pipeline("StableDiffusionPipeline", tiny_folder, "LCMScheduler")
    pipe.scheduler.set_timesteps(steps)
    model = model_sampling_discrete(tiny.denoiser, "lcm")
    ladder = torch.cat([model.schedule.sigma(pipe.scheduler.timesteps), torch.zeros(1)])
    noise = initial_noise((2, 4, 8, 6), SEED)
    start = model.start(torch.zeros_like(noise), noise, ladder[0])
    expected = pipe(
        **common(),
        num_inference_steps=steps,
        latents=start / (1 + ladder[0] ** 2) ** 0.5,
        generator=torch.Generator().manual_seed(5),
        height=64,
        width=48,
    ).images
    drawn = torch.Generator().manual_seed(5)
    encode = tiny.text_encoder.encode
    found = sample(
        PromptGuider.cfg(model, encode(PROMPT), encode(NEGATIVE), CFG),
        torch.zeros_like(noise),
        noise,
        sampler=sampler_named("lcm"),
        sigmas=ladder,
        step_noise=lambda _sigma, _next: torch.randn(noise.shape, generator=drawn),
    )
    assert_same(found, expected)


def test_an_lcm_ladder_visits_levels_that_it_knows(tiny: Checkpoint, context: Context) -> None:
    model = model_sampling_discrete(tiny.denoiser, "lcm")
    assert len(model.schedule.sigmas) == 50
    times = model.schedule.timestep(sigmas_for("sgm_uniform", model.schedule, 4)[:-1])
    assert [(float(time) + 1) % 20 for time in times] == [0.0] * 4
    found = sampled(tiny, model, context, cfg=1.0, sampler_name="lcm", scheduler="sgm_uniform")
    assert found.isfinite().all()


def test_edm_is_told_the_level(tiny: Checkpoint, context: Context) -> None:
    model = model_sampling_continuous_edm(tiny.denoiser, "eps", 80.0, 0.01)
    assert float(model.schedule.timestep(torch.tensor(1.0))) == 0.0
    ladder = sigmas_for("karras", model.schedule, 4)
    torch.testing.assert_close(ladder[[0, -2]], torch.tensor([80.0, 0.01]))
    assert sampled(tiny, model, context, scheduler="karras").isfinite().all()


def test_what_cannot_be_said(tiny: Checkpoint) -> None:
    flow = replace(tiny.denoiser, schedule=FlowSchedule())
    with pytest.raises(ValueError, match="one of rectified flow"):
        model_sampling_discrete(flow, "eps")
    with pytest.raises(ValueError, match="sigma_min must be above 0 and below sigma_max"):
        model_sampling_continuous_edm(tiny.denoiser, "eps", 1.0, 1.0)
