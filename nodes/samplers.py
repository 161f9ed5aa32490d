"""Samplers with their options, to be given to the nodes that sample from parts."""

from typing import Annotated, Literal

from nodegraph import Range, Seed, node
from nodes.types import NoiseChoice, SamplerChoice

__all__ = ["NODES"]

Share = Annotated[float, Range(0.0, 100.0, 0.01)]
Scale = Annotated[float, Range(0.0, 100.0, 0.01)]
Coefficient = Annotated[float, Range(0.0, 100.0, 0.01)]
NoiseDevice = Literal["gpu", "cpu"]
CATEGORY = "sampling/custom/samplers"


@node(category=CATEGORY, outputs=("sampler",))
def sampler_euler_ancestral(eta: Share = 1.0, s_noise: Scale = 1.0) -> SamplerChoice:
    """Euler steps that add noise anew.

    Args:
        eta: the share of the noise that is drawn anew; 0 for none.
        s_noise: what that noise is multiplied with.
    """
    return SamplerChoice.of("euler_ancestral", eta=eta, s_noise=s_noise)


@node(
    category=CATEGORY,
    name="SamplerEulerAncestralCFGPP",
    display_name="Sampler Euler Ancestral CFG++",
    outputs=("sampler",),
)
def sampler_euler_ancestral_cfg_pp(
    eta: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0,
    s_noise: Annotated[float, Range(0.0, 10.0, 0.01)] = 1.0,
) -> SamplerChoice:
    """Euler steps along the unconditional prediction, which add noise anew; for a low cfg.

    Args:
        eta: the share of the noise that is drawn anew; 0 for none.
        s_noise: what that noise is multiplied with.
    """
    return SamplerChoice.of("euler_ancestral_cfg_pp", eta=eta, s_noise=s_noise)


@node(
    category=CATEGORY,
    name="SamplerDPMPP_2S_Ancestral",
    display_name="Sampler DPM++ 2S Ancestral",
    outputs=("sampler",),
)
def sampler_dpmpp_2s_ancestral(eta: Share = 1.0, s_noise: Scale = 1.0) -> SamplerChoice:
    """DPM-Solver++ of order 2 in one step, which adds noise anew.

    Args:
        eta: the share of the noise that is drawn anew; 0 for none.
        s_noise: what that noise is multiplied with.
    """
    return SamplerChoice.of("dpmpp_2s_ancestral", eta=eta, s_noise=s_noise)


@node(
    category=CATEGORY,
    name="SamplerDPMPP_SDE",
    display_name="Sampler DPM++ SDE",
    outputs=("sampler",),
)
def sampler_dpmpp_sde(
    eta: Share = 1.0,
    s_noise: Scale = 1.0,
    r: Annotated[float, Range(0.01, 100.0, 0.01)] = 0.5,
    noise_device: NoiseDevice = "gpu",
) -> SamplerChoice:
    """DPM-Solver++ on the SDE with a middle point: two calls a step.

    Args:
        eta: the share of noise; 0 for none.
        s_noise: what that noise is multiplied with.
        r: where in the step the middle lies.
        noise_device: as known workflows have it; noise is drawn on the CPU in any case.
    """
    return SamplerChoice.of("dpmpp_sde", eta=eta, s_noise=s_noise, r=r)


@node(
    category=CATEGORY,
    name="SamplerDPMPP_2M_SDE",
    display_name="Sampler DPM++ 2M SDE",
    outputs=("sampler",),
)
def sampler_dpmpp_2m_sde(
    solver_type: Literal["midpoint", "heun"] = "midpoint",
    eta: Share = 1.0,
    s_noise: Scale = 1.0,
    noise_device: NoiseDevice = "gpu",
) -> SamplerChoice:
    """DPM-Solver++ on the SDE, which looks one step back.

    Args:
        solver_type: how the change since the step before is weighted.
        eta: the share of noise; 0 for none.
        s_noise: what that noise is multiplied with.
        noise_device: as known workflows have it; noise is drawn on the CPU in any case.
    """
    name = "dpmpp_2m_sde" if solver_type == "midpoint" else "dpmpp_2m_sde_heun"
    return SamplerChoice.of(name, eta=eta, s_noise=s_noise)


