"""What a model's network was trained to predict, and at which levels of noise: said by hand."""

from typing import Annotated, Literal

from nodegraph import Range, node
from nodes.diffusion.denoiser import Prediction
from nodes.diffusion.distilled_schedule import ContinuousSchedule, DistilledSchedule
from nodes.diffusion.noise_schedule import FlowSchedule
from nodes.types import Denoiser

__all__ = ["NODES", "model_sampling_continuous_edm", "model_sampling_discrete"]

Sampling = Literal["eps", "v_prediction", "lcm", "x0"]
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


NODES = (model_sampling_discrete, model_sampling_continuous_edm)
