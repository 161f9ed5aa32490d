"""What a model's network was trained to predict, and at which levels of noise: said by hand."""

from typing import Annotated, Literal

from nodegraph import Choice, Range, node
from nodes.diffusion.betas import BETA_SCHEDULES
from nodes.diffusion.betas import beta_schedule as betas_of
from nodes.diffusion.denoiser import Prediction
from nodes.diffusion.distilled_schedule import ContinuousSchedule, DistilledSchedule
from nodes.diffusion.noise_schedule import FlowSchedule, NoiseSchedule
from nodes.types import Denoiser

__all__ = [
    "NODES",
    "model_sampling_betas",
    "model_sampling_continuous_edm",
    "model_sampling_discrete",
    "model_sampling_sd3",
]

Sampling = Literal["eps", "v_prediction", "lcm", "x0"]
Beta = Annotated[float, Range(1e-8, 0.999, 1e-5)]
Level = Annotated[float, Range(0.0, 1000.0, 0.001)]

_PREDICTIONS: dict[Sampling, Prediction] = {
    "eps": "epsilon",
    "v_prediction": "v_prediction",
    "lcm": "lcm",
    "x0": "sample",
}


@node(category="model/sampling", name="ModelSamplingDiscrete", outputs=("model",))
def model_sampling_discrete(
    model: Denoiser, sampling: Sampling = "eps", zsnr: bool = False
) -> Denoiser:
    """Say what a model predicts, where its file does not.

    Args:
        sampling: the noise (eps), the velocity (v_prediction), the picture (x0), or what a latent
            consistency model does (lcm), which knows 50 levels of noise.
        zsnr: whether its highest level was pure noise (zero terminal SNR).

    Raises:
        ValueError: for a model of rectified flow, which has no such levels.
    """
    schedule = model.schedule
    if isinstance(schedule, FlowSchedule):
        raise ValueError("the model is one of rectified flow, whose network predicts a velocity")
    if zsnr:
        schedule = schedule.zero_terminal_snr()
    if sampling == "lcm" and not isinstance(schedule, DistilledSchedule):
        schedule = DistilledSchedule.of(schedule)
    return model.with_schedule(schedule, _PREDICTIONS[sampling])


@node(category="model/sampling", name="ModelSamplingContinuousEDM", outputs=("model",))
def model_sampling_continuous_edm(
    model: Denoiser,
    sampling: Literal["v_prediction", "eps"] = "v_prediction",
    sigma_max: Level = 120.0,
    sigma_min: Level = 0.002,
) -> Denoiser:
    """For models that are told a level of noise rather than a time (EDM).

    Args:
        sampling: what it predicts: the velocity (v_prediction) or the noise (eps).
        sigma_max: the highest level.
        sigma_min: the lowest level but for none.

    Raises:
        ValueError: if the levels are not in their order, or 0.
    """
    schedule = ContinuousSchedule.between(sigma_min, sigma_max)
    return model.with_schedule(schedule, _PREDICTIONS[sampling])


@node(category="model/sampling", name="ModelSamplingBetas", outputs=("model",))
def model_sampling_betas(
    model: Denoiser,
    beta_schedule: Annotated[str, Choice(*BETA_SCHEDULES)] = "scaled_linear",
    steps: Annotated[int, Range(2, 100_000)] = 1000,
    beta_start: Beta = 0.00085,
    beta_end: Beta = 0.012,
) -> Denoiser:
    """Say which noise a model was trained with, step by step, where its file does not.

    Args:
        beta_schedule: how the variance of a step's noise grows; Stable Diffusion's is
            scaled_linear, and cosine has no start and end.
        steps: of the training; what the network is told of time counts them.
        beta_start: the variance of the first step.
        beta_end: of the last one.

    Raises:
        ValueError: if the end is below the start, or for levels of noise that do not rise.
    """
    schedule = NoiseSchedule.from_betas(betas_of(beta_schedule, steps, beta_start, beta_end))
    return model.with_schedule(schedule, model.prediction)


@node(
    category="model/sampling",
    name="ModelSamplingSD3",
    display_name="Model Sampling Flow",
    outputs=("model",),
)
def model_sampling_sd3(
    model: Denoiser, shift: Annotated[float, Range(0.01, 100.0, 0.01)] = 3.0
) -> Denoiser:
    """For models of rectified flow: the network predicts a velocity, and time is shifted.

    Args:
        shift: above 1 more steps are spent where there is much noise, as large pictures need;
            3 is Stable Diffusion 3's, 1 none.
    """
    return model.with_schedule(FlowSchedule(shift), "flow_prediction")


NODES = (
    model_sampling_discrete,
    model_sampling_continuous_edm,
    model_sampling_betas,
    model_sampling_sd3,
)