@node(
    category=CATEGORY,
    name="SamplerDPMPP_3M_SDE",
    display_name="Sampler DPM++ 3M SDE",
    outputs=("sampler",),
)
def sampler_dpmpp_3m_sde(
    eta: Share = 1.0, s_noise: Scale = 1.0, noise_device: NoiseDevice = "gpu"
) -> SamplerChoice:
    """DPM-Solver++ on the SDE, which looks two steps back.

    Args:
        eta: the share of noise; 0 for none.
        s_noise: what that noise is multiplied with.
        noise_device: as known workflows have it; noise is drawn on the CPU in any case.
    """
    return SamplerChoice.of("dpmpp_3m_sde", eta=eta, s_noise=s_noise)


@node(category=CATEGORY, name="SamplerLMS", display_name="Sampler LMS", outputs=("sampler",))
def sampler_lms(order: Annotated[int, Range(1, 100)] = 4) -> SamplerChoice:
    """A linear multistep method.

    Args:
        order: how many steps it looks at.
    """
    return SamplerChoice.of("lms", order=order)


@node(
    category=CATEGORY,
    name="SamplerDPMAdaptative",
    display_name="Sampler DPM Adaptive",
    outputs=("sampler",),
)
def sampler_dpm_adaptive(
    order: Annotated[int, Range(2, 3)] = 3,
    rtol: Coefficient = 0.05,
    atol: Coefficient = 0.0078,
    h_init: Annotated[float, Range(0.0001, 100.0, 0.01)] = 0.05,
    pcoeff: Coefficient = 0.0,
    icoeff: Coefficient = 1.0,
    dcoeff: Coefficient = 0.0,
    accept_safety: Coefficient = 0.81,
    eta: Coefficient = 0.0,
    s_noise: Coefficient = 1.0,
) -> SamplerChoice:
    """DPM-Solver that chooses its own steps between the ends of the ladder.

    Args:
        order: of the solver.
        rtol: how large an error may be, relative to the picture.
        atol: how large an error may always be.
        h_init: the first step, in the logarithm of the noise level.
        pcoeff: weight of the error in choosing the next step.
        icoeff: weight of its sum.
        dcoeff: weight of its change.
        accept_safety: a step that would have to be shortened below this share is taken again.
        eta: the share of noise; 0 for none.
        s_noise: what that noise is multiplied with.
    """
    return SamplerChoice.of(
        "dpm_adaptive",
        order=order,
        rtol=rtol,
        atol=atol,
        h_init=h_init,
        pcoeff=pcoeff,
        icoeff=icoeff,
        dcoeff=dcoeff,
        accept_safety=accept_safety,
        eta=eta,
        s_noise=s_noise,
    )


_ER_KINDS = {"ER-SDE": "er_sde", "Reverse-time SDE": "reverse_sde", "ODE": "ode"}


@node(category=CATEGORY, name="SamplerER_SDE", display_name="Sampler ER-SDE", outputs=("sampler",))
def sampler_er_sde(
    solver_type: Literal["ER-SDE", "Reverse-time SDE", "ODE"] = "ER-SDE",
    max_stage: Annotated[int, Range(1, 3)] = 3,
    eta: Share = 1.0,
    s_noise: Scale = 1.0,
) -> SamplerChoice:
    """Extended reverse-time SDE solver.

    Args:
        solver_type: what noise it adds: its own, that of the reverse-time SDE, or none.
        max_stage: its order.
        eta: the share of the reverse-time SDE's noise; 0 for none.
        s_noise: what the noise is multiplied with.
    """
    kind = "ode" if eta == 0 and solver_type != "ER-SDE" else _ER_KINDS[solver_type]
    return SamplerChoice.of("er_sde", kind=kind, stages=max_stage, eta=eta, s_noise=s_noise)


@node(category=CATEGORY, name="SamplerDDIM", display_name="Sampler DDIM", outputs=("sampler",))
def sampler_ddim(eta: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.0) -> SamplerChoice:
    """DDIM, with a share of the noise of DDPM.

    Args:
        eta: that share; 0 for none.
    """
    return SamplerChoice.of("ddim", eta=eta)


