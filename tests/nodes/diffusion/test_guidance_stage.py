"""Stages act in their order, know what they are told, and keep nothing from run to run."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guidance import Guided
from nodes.diffusion.guidance_formula import ClassifierFree
from nodes.diffusion.guidance_interval import Interval
from nodes.diffusion.guidance_stage import Predictions, Stage, Window
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.regions import place
from nodes.diffusion.samplers import SamplerChoice
from nodes.diffusion.sampling import sample
from tests.nodes.diffusion.prompt_values import prompt, prompt_denoiser

SCHEDULE = NoiseSchedule.stable_diffusion()


@dataclass(frozen=True, eq=False)
class Affine(Stage):
    factor: float
    plus: float

    def apply(self, predictions: Predictions) -> Tensor:
        return predictions.guided * self.factor + self.plus


class Counting(Stage):
    """Adds how often it was asked in this run."""

    def apply(self, predictions: Predictions) -> Tensor:
        count: int = predictions.memory.get(self, 0) + 1
        predictions.memory[self] = count
        return predictions.guided + count


def denoised(denoiser: Denoiser, sigma: float = 2.0, scale: float = 3.0) -> float:
    regions = [place(prompt(value), denoiser, 2, 4, 4) for value in (5.0, 1.0)]
    guided = Guided(denoiser, tuple(regions), ClassifierFree(scale), tick=lambda: None)
    return guided(torch.zeros(2, 4, 4, 4), torch.tensor(sigma)).unique().item()  # type: ignore[no-any-return, no-untyped-call]


def run(denoiser: Denoiser, scale: float = 3.0) -> Tensor:
    latent = torch.zeros(1, 4, 4, 4)
    return sample(
        PromptGuider.cfg(denoiser, prompt(5.0), prompt(1.0), scale),
        latent,
        latent + 1,
        sampler=SamplerChoice("euler"),
        sigmas=torch.tensor([4.0, 2.0, 1.0, 0.0]),
        step_noise=lambda _sigma, _next: latent,
    )


def test_stages_act_in_their_order() -> None:
    denoiser, network = prompt_denoiser()
    assert denoised(denoiser) == 13.0
    assert denoised(denoiser.with_stages(Affine(2.0, 0.0), Affine(1.0, 1.0))) == 27.0
    assert denoised(denoiser.with_stages(Affine(1.0, 1.0)).with_stages(Affine(2.0, 0.0))) == 28.0
    assert network.calls == [(4, 4, 4, 4)] * 3


def test_stages_act_without_a_negative_prompt_too() -> None:
    denoiser, network = prompt_denoiser()
    assert denoised(denoiser.with_stages(Affine(2.0, 0.0)), scale=1.0) == 10.0
    assert network.calls == [(2, 4, 4, 4)]


def test_memory_is_of_one_run() -> None:
    denoiser, _ = prompt_denoiser()
    counting = denoiser.with_stages(Counting())
    assert torch.equal(run(counting), run(counting))
    assert run(counting).unique().tolist() == [13.0 + 3]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("sigma", "expected", "rows"),
    [(14.0, 5.0, 2), (2.0, 13.0, 4), (SCHEDULE.sigma_at(0.8) * 0.99, 5.0, 2)],
)
def test_outside_of_its_interval_guidance_costs_nothing(
    sigma: float, expected: float, rows: int
) -> None:
    denoiser, network = prompt_denoiser()
    limited = denoiser.with_stages(Interval(Window(0.2, 0.8)))
    assert denoised(limited, sigma) == expected
    assert network.calls == [(rows, 4, 4, 4)]


def test_intervals_are_cut_with_one_another() -> None:
    denoiser, _ = prompt_denoiser()
    limited = denoiser.with_stages(Interval(Window(0.0, 0.5)), Interval(Window(0.4, 1.0)))
    levels = [SCHEDULE.sigma_at(fraction) for fraction in (0.3, 0.45, 0.6)]
    assert [denoised(limited, level) for level in levels] == [5.0, 13.0, 5.0]


def test_a_whole_window_holds_every_level() -> None:
    assert all(Window().holds(level, SCHEDULE) for level in (0.0, 1.0, 1e6))


def test_a_window_that_ends_before_it_starts() -> None:
    with pytest.raises(ValueError, match=r"start_percent .* got 0.8 and 0.2"):
        Window(0.8, 0.2)
