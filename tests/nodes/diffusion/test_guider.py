"""Guiders ask a network for what their formula needs, and no more."""

from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.conditioning import Area, combine
from nodes.diffusion.guidance_interval import Interval
from nodes.diffusion.guidance_stage import Predictions, Stage, Window
from nodes.diffusion.guider import Guider, PromptGuider
from tests.nodes.diffusion.prompt_values import prompt, prompt_denoiser

LEVEL = torch.tensor(2.0)
FIRST, SECOND, THIRD = prompt(5.0), prompt(3.0), prompt(1.0)


def begun(guider: Guider, **options: Any) -> Any:
    return guider.begin(torch.zeros(2, 4, 8, 8), None, tick=lambda: None, **options)


def denoised(guider: Guider, sigma: Tensor = LEVEL) -> float:
    values = begun(guider)(torch.zeros(2, 4, 8, 8), sigma).unique()
    assert len(values) == 1
    return float(values[0])


def test_each_guider_by_hand() -> None:
    denoiser, network = prompt_denoiser()
    basic = PromptGuider.basic(denoiser, FIRST)
    cfg = PromptGuider.cfg(denoiser, FIRST, THIRD, 3.0)
    dual = PromptGuider.dual(denoiser, FIRST, SECOND, THIRD, (4.0, 1.5))
    nested = PromptGuider.dual(denoiser, FIRST, SECOND, THIRD, (4.0, 1.5), "nested")
    assert [denoised(each) for each in (basic, cfg, dual, nested)] == [
        5.0,
        1 + 3 * (5 - 1),
        1 + 1.5 * (3 - 1) + 4 * (5 - 3),
        1 + 1.5 * (3 + 4 * (5 - 3) - 1),
    ]
    assert [calls[0] for calls in network.calls] == [2, 4, 6, 6]


def test_parallel_prompts_are_not_taken_away_by_perp_neg() -> None:
    """The network's answers are flat, so all differences are parallel."""
    denoiser, network = prompt_denoiser()
    guider = PromptGuider.perp_neg(denoiser, FIRST, SECOND, THIRD, 3.0, 1.0)
    assert denoised(guider) == pytest.approx(1 + 3 * (5 - 1))
    assert network.calls == [(6, 4, 8, 8)]


@pytest.mark.parametrize("scales", [(1.0, 1.0), (4.0, 1.0)])
def test_the_last_prompt_is_told_to_samplers_that_ask(scales: tuple[float, float]) -> None:
    denoiser, network = prompt_denoiser()
    guider = PromptGuider.dual(denoiser, FIRST, SECOND, THIRD, scales)
    guided, uncond = begun(guider).guided(torch.zeros(2, 4, 8, 8), LEVEL)
    assert float(uncond.mean()) == 1.0
    assert float(guided.mean()) == 3 + scales[0] * (5 - 3)
    assert len(network.calls) == 1


def test_without_a_negative_prompt_one_prediction_is_both() -> None:
    denoiser, network = prompt_denoiser()
    guided, uncond = begun(PromptGuider.basic(denoiser, FIRST)).guided(
        torch.zeros(2, 4, 8, 8), LEVEL
    )
    assert torch.equal(guided, uncond)
    assert network.calls == [(2, 4, 8, 8)]


class Seen(Stage):
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Predictions] = []

    def apply(self, predictions: Predictions) -> Tensor:
        self.told.append(predictions)
        return predictions.guided


def test_stages_are_told_of_every_formula() -> None:
    denoiser, _ = prompt_denoiser()
    seen = Seen()
    model = denoiser.with_stages(seen)
    for guider in (
        PromptGuider.dual(model, FIRST, SECOND, THIRD, (4.0, 2.0), "nested"),
        PromptGuider.dual(model, FIRST, SECOND, THIRD, (4.0, 1.0)),
        PromptGuider.perp_neg(model, FIRST, SECOND, THIRD, 3.0, 1.0),
        PromptGuider.basic(model, FIRST),
    ):
        denoised(guider)
    values = [(float(each.cond.mean()), each.uncond, each.scale) for each in seen.told]
    assert [(cond, scale) for cond, _, scale in values] == [(5, 8), (5, 4), (5, 3), (5, 1)]
    assert [None if each is None else float(each.mean()) for _, each, _ in values] == [
        *[1, 3, 1],
        None,
    ]


@pytest.mark.parametrize("kind", ["dual", "perp_neg"])
def test_outside_of_an_interval_only_the_first_prompt_is_asked(kind: str) -> None:
    denoiser, network = prompt_denoiser()
    model = denoiser.with_stages(Interval(Window(0.2, 0.8)))
    if kind == "dual":
        guider = PromptGuider.dual(model, FIRST, SECOND, THIRD, (4.0, 1.5))
    else:
        guider = PromptGuider.perp_neg(model, FIRST, SECOND, THIRD, 4.0, 1.5)
    assert denoised(guider, torch.tensor(14.0)) == 5.0
    assert network.calls == [(2, 4, 8, 8)]


def test_three_prompts_are_compared_on_the_same_crops() -> None:
    denoiser, network = prompt_denoiser()
    left = prompt(9.0, area=Area(0, 0, 64, 32))
    guider = PromptGuider.dual(denoiser, combine(FIRST, left), SECOND, THIRD, (4.0, 1.5))
    begun(guider)(torch.zeros(2, 4, 8, 8), LEVEL)
    assert network.calls == [(6, 4, 8, 8), (6, 4, 8, 4)]