@node(category=CATEGORY, name="SamplerDDPM", display_name="Sampler DDPM", outputs=("sampler",))
def sampler_ddpm(
    variance: Literal["small", "large", "learned"] = "small", s_noise: Scale = 1.0
) -> SamplerChoice:
    """Ancestral sampling of DDPM.

    Args:
        variance: of the noise of a step: the posterior's, the forward process's, or one in between
            that the model tells, if it was trained to.
        s_noise: what the noise is multiplied with.
    """
    return SamplerChoice.of("ddpm", variance=variance, s_noise=s_noise)


@node(
    category=CATEGORY, name="SamplerChurn", display_name="Sampler with churn", outputs=("sampler",)
)
def sampler_churn(
    sampler_name: Literal["euler", "heun"] = "heun",
    s_churn: Annotated[float, Range(0.0, 1000.0, 0.1)] = 0.0,
    s_tmin: Annotated[float, Range(0.0, 10000.0, 0.01)] = 0.0,
    s_tmax: Annotated[float, Range(0.0, 10000.0, 0.01)] = 10000.0,
    s_noise: Scale = 1.0,
) -> SamplerChoice:
    """The stochastic sampler of Karras et al.: noise is added before every step.

    Args:
        s_churn: how much, over all steps.
        s_tmin: no noise below this level.
        s_tmax: no noise above this level.
        s_noise: what the noise is multiplied with.
    """
    return SamplerChoice.of(
        sampler_name, s_churn=s_churn, s_tmin=s_tmin, s_tmax=s_tmax, s_noise=s_noise
    )


@node(
    category=CATEGORY,
    name="SamplerLangevin",
    display_name="Sampler annealed Langevin",
    outputs=("sampler",),
)
def sampler_langevin(
    repeats: Annotated[int, Range(1, 1000)] = 5,
    step: Annotated[float, Range(0.001, 1.9, 0.01)] = 0.2,
    s_noise: Scale = 1.0,
) -> SamplerChoice:
    """Annealed Langevin dynamics: many small noisy steps at every level.

    Args:
        repeats: steps at every level.
        step: their size, in squares of the level.
        s_noise: what the noise is multiplied with.
    """
    return SamplerChoice.of("annealed_langevin", repeats=repeats, step=step, s_noise=s_noise)


@node(
    category=CATEGORY,
    name="SamplerPredictorCorrector",
    display_name="Sampler predictor-corrector",
    outputs=("sampler",),
)
def sampler_predictor_corrector(
    sde: Literal["VE", "VP"] = "VE",
    corrections: Annotated[int, Range(0, 100)] = 1,
    snr: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.16,
    s_noise: Scale = 1.0,
) -> SamplerChoice:
    """A step of the reverse SDE, then Langevin steps at the level it reached.

    Args:
        sde: variance-exploding or variance-preserving.
        corrections: Langevin steps after every step.
        snr: how strong their drift is against their noise.
        s_noise: what the noise is multiplied with.
    """
    name = "pc_ve" if sde == "VE" else "pc_vp"
    return SamplerChoice.of(name, corrections=corrections, snr=snr, s_noise=s_noise)


@node(category="sampling/custom/noise", outputs=("noise",))
def random_noise_variation(
    noise_seed: Annotated[int, Seed()] = 0,
    variation_seed: Annotated[int, Seed()] = 0,
    variation_strength: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.0,
    temperature: Annotated[float, Range(0.0, 10.0, 0.01)] = 1.0,
) -> NoiseChoice:
    """Noise to begin from, on the way from one seed's to another's.

    Args:
        noise_seed: of the noise that is varied, and of what samplers draw while they step.
        variation_seed: of the noise it is varied towards.
        variation_strength: how far; a little gives a picture much like the first.
        temperature: what the noise is multiplied with.
    """
    return NoiseChoice(noise_seed, temperature, variation_seed, variation_strength)


NODES = (
    sampler_euler_ancestral,
    sampler_euler_ancestral_cfg_pp,
    sampler_dpmpp_2s_ancestral,
    sampler_dpmpp_sde,
    sampler_dpmpp_2m_sde,
    sampler_dpmpp_3m_sde,
    sampler_lms,
    sampler_dpm_adaptive,
    sampler_er_sde,
    sampler_ddim,
    sampler_ddpm,
    sampler_churn,
    sampler_langevin,
    sampler_predictor_corrector,
    random_noise_variation,
)
