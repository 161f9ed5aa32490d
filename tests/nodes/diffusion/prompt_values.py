"""A network whose answer is known: it "sees" the first number of each prompt's embedding."""

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from nodes.diffusion.conditioning import Conditioning, ConditioningEntry
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guidance_formula import classifier_free
from nodes.diffusion.guidance_stage import Predictions
from nodes.diffusion.network import Hook, Network
from nodes.diffusion.noise_schedule import NoiseSchedule


class PromptValue:
    """Predicts, everywhere, the number that its prompt begins with; counts and records calls."""

    def __init__(self) -> None:
        self.config: Any = SimpleNamespace(cross_attention_dim=2, in_channels=4)
        self.calls: list[tuple[int, ...]] = []

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        /,
        *,
        encoder_hidden_states: Tensor,
        return_dict: bool,
    ) -> Any:
        assert not return_dict
        assert sample.shape[0] == timestep.shape[0] == encoder_hidden_states.shape[0]
        self.calls.append(tuple(sample.shape))
        return (encoder_hidden_states[:, 0, 0, None, None, None].expand_as(sample),)


def prompt_denoiser() -> tuple[Denoiser, PromptValue]:
    """One that denoises to what `PromptValue` sees, for latents [B, 4, h, w] of factor 8."""
    network = PromptValue()
    denoiser = Denoiser(
        network=Network(network),
        schedule=NoiseSchedule.stable_diffusion(),
        prediction="sample",
        latent_channels=4,
        latent_factor=8,
        device=torch.device("cpu"),
        dtype=torch.float32,
    )
    return denoiser, network


def prompt(value: float, *, tokens: int = 3, **limits: Any) -> Conditioning:
    """A prompt that `PromptValue` sees as `value`."""
    return Conditioning((ConditioningEntry(torch.full((1, tokens, 2), value), **limits),))


def random_latents(seed: int) -> Tensor:
    """Unit Gaussian latents [2, 4, 8, 6]."""
    return torch.randn(2, 4, 8, 6, generator=torch.Generator().manual_seed(seed))


def predictions(
    x: Tensor, sigma: Tensor, cond: Tensor, uncond: Tensor | None, scale: float
) -> Predictions:
    """What a stage is told at first, of a model whose prediction no hook changes."""

    def again(*_hooks: Hook) -> Tensor:
        return cond

    guided = cond if uncond is None else classifier_free(cond, uncond, scale)
    schedule = NoiseSchedule.stable_diffusion()
    return Predictions(x, sigma, cond, uncond, scale, guided, schedule, again)
