"""UNets in the original key layout (latent-diffusion, SGM): their structure, and their names.

The layout is that of `openaimodel.py` of Rombach et al. 2022, "High-Resolution Image Synthesis
with Latent Diffusion Models"; what is made of it is diffusers' UNet2DConditionModel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodes.diffusion.stored import StoredTensor

__all__ = ["LdmUnet", "ldm_unet_key", "read_ldm_unet"]

Tensors = Mapping[str, StoredTensor]

TOPS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "class_embedding": "label_emb",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
MIDDLE = {"resnets.0": 0, "attentions.0": 1, "resnets.1": 2}
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
BLOCK = re.compile(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)")
MID = re.compile(r"mid_block\.(\w+\.\d+)\.(.+)")


@dataclass(frozen=True)
class LdmUnet:
    """The structure of a UNet as its tensors' shapes tell it.

    Attributes:
        channels: of each level, the finest first.
        depths: transformer blocks after each residual block of a level; 0 where there are none.
        middle: transformer blocks in the middle.
        layers: residual blocks per level.
        context: the width of the embeddings it reads.
        linear: whether attention begins and ends with a linear map rather than a convolution.
        crossed: for each level, whether its self-attention reads the prompt, too.
        vector: the width of the vector it reads beside the time (SDXL), 0 if none.
        classes: how many noise levels of a picture beside it knows (the x4 upscaler), 0 if none.
    """

    inputs: int
    outputs: int
    channels: tuple[int, ...]
    depths: tuple[int, ...]
    middle: int
    layers: int
    context: int
    linear: bool
    crossed: tuple[bool, ...]
    vector: int
    classes: int

    def config(self, *, heads: int | None, **more: Any) -> dict[str, Any]:
        """What UNet2DConditionModel is made of: `heads` each, or with None as many of 64 each."""
        attended = [depth > 0 for depth in self.depths]
        down = ["CrossAttnDownBlock2D" if here else "DownBlock2D" for here in attended]
        up = ["CrossAttnUpBlock2D" if here else "UpBlock2D" for here in reversed(attended)]
        vector = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": self.vector,
        }
        return {
            "in_channels": self.inputs,
            "out_channels": self.outputs,
            "block_out_channels": self.channels,
            "layers_per_block": self.layers,
            "down_block_types": tuple(down),
            "up_block_types": tuple(up),
            # The last one is the middle's, too.
            "transformer_layers_per_block": (
                *(max(depth, 1) for depth in self.depths[:-1]),
                max(self.depths[-1], self.middle, 1),
            ),
            "cross_attention_dim": self.context,
            "use_linear_projection": self.linear,
            "only_cross_attention": any(self.crossed) and self.crossed,
            "num_class_embeds": self.classes or None,
            # diffusers means the number of heads by this name.
            "attention_head_dim": heads or tuple(width // 64 for width in self.channels),
            **(vector if self.vector else {}),
            **more,
        }


def read_ldm_unet(tensors: Tensors) -> LdmUnet | None:
    """The structure of the UNet with these tensors (without prefix); None if it is none."""
    first, last = tensors.get("input_blocks.0.0.weight"), tensors.get("out.2.weight")
    if first is None or last is None or len(first.shape) != 4:
        return None
    levels = _levels(tensors)
    seen = [level for level in levels if level]
    if not seen or len({len(level) for level in seen}) != 1:
        return None
    attentions = [f"input_blocks.{index}.1" for level in seen for index, _ in level]
    readers = [f"{a}.transformer_blocks.0.attn2.to_k.weight" for a in attentions]
    projections = [tensors[key] for a in attentions if (key := f"{a}.proj_in.weight") in tensors]
    label = tensors.get("label_emb.weight")
    return LdmUnet(
        inputs=first.shape[1],
        outputs=last.shape[0],
        channels=tuple(level[-1][1] for level in seen),
        depths=tuple(_depth(tensors, f"input_blocks.{level[-1][0]}.1") for level in seen),
        middle=_depth(tensors, "middle_block.1"),
        layers=len(seen[0]),
        context=_side(tensors, 1, *readers),
        linear=bool(projections) and len(projections[0].shape) == 2,
        crossed=tuple(_crossed(tensors, f"input_blocks.{level[-1][0]}.1") for level in seen),
        vector=_side(tensors, 1, "label_emb.0.0.weight"),
        classes=label.shape[0] if label is not None else 0,
    )


def ldm_unet_key(name: str, unet: LdmUnet) -> str:
    """The original name of a tensor of UNet2DConditionModel; itself if there is none."""
    if match := BLOCK.fullmatch(name):
        side, level, kind, index, rest = match.groups()
        return _block_key(side, int(level), kind, int(index), rest, unet)
    if match := MID.fullmatch(name):
        part, rest = match.groups()
        return f"middle_block.{MIDDLE.get(part, part)}.{_within(part, rest)}"
    stem, _, leaf = name.rpartition(".")
    return f"{TOPS.get(stem, stem)}.{leaf}"


def _block_key(side: str, level: int, kind: str, index: int, rest: str, unet: LdmUnet) -> str:
    if side == "down":
        start = 1 + level * (unet.layers + 1)
        if kind == "downsamplers":
            return f"input_blocks.{start + unet.layers}.0.op.{rest.removeprefix('conv.')}"
        return f"input_blocks.{start + index}.{int(kind == 'attentions')}.{_within(kind, rest)}"
    start = level * (unet.layers + 1)
    if kind == "upsamplers":
        place = 2 if unet.depths[::-1][level] else 1
        return f"output_blocks.{start + unet.layers}.{place}.{rest}"
    return f"output_blocks.{start + index}.{int(kind == 'attentions')}.{_within(kind, rest)}"


def _within(kind: str, rest: str) -> str:
    if not kind.startswith("resnets"):
        return rest
    part, _, leaf = rest.rpartition(".")
    return f"{RESNET.get(part, part)}.{leaf}"


def _levels(tensors: Tensors) -> list[list[tuple[int, int]]]:
    """For each level its residual blocks: their index and channels."""
    levels: list[list[tuple[int, int]]] = [[]]
    index = 1
    while True:
        block = tensors.get(f"input_blocks.{index}.0.out_layers.3.weight")
        if block is not None:
            levels[-1].append((index, block.shape[0]))
        elif f"input_blocks.{index}.0.op.weight" in tensors:
            levels.append([])
        else:
            return levels
        index += 1


def _depth(tensors: Tensors, attention: str) -> int:
    depth = 0
    while f"{attention}.transformer_blocks.{depth}.attn2.to_k.weight" in tensors:
        depth += 1
    return depth


def _crossed(tensors: Tensors, attention: str) -> bool:
    """Whether the first attention of a block reads the prompt: then it is not square."""
    block = f"{attention}.transformer_blocks.0"
    first, second = (tensors.get(f"{block}.{name}.to_k.weight") for name in ("attn1", "attn2"))
    if first is None or second is None:
        return False
    return first.shape == second.shape and first.shape[0] != first.shape[1]


def _side(tensors: Tensors, dim: int, *keys: str) -> int:
    """The length of a side of the first of these tensors that there is, 0 if there is none."""
    found = next((tensors[key] for key in keys if key in tensors), None)
    return found.shape[dim] if found is not None and len(found.shape) > dim else 0
