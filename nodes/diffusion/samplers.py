"""The samplers by the names that workflows use.

`SAMPLERS[name](denoise, x, sigmas, noise=..., callback=...)` carries `x` down the ladder `sigmas`;
`samplers_base` says what each of these is. Names ending in `_gpu` are kept for workflows that have
them: noise is drawn on the CPU in any case.

A `SamplerChoice` is one of them with options of its own.
"""

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from torch import Tensor

from nodes.diffusion.brownian import BrownianNoise
from nodes.diffusion.noise import NoiseSource
from nodes.diffusion.samplers_base import Callback, Denoise, GuidedDenoise, Noise, Sampler, StepInfo
from nodes.diffusion.samplers_cfg_pp import (
    sample_dpmpp_2m_cfg_pp,
    sample_dpmpp_2s_ancestral_cfg_pp,
    sample_euler_ancestral_cfg_pp,
    sample_euler_cfg_pp,
    sample_gradient_estimation_cfg_pp,
    sample_res_multistep_ancestral_cfg_pp,
    sample_res_multistep_cfg_pp,
)
from nodes.diffusion.samplers_ddpm import sample_consistency, sample_ddpm, sample_lcm
from nodes.diffusion.samplers_dpm import sample_dpmpp_2m, sample_dpmpp_2s_ancestral
from nodes.diffusion.samplers_dpm_adaptive import (
    sample_dpm_adaptive,
    sample_dpm_solver_12,
    sample_dpm_solver_23,
)
from nodes.diffusion.samplers_dpm_solver import (
    sample_dpm_fast,
    sample_dpm_solver_1,
    sample_dpm_solver_2,
    sample_dpm_solver_3,
)
from nodes.diffusion.samplers_er import sample_er_sde
from nodes.diffusion.samplers_euler import (
    sample_ddim,
    sample_dpm_2,
    sample_dpm_2_ancestral,
    sample_euler,
    sample_euler_ancestral,
    sample_heun,
    sample_heunpp2,
)
from nodes.diffusion.samplers_langevin import (
    sample_annealed_langevin,
    sample_euler_maruyama_ve,
    sample_euler_maruyama_vp,
    sample_pc_ve,
    sample_pc_vp,
)
from nodes.diffusion.samplers_multistep import (
    sample_deis,
    sample_gradient_estimation,
    sample_ipndm,
    sample_ipndm_v,
    sample_lms,
)
from nodes.diffusion.samplers_pndm import sample_pndm
from nodes.diffusion.samplers_res import sample_res_multistep, sample_res_multistep_ancestral
from nodes.diffusion.samplers_sa import sample_sa_solver, sample_sa_solver_pece
from nodes.diffusion.samplers_sde import (
    sample_dpmpp_2m_sde,
    sample_dpmpp_2m_sde_heun,
    sample_dpmpp_3m_sde,
    sample_dpmpp_sde,
    sample_seeds_2,
    sample_seeds_3,
)
from nodes.diffusion.samplers_unipc import sample_uni_pc, sample_uni_pc_bh2
from nodes.diffusion.suggest import pick

__all__ = [
    "ALONG_THE_ODE",
    "BROWNIAN",
    "SAMPLERS",
    "Callback",
    "Denoise",
    "GuidedDenoise",
    "Noise",
    "NoiseKind",
    "Sampler",
    "SamplerChoice",
    "SamplerOption",
    "StepInfo",
    "sampler_named",
]

SAMPLERS: dict[str, Sampler] = {
    "euler": sample_euler,
    "euler_cfg_pp": sample_euler_cfg_pp,
    "euler_ancestral": sample_euler_ancestral,
    "euler_ancestral_cfg_pp": sample_euler_ancestral_cfg_pp,
    "heun": sample_heun,
    "heunpp2": sample_heunpp2,
    "dpm_2": sample_dpm_2,
    "dpm_2_ancestral": sample_dpm_2_ancestral,
    "lms": sample_lms,
    "dpm_fast": sample_dpm_fast,
    "dpm_adaptive": sample_dpm_adaptive,
    "dpmpp_2s_ancestral": sample_dpmpp_2s_ancestral,
    "dpmpp_2s_ancestral_cfg_pp": sample_dpmpp_2s_ancestral_cfg_pp,
    "dpmpp_sde": sample_dpmpp_sde,
    "dpmpp_sde_gpu": sample_dpmpp_sde,
    "dpmpp_2m": sample_dpmpp_2m,
    "dpmpp_2m_cfg_pp": sample_dpmpp_2m_cfg_pp,
    "dpmpp_2m_sde": sample_dpmpp_2m_sde,
    "dpmpp_2m_sde_gpu": sample_dpmpp_2m_sde,
    "dpmpp_2m_sde_heun": sample_dpmpp_2m_sde_heun,
    "dpmpp_2m_sde_heun_gpu": sample_dpmpp_2m_sde_heun,
    "dpmpp_3m_sde": sample_dpmpp_3m_sde,
    "dpmpp_3m_sde_gpu": sample_dpmpp_3m_sde,
    "ddpm": sample_ddpm,
    "lcm": sample_lcm,
    "ipndm": sample_ipndm,
    "ipndm_v": sample_ipndm_v,
    "deis": sample_deis,
    "res_multistep": sample_res_multistep,
    "res_multistep_cfg_pp": sample_res_multistep_cfg_pp,
    "res_multistep_ancestral": sample_res_multistep_ancestral,
    "res_multistep_ancestral_cfg_pp": sample_res_multistep_ancestral_cfg_pp,
    "gradient_estimation": sample_gradient_estimation,
    "gradient_estimation_cfg_pp": sample_gradient_estimation_cfg_pp,
    "er_sde": sample_er_sde,
    "seeds_2": sample_seeds_2,
    "seeds_3": sample_seeds_3,
    "sa_solver": sample_sa_solver,
    "sa_solver_pece": sample_sa_solver_pece,
    "ddim": sample_ddim,
    "uni_pc": sample_uni_pc,
    "uni_pc_bh2": sample_uni_pc_bh2,
    "pndm": sample_pndm,
    "dpm_solver_1": sample_dpm_solver_1,
    "dpm_solver_2": sample_dpm_solver_2,
    "dpm_solver_3": sample_dpm_solver_3,
    "dpm_solver_12": sample_dpm_solver_12,
    "dpm_solver_23": sample_dpm_solver_23,
    "consistency": sample_consistency,
    "annealed_langevin": sample_annealed_langevin,
    "euler_maruyama_ve": sample_euler_maruyama_ve,
    "euler_maruyama_vp": sample_euler_maruyama_vp,
    "pc_ve": sample_pc_ve,
    "pc_vp": sample_pc_vp,
}


