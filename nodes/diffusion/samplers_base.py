"""What every sampler shares: the types it works with, and the walk down a ladder.

Notation, as in Karras et al. 2022: a noisy sample is x = x₀ + σ ε; D(x, σ) is the denoised sample,
the network's guess of x₀; the probability-flow ODE is dx/dσ = (x - D(x, σ)) / σ. With λ = -log σ it
is dx/dλ = D - x, whose linear part the exponential integrators (DPM-Solver and its kin) solve
exactly.

Flow models, x = (1 - σ) x₀ + σ ε, have the same ODE in σ, so the deterministic samplers serve them
as they are; the noise of the stochastic ones is that of x₀ + σ ε.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, runtime_checkable

from torch import Tensor

__all__ = [
    "NO_VARIANCE",
    "Callback",
    "Denoise",
    "GuidedDenoise",
    "Noise",
    "Run",
    "RunDenoise",
    "Sampler",
    "StepInfo",
    "VarianceDenoise",
    "ancestral_split",
    "churned",
    "h_phi_1",
    "h_phi_2",
    "h_phi_3",
    "log_level",
    "slope",
]

Denoise = Callable[[Tensor, Tensor], Tensor]
"""denoise(x, sigma) -> denoised like x; `sigma` is a 0-d tensor, on the device of the ladder."""

Noise = Callable[[float, float], Tensor]
"""noise(sigma, sigma_next) -> unit Gaussian noise like x for the interval sigma > sigma_next.

