"""How strongly, when and in what way the prompt is followed: each node changes a model."""

from typing import Annotated, Literal

from nodegraph import Range, node
from nodes.diffusion.guidance_attention import (
    IdentityAttention,
    SkippedLayers,
    Weakened,
    check_middle,
)
from nodes.diffusion.guidance_interval import Interval
from nodes.diffusion.guidance_projected import Projected
from nodes.diffusion.guidance_rescale import RescaleCfg
from nodes.diffusion.guidance_self_attention import SelfAttention
from nodes.diffusion.guidance_stage import Window
from nodes.diffusion.guidance_threshold import Mimic, Threshold
from nodes.types import Denoiser

__all__ = [
    "NODES",
    "apg",
    "cfg_interval",
    "dynamic_thresholding",
    "dynamic_thresholding_simple",
    "perturbed_attention_guidance",
    "rescale_cfg",
    "self_attention_guidance",
    "skip_layer_guidance",
]

Percent = Annotated[float, Range(0.0, 1.0, 0.001)]
Strength = Annotated[float, Range(0.0, 100.0, 0.01)]


@node(category="model/guidance", name="RescaleCFG", display_name="Rescale CFG", outputs=("model",))
def rescale_cfg(
    model: Denoiser, multiplier: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.7
) -> Denoiser:
    """Keep strong guidance from overexposing the picture (Lin et al. 2023).

    Args:
        multiplier: how much of the excess contrast is taken back: 0 is none, 1 all.
    """
    return model.with_stages(RescaleCfg(multiplier))


@node(
    category="model/guidance",
    name="CFGInterval",
    display_name="CFG in an interval",
    outputs=("model",),
)
def cfg_interval(
    model: Denoiser, start_percent: Percent = 0.2, end_percent: Percent = 0.8
) -> Denoiser:
    """Guide only in a part of the way from noise to picture (Kynkäänniemi et al. 2024).

    Elsewhere the negative prompt is not used, which saves half of the time there.

    Args:
        start_percent: where guidance begins; 0 is noise.
        end_percent: where it ends; 1 is the finished picture.

    Raises:
        ValueError: if the end is before the start.
    """
    return model.with_stages(Interval(Window(start_percent, end_percent)))


@node(category="model/guidance", name="PerturbedAttentionGuidance", outputs=("model",))
def perturbed_attention_guidance(model: Denoiser, scale: Strength = 3.0) -> Denoiser:
    """Guide away from what the model says with its attention broken (Ahn et al. 2024).

    Gives the picture more structure, with or without a prompt. Costs one more call of the network
    in each step.

    Args:
        scale: how strongly; 0 is not at all.

    Raises:
        ValueError: for a model without attention in the middle of its network.
    """
    check_middle(model.network.module)
    return model.with_stages(Weakened(IdentityAttention(), scale))


@node(category="model/guidance", name="SkipLayerGuidance", outputs=("model",))
def skip_layer_guidance(
    model: Denoiser,
    layers: str = "middle",
    scale: Strength = 3.0,
    start_percent: Percent = 0.01,
    end_percent: Percent = 0.5,
    rescaling_scale: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.0,
) -> Denoiser:
    """Guide away from what the model says with some of its layers left out.

    Costs one more call of the network in each step.

    Args:
        layers: which transformer blocks of the network, with commas: down 0, middle, up 1, ...
        scale: how strongly; 0 is not at all.
        start_percent: where guidance begins; 0 is noise.
        end_percent: where it ends; 1 is the finished picture.
        rescaling_scale: how much of the excess contrast is taken back: 0 is none, 1 all.

    Raises:
        ValueError: for layers that the model does not have, or an end before the start.
    """
    window = Window(start_percent, end_percent)
    hook = SkippedLayers.named(layers, model.network.module)
    return model.with_stages(Weakened(hook, scale, window, rescaling_scale))


@node(category="model/guidance", name="SelfAttentionGuidance", outputs=("model",))
def self_attention_guidance(
    model: Denoiser,
    scale: Annotated[float, Range(-2.0, 5.0, 0.01)] = 0.5,
    blur_sigma: Annotated[float, Range(0.0, 10.0, 0.1)] = 2.0,
) -> Denoiser:
    """Guide away from the picture with what the model looks at blurred (Hong et al. 2023).

    Gives the picture finer detail. Costs two more calls of the network in each step.

    Args:
        scale: how strongly; 0 is not at all.
        blur_sigma: how much is blurred, in cells of the latent; 0 is nothing.

    Raises:
        ValueError: for a model without attention in the middle of its network.
    """
    check_middle(model.network.module)
    return model.with_stages(SelfAttention(scale, blur_sigma))


@node(category="model/guidance", name="APG", display_name="Projected guidance", outputs=("model",))
def apg(
    model: Denoiser,
    eta: Annotated[float, Range(-10.0, 10.0, 0.01)] = 1.0,
    norm_threshold: Annotated[float, Range(0.0, 50.0, 0.1)] = 5.0,
    momentum: Annotated[float, Range(-5.0, 1.0, 0.01)] = 0.0,
    weight: Literal["cfg", "cfg - 1"] = "cfg",
) -> Denoiser:
    """Strong guidance without its saturated colours (adaptive projected guidance, Sadat 2024).

    Args:
        eta: how much is left of the part that only saturates; 1 is all of it, 0 none.
        norm_threshold: how long the difference that the prompt makes may be; 0 is no limit.
        momentum: how much of the differences of earlier steps is added; below 0 it is taken away.
        weight: what the difference is multiplied with: cfg, as in the workflows of other programs,
            or one less, as in the paper: then with eta 1, no limit and no momentum nothing changes.
    """
    return model.with_stages(Projected(eta, norm_threshold, momentum, weight == "cfg - 1"))


@node(category="model/guidance", name="DynamicThresholding", outputs=("model",))
def dynamic_thresholding(
    model: Denoiser,
    percentile: Percent = 0.995,
    floor: Annotated[float, Range(0.01, 10.0, 0.01)] = 1.0,
) -> Denoiser:
    """Squeeze values that are too large back into a range (Saharia et al. 2022).

    Args:
        percentile: the share of the values that is not clipped.
        floor: the range that the values of a picture have, where nothing is changed.
    """
    return model.with_stages(Threshold(percentile, floor))


@node(category="model/guidance", name="DynamicThresholdingSimple", outputs=("model",))
def dynamic_thresholding_simple(
    model: Denoiser, mimic_scale: Strength = 7.0, threshold_percentile: Percent = 1.0
) -> Denoiser:
    """Strong guidance with the contrast that a weaker one has.

    Args:
        mimic_scale: the cfg whose contrast the picture shall have.
        threshold_percentile: the share of the values that is not clipped.
    """
    return model.with_stages(Mimic(mimic_scale, threshold_percentile))


NODES = (
    rescale_cfg,
    cfg_interval,
    perturbed_attention_guidance,
    skip_layer_guidance,
    self_attention_guidance,
    apg,
    dynamic_thresholding,
    dynamic_thresholding_simple,
)
