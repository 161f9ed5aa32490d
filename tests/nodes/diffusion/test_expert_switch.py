"""Two models in one run, each at its levels."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from nodes.diffusion.conditioning import Conditioning, ConditioningEntry
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.expert_switch import ExpertSwitch
from nodes.diffusion.guidance_stage import Predictions, Stage
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.memory import DeviceMemory
from nodes.diffusion.network import Network
from nodes.diffusion.noise_schedule import FlowSchedule
from nodes.diffusion.preview import SD1_FIT, SDXL_FIT
from nodes.diffusion.samplers import SamplerChoice
from nodes.diffusion.sampling import sample
from tests.nodes.diffusion.prompt_values import PromptValue, prompt, prompt_denoiser
from tests.nodes.tiny import tiny_unet


class Named(PromptValue):
    """Notes its name in a list at every call."""

    def __init__(self, name: str, order: list[str]) -> None:
        super().__init__()
        self.name, self.order = name, order

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.order.append(self.name)
        return super().__call__(*given, **named)


def experts(order: list[str], scale: float = 3.0) -> tuple[PromptGuider, PromptGuider]:
    plain, _ = prompt_denoiser()
    high, low = (replace(plain, network=Network(Named(name, order))) for name in ("high", "low"))
    return (
        PromptGuider.cfg(high, prompt(5.0), prompt(1.0), 1.0),
        PromptGuider.cfg(low, prompt(7.0), prompt(1.0), scale),
    )


def test_each_expert_has_its_levels_and_they_never_alternate() -> None:
    order: list[str] = []
    guider = ExpertSwitch.between(*experts(order), 2.0)
    latent = torch.zeros(1, 4, 4, 4)
    result = sample(
        guider,
        latent,
        latent + 1,
        sampler=SamplerChoice("euler"),
        sigmas=torch.tensor([8.0, 4.0, 2.0, 1.0, 0.5, 0.0]),
        step_noise=lambda _sigma, _next: latent,
    )
    assert order == ["high"] * 3 + ["low"] * 2
    assert result.unique().tolist() == [1.0 + 3 * (7.0 - 1.0)]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(("sigma", "guided"), [(2.0, 5.0), (1.99, 19.0)])
def test_the_first_level_is_still_the_firsts(sigma: float, guided: float) -> None:
    guider = ExpertSwitch.between(*experts([]), 2.0)
    x = torch.zeros(1, 4, 4, 4)
    denoise = guider.begin(x, None, tick=lambda: None)
    assert float(denoise(x, torch.tensor(sigma)).mean()) == guided
    assert [float(each.mean()) for each in denoise.guided(x, torch.tensor(sigma))] == [guided, 1.0]


class Doubling(Stage):
    def apply(self, predictions: Predictions) -> torch.Tensor:
        return predictions.guided * 2


def test_each_expert_has_guidance_of_its_own() -> None:
    high, low = experts([], scale=1.0)
    changed = replace(low, model=low.model.with_stages(Doubling()))
    denoise = ExpertSwitch.between(high, changed, 2.0).begin(
        torch.zeros(1, 4, 4, 4), None, tick=lambda: None
    )
    found = [
        float(denoise(torch.zeros(1, 4, 4, 4), torch.tensor(sigma)).mean()) for sigma in (3.0, 1.0)
    ]
    assert found == [5.0, 14.0]


def test_a_switch_may_be_an_expert_of_another() -> None:
    order: list[str] = []
    high, low = experts(order)
    inner = ExpertSwitch.between(low, high, 1.0)
    guider = ExpertSwitch.between(high, inner, 2.0)
    denoise = guider.begin(torch.zeros(1, 4, 4, 4), None, tick=lambda: None)
    for sigma in (3.0, 1.5, 0.5):
        denoise(torch.zeros(1, 4, 4, 4), torch.tensor(sigma))
    assert order == ["high", "low", "high"]


def test_one_expert_at_a_time_is_on_the_device() -> None:
    """In a memory for one network and a half, each comes once and whole."""
    size = sum(4 * weight.numel() for weight in tiny_unet().parameters())
    memory = DeviceMemory(torch.device("cpu"), budget=size * 3 // 2)
    plain, _ = prompt_denoiser()
    networks = [Network(tiny_unet(), memory=memory) for _ in range(2)]
    told = Conditioning((ConditioningEntry(torch.ones(1, 3, 16)),))
    high, low = (PromptGuider.basic(replace(plain, network=network), told) for network in networks)
    denoise = ExpertSwitch.between(high, low, 2.0).begin(
        torch.zeros(1, 4, 8, 8), None, tick=lambda: None
    )
    here = []
    with torch.no_grad():
        for sigma in (8.0, 4.0, 2.0, 1.0, 0.5):
            denoise(torch.ones(1, 4, 8, 8), torch.tensor(sigma))
            here.append([(network.whole, network.held) for network in networks])
    assert here == [[(True, size), (False, 0)]] * 3 + [[(False, 0), (True, size)]] * 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"latent_channels": 16}, "of 4 and 16 channels"),
        ({"latent_factor": 4}, "of 8 and 4 pixels to a cell"),
        ({"preview": SDXL_FIT}, "latents of different autoencoders"),
        ({"schedule": FlowSchedule()}, "one of these models is of rectified flow"),
    ],
)
def test_models_of_other_latents_are_refused(change: dict[str, Any], message: str) -> None:
    high, low = experts([])
    high = replace(high, model=replace(high.model, preview=SD1_FIT))
    with pytest.raises(ShapeError, match=message):
        ExpertSwitch.between(high, replace(low, model=replace(low.model, **change)), 2.0)


@pytest.mark.parametrize("wrong", ["high", "low"])
def test_an_experts_trouble_is_told_with_its_place(wrong: str) -> None:
    high, low = experts([])
    foreign = Conditioning((ConditioningEntry(torch.zeros(1, 3, 7)),))
    guiders = {"high": high, "low": low}
    guiders[wrong] = replace(guiders[wrong], wanted=(foreign,))
    switch = ExpertSwitch.between(guiders["high"], guiders["low"], 2.0)
    with pytest.raises(ShapeError, match=rf"experts, {wrong}: the conditioning is 7 wide"):
        switch.begin(torch.zeros(1, 4, 4, 4), None, tick=lambda: None)
