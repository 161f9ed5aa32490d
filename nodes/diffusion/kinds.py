"""What a weights file holds, told by the names in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["KINDS", "UNET_PREFIX", "VAE_PREFIXES", "Kind", "kind_of"]

UNET_PREFIX = "model.diffusion_model."
VAE_PREFIXES = ("first_stage_model.", "vae.")


@dataclass(frozen=True)
class Kind:
    """A kind of file: what to call it, the node that loads it, and what its names contain.

    It is told by any one of `marks` at any place, or by all of `heads` at the beginning of names.
    """

    title: str
    node: str | None
    marks: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    def fits(self, keys: Iterable[str]) -> bool:
        """Whether a file with these names is of this kind."""
        names = list(keys)
        if any(mark in name for name in names for mark in self.marks):
            return True
        return bool(self.heads) and all(
            any(name.startswith(head) for name in names) for head in self.heads
        )


LORA_MARKS = (
    ".lora_down.", ".lora_up.", ".lora_A.", ".lora_B.", ".lora.down.", ".lora.up.",
    ".hada_w1_a", ".lokr_w1", ".dora_scale", ".oft_blocks",
)  # fmt: skip

CONTROL, UPSCALE = "ControlNetLoader", "UpscaleModelLoader"

KINDS = (
    Kind("a LoRA", "LoraLoader", LORA_MARKS, ("lora_unet_",)),
    Kind("a LoRA", "LoraLoader", (), ("lora_te",)),
    Kind(
        "a single-file checkpoint", "LoadCheckpoint", heads=(UNET_PREFIX, "first_stage_model.")
    ),
    Kind("a ControlNet", CONTROL, ("control_model.", "controlnet_", "input_hint_block.")),
    Kind("an IP-Adapter", None, heads=("image_proj.", "ip_adapter.")),
    Kind("a T2I-Adapter", CONTROL, ("body.0.block1.", "body.0.resnets.", "adapter.body.")),
    Kind("a Flux model", None, heads=("double_blocks.",)),
    Kind("a Flux model", None, heads=(f"{UNET_PREFIX}double_blocks.",)),
    Kind("a Stable Diffusion 3 model", None, ("joint_blocks.",)),
    Kind("a diffusion transformer", None, ("transformer_blocks.0.norm1.linear", "blocks.0.adaLN")),
    Kind("a UNet", "UNETLoader", heads=("input_blocks.", "output_blocks.")),
    Kind("a UNet", "UNETLoader", heads=(UNET_PREFIX,)),
    Kind("a UNet", "UNETLoader", heads=("down_blocks.", "time_embedding.")),
    Kind("a VAE", "VAELoader", heads=("encoder.conv_in.", "decoder.conv_in.")),
    Kind("a VAE", "VAELoader", heads=("first_stage_model.",)),
    Kind("a small VAE for previews", None, heads=("decoder.layers.",)),
    Kind("a small VAE for previews", None, heads=("taesd_decoder.",)),
    Kind("a T5 text encoder", None, ("layer.0.SelfAttention.q.", "enc_to_dec")),
    Kind("a CLIP vision model", None, ("vision_model.", "visual.transformer.")),
    Kind("a text encoder", "CLIPLoader", ("token_embedding", "transformer.resblocks.")),
    Kind("an embedding", "CLIPEncode", heads=("emb_params",)),
    Kind("an embedding", "CLIPEncode", heads=("string_to_param",)),
    Kind("an embedding", "CLIPEncode", heads=("clip_l", "clip_g")),
    Kind("an upscaling model", UPSCALE, ("RDB1.conv1", "rdb1.conv1", "layers.0.residual_group")),
    Kind("an upscaling model", UPSCALE, heads=("model.1.sub.",)),
    Kind("an upscaling model", UPSCALE, heads=("conv_first.", "conv_last.")),
)  # fmt: skip


def kind_of(keys: Iterable[str]) -> Kind | None:
    """The kind of file that has these names; None if they tell none."""
    names = list(keys)
    return next((kind for kind in KINDS if kind.fits(names)), None)
