"""Noise levels: ladders of a model's schedulers or written by hand, cut and changed."""

import re
from typing import Annotated, Literal, NamedTuple

import torch

from nodegraph import Choice, NodeError, Range, node
from nodes.diffusion import ladder
from nodes.diffusion.schedules import SCHEDULERS, sigmas_for
from nodes.types import Denoiser, Sigmas

__all__ = ["LONGEST_LADDER", "NODES", "ladder_for"]

Steps = Annotated[int, Range(1, 10000)]
Step = Annotated[int, Range(0, 10000)]
Share = Annotated[float, Range(0.0, 1.0, 0.01)]
Level = Annotated[float, Range(0.0, 20000.0, 0.001)]

LONGEST_LADDER = 1_000_000
"""Steps at full denoise, of which the end may be taken."""


def ladder_for(
    scheduler: str, model: Denoiser, steps: int, denoise: float, sampler: str = "euler"
) -> Sigmas:
    """The ladder of a scheduler; without a level at denoise 0.

    Raises NodeError for one longer than `LONGEST_LADDER`.
    """
    if denoise == 0.0:
        return Sigmas(torch.zeros(0))
    if steps / denoise > LONGEST_LADDER:
        raise NodeError(
            f"{steps} steps at denoise {denoise:g} are the end of {steps / denoise:.0f} steps, and "
            f"{LONGEST_LADDER} are the most; nearest denoise: {steps / LONGEST_LADDER:g}"
        )
    levels = sigmas_for(scheduler, model.schedule, steps, denoise=denoise, sampler=sampler)
    return Sigmas(levels)


@node(category="sampling/custom/schedulers")
def basic_scheduler(
    model: Denoiser,
    scheduler: Annotated[str, Choice(*SCHEDULERS)] = "normal",
    steps: Steps = 20,
    denoise: Share = 1.0,
) -> Sigmas:
    """Noise levels by the name of a scheduler.

    KSampler visits the same ones but with dpm_2, dpm_2_ancestral, uni_pc and uni_pc_bh2, for which
    it leaves out the last but one of a ladder one step longer.

    Args:
        steps: how many; more is finer and slower.
        denoise: how much of the way to go: 1 begins at noise alone, 0 is no step at all.
    """
    return ladder_for(scheduler, model, steps, denoise)


@node(category="sampling/custom/sigmas")
def manual_sigmas(
    sigmas: str = "14.6, 6.5, 3.9, 2.7, 1.9, 1.4, 0.96, 0.65, 0.4, 0.15, 0",
) -> Sigmas:
    """Noise levels as you write them.

    Args:
        sigmas: numbers divided by commas, spaces or lines; usually falling, the last one 0.

    Raises:
        NodeError: for what is no number, is negative or not finite.
    """
    words = [word for word in re.split(r"[\s,;]+", sigmas) if word]
    return Sigmas(torch.tensor([_level(word, at) for at, word in enumerate(words, 1)]))


def _level(word: str, place: int) -> float:
    try:
        level = float(word)
    except ValueError:
        raise NodeError(f"'sigmas': {word!r} in place {place} is no number (like 0.5)") from None
    if not 0 <= level <= 1e30:
        raise NodeError(f"'sigmas': {word!r} in place {place} must be between 0 and 1e30")
    return level


class Parts(NamedTuple):
    """A ladder in two; the last level of the first part is the first one of the second."""

    high_sigmas: Sigmas
    low_sigmas: Sigmas


@node(category="sampling/custom/sigmas")
def split_sigmas(sigmas: Sigmas, step: Step = 0) -> Parts:
    """Cut a ladder in two, for two runs one after the other.

    Args:
        step: how many steps are in the first part.
    """
    return Parts(*ladder.split(sigmas, step))


@node(category="sampling/custom/sigmas")
def split_sigmas_denoise(sigmas: Sigmas, denoise: Share = 1.0) -> Parts:
    """Cut a ladder in two by the share of the steps that is in the second part."""
    return Parts(*ladder.split_denoise(sigmas, denoise))


@node(category="sampling/custom/sigmas")
def flip_sigmas(sigmas: Sigmas) -> Sigmas:
    """From the last level to the first: from a picture to noise. A 0 becomes 0.0001."""
    return ladder.flipped(sigmas)


@node(category="sampling/custom/sigmas")
def set_first_sigma(sigmas: Sigmas, sigma: Level = 136.0) -> Sigmas:
    """A ladder with another first level."""
    return ladder.with_first(sigmas, sigma)


@node(category="sampling/custom/sigmas")
def extend_intermediate_sigmas(
    sigmas: Sigmas,
    steps: Annotated[int, Range(1, 100)] = 2,
    start_at_sigma: Annotated[float, Range(-1.0, 20000.0, 0.01)] = -1.0,
    end_at_sigma: Annotated[float, Range(0.0, 20000.0, 0.01)] = 12.0,
    spacing: Literal["linear", "cosine", "sine"] = "linear",
) -> Sigmas:
    """Make each step of a part of a ladder into several.

    Args:
        steps: how many each step becomes.
        start_at_sigma: steps from higher levels stay as they are; -1: there is no limit.
        end_at_sigma: steps from lower levels stay as they are.
        spacing: cosine puts the new levels near the lower end of a step, sine near the upper.
    """
    return ladder.extended(sigmas, steps, start_at_sigma, end_at_sigma, spacing)


@node(category="sampling/custom/sigmas", outputs=("sigma_value",))
def sampling_percent_to_sigma(
    model: Denoiser,
    sampling_percent: Annotated[float, Range(0.0, 1.0, 0.0001)] = 0.0,
    return_actual_sigma: bool = False,
) -> float:
    """The noise level at a share of the model's schedule: 0 is all noise, 1 none.

    Args:
        return_actual_sigma: at 0 and 1 the highest and lowest level of the model, instead of a
            huge one and 0, which hold every level between them.
    """
    schedule = model.schedule
    if return_actual_sigma and sampling_percent in (0.0, 1.0):
        return schedule.sigma_max if sampling_percent == 0.0 else schedule.sigma_min
    return min(schedule.sigma_at(sampling_percent), HUGE)


HUGE = 999999999.9
"""What stands for infinity on wires that are shown as numbers."""


NODES = (
    basic_scheduler,
    manual_sigmas,
    split_sigmas,
    split_sigmas_denoise,
    flip_sigmas,
    set_first_sigma,
    extend_intermediate_sigmas,
    sampling_percent_to_sigma,
)