def sampler_named(name: str) -> Sampler:
    """The sampler of that name; ValueError naming the nearest where there is none."""
    return pick("sampler", name, SAMPLERS)


SamplerOption = float | int | bool | str | tuple[float, ...]
"""What a sampler can be given beside the run: `eta`, `order`, ..."""

NoiseKind = Literal["auto", "gaussian", "brownian"]
"""Draws after one another, or increments of one Brownian motion; `auto`: as is usual for it."""

BROWNIAN = frozenset(
    {
        "dpmpp_sde",
        "dpmpp_sde_gpu",
        "dpmpp_2m_sde",
        "dpmpp_2m_sde_gpu",
        "dpmpp_2m_sde_heun",
        "dpmpp_2m_sde_heun_gpu",
        "dpmpp_3m_sde",
        "dpmpp_3m_sde_gpu",
    }
)
"""The samplers whose noise is that of a Brownian motion in the field's workflows."""

ALONG_THE_ODE = frozenset(
    {
        "ddim",
        "deis",
        "dpm_2",
        "dpm_adaptive",
        "dpm_fast",
        "dpm_solver_1",
        "dpm_solver_12",
        "dpm_solver_2",
        "dpm_solver_23",
        "dpm_solver_3",
        "dpmpp_2m",
        "euler",
        "gradient_estimation",
        "heun",
        "heunpp2",
        "ipndm",
        "ipndm_v",
        "lms",
        "pndm",
        "res_multistep",
        "uni_pc",
        "uni_pc_bh2",
    }
)
"""The samplers that follow the probability-flow ODE, unless `eta` or `s_churn` has them stray."""

_GIVEN = frozenset({"denoise", "x", "sigmas", "noise", "callback"})


def _option_names(name: str) -> dict[str, None]:
    names = inspect.signature(sampler_named(name)).parameters
    return dict.fromkeys(names.keys() - _GIVEN)


@dataclass(frozen=True)
class SamplerChoice:
    """A sampler with options of its own; called as every sampler is.

    `options` are keyword arguments of the sampler's function, as (name, value); `of` takes them as
    such. `s_noise` is what all noise of the steps is multiplied with (a temperature), and
    `noise_kind` what kind of noise that is.

    Raises ValueError for an unknown sampler, option or kind of noise, naming the nearest, and for
    `s_noise` that is negative or not finite.
    """

    name: str
    options: tuple[tuple[str, SamplerOption], ...] = ()
    s_noise: float = 1.0
    noise_kind: NoiseKind = "auto"

    def __post_init__(self) -> None:
        known = _option_names(self.name)
        for option, _ in self.options:
            if not known:
                raise ValueError(f"sampler {self.name!r} has no options, got {option!r}")
            pick(f"option of sampler {self.name!r}", option, known)
        pick("kind of noise", self.noise_kind, dict.fromkeys(get_args(NoiseKind)))
        if not 0 <= self.s_noise < math.inf:
            raise ValueError(f"s_noise must be finite and at least 0, got {self.s_noise}")

    @classmethod
    def of(
        cls,
        name: str,
        *,
        s_noise: float = 1.0,
        noise_kind: NoiseKind = "auto",
        **options: SamplerOption,
    ) -> "SamplerChoice":
        """The sampler `name` with `options` by name."""
        return cls(name, tuple(sorted(options.items())), s_noise, noise_kind)

    @property
    def follows_ode(self) -> bool:
        """Whether it goes along the probability-flow ODE and nowhere else."""
        options = dict(self.options)
        strays = options.get("eta") or options.get("s_churn")
        return self.name in ALONG_THE_ODE and not strays

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

        def scaled(sigma: float, sigma_next: float) -> Tensor:
            return noise(sigma, sigma_next) * self.s_noise

        run = sampler_named(self.name)
        options: dict[str, Any] = dict(self.options)
        return run(
            denoise,
            x,
            sigmas,
            noise=noise if self.s_noise == 1.0 else scaled,
            callback=callback,
            **options,
        )

    def step_noise(
        self, seed: int, batch_index: Sequence[int] | None, shape: Sequence[int], sigmas: Tensor
    ) -> Noise:
        """The noise this sampler draws while it steps down `sigmas` with latents of `shape`.

        Seeded per picture, on the CPU in float32; see `NoiseSource` and `BrownianNoise`.
        """
        usual = "brownian" if self.name in BROWNIAN else "gaussian"
        if (usual if self.noise_kind == "auto" else self.noise_kind) == "brownian":
            return BrownianNoise(seed, batch_index, shape, sigmas)
        return NoiseSource(seed, batch_index, shape)
