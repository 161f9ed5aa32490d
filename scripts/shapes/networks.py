"""The networks of `shapes-64`: a Stable Diffusion pipeline shrunk to a few megabytes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

LATENT_CHANNELS = 4
LATENT_SIDE = 16
TOKENS = 77


@dataclass(frozen=True)
class Width:
    """How wide each network is; `TINY` keeps the tests fast."""

    vae: tuple[int, ...] = (16, 32, 32)
    text: int = 128
    text_layers: int = 3
    unet: tuple[int, ...] = (64, 128)
    unet_layers: int = 1


FULL = Width()
TINY = Width(vae=(8, 8, 8), text=16, text_layers=1, unet=(16, 16))


def make_vae(width: Width = FULL) -> AutoencoderKL:
    """Pictures (n, 3, 64, 64) in -1..1 to latents (n, 4, 16, 16) and back."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=width.vae,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=8,
        sample_size=64,
        scaling_factor=1.0,
        force_upcast=False,
    )


def make_text_encoder(vocabulary: int, width: Width = FULL) -> CLIPTextModel:
    """Token ids (n, 77) to hidden states (n, 77, `width.text`)."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=width.text,
            intermediate_size=4 * width.text,
            projection_dim=width.text,
            num_hidden_layers=width.text_layers,
            num_attention_heads=4,
            max_position_embeddings=TOKENS,
            hidden_act="quick_gelu",
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1,
        )
    )


def make_unet(width: Width = FULL) -> UNet2DConditionModel:
    """Noisy latents (n, 4, 16, 16), timesteps and hidden states to v, shaped like the latents.

    Attention works on the 8x8 level alone, where it costs a sixteenth of what it would above.
    """
    return UNet2DConditionModel(
        sample_size=LATENT_SIDE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=width.unet,
        layers_per_block=width.unet_layers,
        cross_attention_dim=width.text,
        attention_head_dim=tuple(max(1, channels // 32) for channels in width.unet),
        norm_num_groups=8,
    )


class PlainAttention:
    """Attention spelled out; on CPUs its backward pass is far faster than the fused kernel's."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: None = None,
    ) -> Tensor:
        """(n, queries, channels), attending to itself or to (n, keys, width)."""
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        projected = (attn.to_q(hidden_states), attn.to_k(context), attn.to_v(context))
        q, k, v = (x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in projected)
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        with torch.autocast(scores.device.type, enabled=False):
            weights = scores.softmax(dim=-1)
        mixed: Tensor = attn.to_out[0]((weights @ v).transpose(1, 2).flatten(2))
        return mixed


def make_scheduler() -> DDIMScheduler:
    """Stable Diffusion's noise ladder, with the network predicting v."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