Langevin dynamics asks for noise within a level, sigma == sigma_next, each time anew.
"""


@runtime_checkable
class GuidedDenoise(Protocol):
    """A denoiser that also tells the unconditional prediction, as `_cfg_pp` samplers need."""

    def __call__(self, x: Tensor, sigma: Tensor, /) -> Tensor:
        """Denoised, like x."""
        ...

    def guided(self, x: Tensor, sigma: Tensor, /) -> tuple[Tensor, Tensor]:
        """Denoised with guidance and unconditionally, each like x."""
        ...


@runtime_checkable
class VarianceDenoise(Protocol):
    """A denoiser whose network also says how much noise a step of DDPM is to add."""

    def with_variance(self, x: Tensor, sigma: Tensor, /) -> tuple[Tensor, Tensor]:
        """Denoised, and the share v in 0..1 from the variance β̃ to β, each like x."""
        ...


class RunDenoise(GuidedDenoise, VarianceDenoise, Protocol):
    """What a run denoises with: it tells all, or says that its network does not."""


NO_VARIANCE = (
    "the variance 'learned' needs a network that was trained to tell it, with twice as many "
    "channels going out as the latent has; nearest: 'small' or 'large'"
)
"""What is said where a `VarianceDenoise` is asked for and there is none."""


@dataclass(frozen=True, eq=False)
class StepInfo:
    """Told to the callback when the network was called at a level of the ladder.

    `index` counts from 0 to `total` - 1; `x` and `denoised` are the sample at level `sigma` and
    its denoised version, shaped like the latent; not to be written to.
    """

    index: int
    total: int
    sigma: float
    x: Tensor
    denoised: Tensor


Callback = Callable[[StepInfo], None]


class Sampler(Protocol):
    """Carries `x` from level sigmas[0] down to sigmas[-1].

    `x` is [B, ...] at level sigmas[0]; `sigmas` [n + 1] falls, and its last level may be 0. Returns
    the sample at sigmas[-1], like `x`; `x` itself is not written to. `noise` is the only source of
    randomness.
    """

    def __call__(
        self,
        denoise: Denoise,
        x: Tensor,
        sigmas: Tensor,
        /,
        *,
        noise: Noise,
        callback: Callback | None = None,
    ) -> Tensor:
        """The sample at sigmas[-1]."""
        ...


class Run:
    """A walk down `sigmas`: levels as floats, so that no step waits for the device.

    Iterating gives (index, sigma, sigma_next) for each step.
    """

    def __init__(self, denoise: Denoise, sigmas: Tensor, callback: Callback | None = None) -> None:
        if sigmas.ndim != 1 or len(sigmas) < 2:
            raise ValueError(f"sigmas must be [n + 1] with n >= 1, got {list(sigmas.shape)}")
        self._denoise = denoise
        self._sigmas = sigmas
        self._callback = callback
        self.levels: list[float] = sigmas.tolist()

    def __iter__(self) -> Iterator[tuple[int, float, float]]:
        for index, (sigma, sigma_next) in enumerate(pairwise(self.levels)):
            yield index, sigma, sigma_next

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """D(x, σ)."""
        return self._denoise(x, self._sigmas.new_tensor(sigma))

    def at(self, index: int, x: Tensor) -> Tensor:
        """D(x, σ) at the ladder's level `index`; tells the callback."""
        denoised = self(x, self.levels[index])
        self.tell(index, x, denoised)
        return denoised

    def guided(self, index: int, x: Tensor) -> tuple[Tensor, Tensor]:
        """D(x, σ) and the unconditional prediction at level `index`; tells the callback."""
        denoised, uncond = self.guided_at(x, self.levels[index])
        self.tell(index, x, denoised)
        return denoised, uncond

    def guided_at(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """D(x, σ) and the unconditional prediction.

        Raises ValueError where the denoiser cannot tell the latter.
        """
        if not isinstance(self._denoise, GuidedDenoise):
            raise ValueError(
                "this sampler (cfg_pp) needs a denoiser with classifier-free guidance, whose "
                "unconditional prediction it steps along"
            )
        return self._denoise.guided(x, self._sigmas.new_tensor(sigma))

    def with_variance(self, index: int, x: Tensor) -> tuple[Tensor, Tensor]:
        """D(x, σ) and the share of the larger variance at level `index`; tells the callback.

        Raises ValueError where the denoiser cannot tell the latter.
        """
        if not isinstance(self._denoise, VarianceDenoise):
            raise ValueError(NO_VARIANCE)
        level = self._sigmas.new_tensor(self.levels[index])
        denoised, share = self._denoise.with_variance(x, level)
        self.tell(index, x, denoised)
        return denoised, share

    def tell(self, index: int, x: Tensor, denoised: Tensor) -> None:
        """Calls the callback, if any, for the level `index`."""
        if self._callback is not None:
            total = len(self.levels) - 1
            self._callback(StepInfo(index, total, self.levels[index], x, denoised))


def slope(x: Tensor, denoised: Tensor, sigma: float) -> Tensor:
    """dx/dσ of the probability-flow ODE: Karras et al. 2022 (arXiv 2206.00364), equation 3."""
    return (x - denoised) / sigma


def ancestral_split(sigma: float, sigma_next: float, eta: float = 1.0) -> tuple[float, float]:
    """Level to step down to, and noise to add then, so that σ_down² + σ_up² = σ_next².

    σ_up is `eta` times the standard deviation of the ancestral posterior q(x_next | x, x₀).
    """
    posterior = sigma_next * math.sqrt(max(sigma**2 - sigma_next**2, 0.0)) / sigma
    up = min(sigma_next, eta * posterior)
    return math.sqrt(sigma_next**2 - up**2), up


def churned(
    run: Run, index: int, x: Tensor, noise: Noise, churn: float, low: float, high: float
) -> tuple[Tensor, float, Tensor]:
    """x with noise added at the ladder's level `index`, the level it then has, and D there.

    Karras et al. 2022 (arXiv 2206.00364), algorithm 2: a level σ in `low`..`high` is raised to
    σ (1 + γ) with γ = min(churn / steps, √2 - 1). Tells the callback.
    """
    sigma = run.levels[index]
    if churn <= 0 or not low <= sigma <= high:
        return x, sigma, run.at(index, x)
    raised = sigma * (1 + min(churn / (len(run.levels) - 1), math.sqrt(2) - 1))
    x = x + noise(raised, sigma) * math.sqrt(raised**2 - sigma**2)
    denoised = run(x, raised)
    run.tell(index, x, denoised)
    return x, raised, denoised


def log_level(sigma: float) -> float:
    """λ = -log σ, half the logarithm of the signal-to-noise ratio; infinite at 0."""
    return -math.log(sigma) if sigma > 0 else math.inf


def h_phi_1(h: float) -> float:
    """h φ₁(-h) = 1 - e^{-h}: the weight of a constant D over a step of length h in λ."""
    return -math.expm1(-h)


def h_phi_2(h: float) -> float:
    """h φ₂(-h) = 1 - φ₁(-h): the weight of D's growth, where it grows linearly over the step."""
    return 1.0 - h_phi_1(h) / h


def h_phi_3(h: float) -> float:
    """h φ₃(-h) = 1/2 - φ₂(-h): the weight of D's second difference over the step."""
    return 0.5 - h_phi_2(h) / h
