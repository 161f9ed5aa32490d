"""Guiders: a model, or two, with prompts and the formula that makes one prediction of them."""

from typing import Annotated, Literal

from nodegraph import NodeError, Range, node
from nodes.diffusion.expert_switch import ExpertSwitch
from nodes.diffusion.guidance_formula import DualStyle
from nodes.diffusion.guider import PromptGuider
from nodes.sampling import Cfg
from nodes.types import Conditioning, Denoiser, Guider

__all__ = [
    "NODES",
    "basic_guider",
    "cfg_guider",
    "dual_cfg_guider",
    "expert_switch",
    "perp_neg_guider",
]


@node(category="sampling/custom/guider")
def basic_guider(model: Denoiser, conditioning: Conditioning) -> Guider:
    """Only what is wanted, without guidance: for models that need none, in half the time."""
    return PromptGuider.basic(model, conditioning)


@node(category="sampling/custom/guider", name="CFGGuider", display_name="CFG Guider")
def cfg_guider(
    model: Denoiser, positive: Conditioning, negative: Conditioning, cfg: Cfg = 8.0
) -> Guider:
    """Classifier-free guidance: away from one prompt, towards the other.

    Args:
        cfg: how strongly the prompt is followed; at 1 the negative prompt is not used.
    """
    return PromptGuider.cfg(model, positive, negative, cfg)


@node(category="sampling/custom/guider", name="DualCFGGuider", display_name="Dual CFG Guider")
def dual_cfg_guider(
    model: Denoiser,
    cond1: Conditioning,
    cond2: Conditioning,
    negative: Conditioning,
    cfg_conds: Cfg = 8.0,
    cfg_cond2_negative: Cfg = 8.0,
    style: DualStyle = "regular",
) -> Guider:
    """Guidance by two things at once, each with a strength of its own (InstructPix2Pix).

    Args:
        cond1: all that is wanted: for models that edit, the prompt with the picture.
        cond2: a part of it: the negative prompt with the picture.
        negative: neither of them.
        cfg_conds: how strongly cond1 is followed beyond cond2.
        cfg_cond2_negative: how strongly cond2 is followed.
        style: regular adds both up; nested strengthens by the second what the first gave.
    """
    scales = cfg_conds, cfg_cond2_negative
    return PromptGuider.dual(model, cond1, cond2, negative, scales, style)


@node(category="sampling/custom/guider", name="PerpNegGuider", display_name="Perp-Neg Guider")
def perp_neg_guider(
    model: Denoiser,
    positive: Conditioning,
    negative: Conditioning,
    empty_conditioning: Conditioning,
    cfg: Cfg = 8.0,
    neg_scale: Annotated[float, Range(0.0, 100.0, 0.01)] = 1.0,
) -> Guider:
    """Away from the negative prompt only where it is not the positive one (Armandpour 2023).

    Asks the network three times in each step.

    Args:
        empty_conditioning: that of no prompt: of an empty text.
        cfg: how strongly the prompts are followed.
        neg_scale: how strongly the negative one is; at 0 it is not used.
    """
    return PromptGuider.perp_neg(model, positive, negative, empty_conditioning, cfg, neg_scale)


@node(category="sampling/custom/guider", display_name="Switch of experts")
def expert_switch(
    high: Guider,
    low: Guider,
    switch_at: Annotated[float, Range(0.0, 10000.0, 0.001)] = 0.8,
    unit: Literal["percent", "sigma"] = "percent",
) -> Guider:
    """One model for the coarse shapes and another for the fine detail, in one run of a sampler.

    Made for SDXL and its refiner. Each has prompts and guidance of its own; the noise levels are
    those of the first.

    Args:
        high: what is in charge at first, at high levels of noise.
        low: what is in charge then.
        switch_at: from where: a part of the way of the first model (percent: 0 is noise, 1 the
            finished picture), or the last level of noise that is still the first's (sigma).
        unit: what switch_at is.

    Raises:
        NodeError: for a part of the way above 1.
        ValueError: for models that do not make the same latents.
    """
    if unit == "sigma":
        return ExpertSwitch.between(high, low, switch_at)
    if switch_at > 1:
        raise NodeError(
            f"switch_at is a part of the way (unit: percent) and must be in 0..1; got "
            f"{switch_at:g}; nearest: 1, or choose the unit sigma"
        )
    return ExpertSwitch.between(high, low, high.model.schedule.sigma_at(switch_at))


NODES = (basic_guider, cfg_guider, dual_cfg_guider, perp_neg_guider, expert_switch)
