"""How strongly, when and in what way the prompt is followed: each node changes a model."""

from typing import Annotated

from nodegraph import Range, node
from nodes.diffusion.guidance_interval import Interval
from nodes.diffusion.guidance_rescale import RescaleCfg
from nodes.diffusion.guidance_stage import Window
from nodes.types import Denoiser

__all__ = ["NODES", "cfg_interval", "rescale_cfg"]

Percent = Annotated[float, Range(0.0, 1.0, 0.001)]


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


NODES = (rescale_cfg, cfg_interval)
