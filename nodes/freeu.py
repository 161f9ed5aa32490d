"""FreeU: a network's own features against its fine detail, as nodes that change a model."""

from typing import Annotated

from nodegraph import Range, node
from nodes.diffusion.freeu import FreeU
from nodes.types import Denoiser

__all__ = ["NODES", "freeu", "freeu_v2"]

Factor = Annotated[float, Range(0.0, 10.0, 0.01)]


@node(category="model/guidance", name="FreeU", outputs=("model",))
def freeu(
    model: Denoiser, b1: Factor = 1.1, b2: Factor = 1.2, s1: Factor = 0.9, s2: Factor = 0.2
) -> Denoiser:
    """Weigh what the network made of the picture against its fine detail (Si et al. 2023).

    Args:
        b1: strength of the deepest features of the network.
        b2: strength of the features of the stage after them.
        s1: how much of the coarse shapes comes along beside the deepest features.
        s2: the same for the stage after them.
    """
    return model.with_hooks(FreeU.of(model.network.module, (b1, b2), (s1, s2), adaptive=False))


@node(category="model/guidance", name="FreeU_V2", display_name="FreeU V2", outputs=("model",))
def freeu_v2(
    model: Denoiser, b1: Factor = 1.3, b2: Factor = 1.4, s1: Factor = 0.9, s2: Factor = 0.2
) -> Denoiser:
    """FreeU that strengthens features where they are strong already.

    Args:
        b1: strength of the deepest features of the network.
        b2: strength of the features of the stage after them.
        s1: how much of the coarse shapes comes along beside the deepest features.
        s2: the same for the stage after them.
    """
    return model.with_hooks(FreeU.of(model.network.module, (b1, b2), (s1, s2), adaptive=True))


NODES = (freeu, freeu_v2)
