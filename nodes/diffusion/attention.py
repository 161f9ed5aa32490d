"""How the attention of UNets is computed: by torch's fused kernels, or head by head."""

from __future__ import annotations

import os
from typing import Any

__all__ = ["ATTENTION", "WAYS", "choose_attention"]

ATTENTION = "NODEGRAPH_ATTENTION"
"""The variable with the way that the process was given."""
WAYS = ("auto", "sdpa", "sliced")


def choose_attention(unet: Any) -> None:
    """Have a UNet's attention computed as the process was told.

    "auto" and "sdpa" are torch's scaled_dot_product_attention, which picks the kernel itself and
    keeps no matrix of scores where one of its fused kernels fits. "sliced" computes one head of
    one latent at a time: slower, the same but for rounding, and of use where no such kernel is,
    since only one head's scores are in memory.
    """
    if os.environ.get(ATTENTION) == "sliced":
        unet.set_attention_slice("max")
