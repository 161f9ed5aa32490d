"""Tiny random models of every family in diffusers' folder layout, beside the SD1 of `tiny`."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from tests.nodes.tiny import (
    BOS,
    EOS,
    Prediction,
    diffusers,
    tiny_scheduler,
    tiny_tokenizer,
    tiny_vocabulary,
)

Family = Literal["sd2", "sdxl", "refiner", "inpaint", "sdxl-inpaint", "pix2pix", "depth", "x4"]

SMALL, LARGE, POOLED = 16, 24, 20
"""Widths of the text models L and G, and of G's pooled embedding."""


@dataclass(frozen=True)
class Plan:
    """What a family's folder holds.

    `text` names its text models; `beside` counts input channels beside the latents' four,
    `numbers` those on sizes. The VAE has `levels` of halving and scales latents by `scaling`.
    """

    pipeline: str
    text: tuple[str, ...] = ("small",)
    beside: int = 0
    numbers: int = 0
    prediction: Prediction = "epsilon"
    levels: int = 4
    scaling: float = 0.18215
    unet: dict[str, Any] = field(default_factory=dict)


LINEAR = {"use_linear_projection": True, "attention_head_dim": [2, 4]}

PLANS: dict[Family, Plan] = {
    "sd2": Plan("StableDiffusionPipeline", text=("open",), prediction="v_prediction", unet=LINEAR),
    "sdxl": Plan("StableDiffusionXLPipeline", text=("small", "large"), numbers=6, scaling=0.13025),
    "refiner": Plan(
        "StableDiffusionXLImg2ImgPipeline", text=("", "large"), numbers=5, scaling=0.13025
    ),
    "inpaint": Plan("StableDiffusionInpaintPipeline", beside=5),
    "sdxl-inpaint": Plan(
        "StableDiffusionXLInpaintPipeline",
        text=("small", "large"),
        numbers=6,
        beside=5,
        scaling=0.13025,
    ),
    "pix2pix": Plan("StableDiffusionInstructPix2PixPipeline", beside=4),
    "depth": Plan("StableDiffusionDepth2ImgPipeline", text=("open",), beside=1, unet=LINEAR),
    "x4": Plan(
        "StableDiffusionUpscalePipeline",
        text=("open",),
        beside=3,
        prediction="v_prediction",
        levels=3,
        scaling=0.08333,
        unet={**LINEAR, "num_class_embeds": 1000},
    ),
}


def make_family(folder: Path, family: Family, *, seed: int = 0) -> Path:
    """Write the tiny model of a family to `folder`; the same arguments give the same weights."""
    plan = PLANS[family]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts: dict[str, Any] = {"unet": _unet(plan), "vae": _vae(plan)}
        for suffix, kind in zip(("", "_2"), plan.text, strict=False):
            if kind:
                parts |= {f"text_encoder{suffix}": _text(kind), f"tokenizer{suffix}": _tokens(kind)}
        _make_heard(parts)
    parts["scheduler"] = tiny_scheduler(plan.prediction)
    if family == "x4":
        parts["low_res_scheduler"] = diffusers.DDPMScheduler(
            beta_schedule="scaled_linear", beta_start=0.0001, beta_end=0.02
        )
    for name, part in parts.items():
        part.save_pretrained(folder / name)
    index: dict[str, Any] = {"_class_name": plan.pipeline, "_diffusers_version": "0.42.1"}
    index |= {name: [_library(part), type(part).__name__] for name, part in parts.items()}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2))
    return folder


def family_parts(folder: Path) -> dict[str, Any]:
    """The parts of a folder as diffusers and transformers load them, by name."""
    kinds = {
        "unet": diffusers.UNet2DConditionModel,
        "vae": diffusers.AutoencoderKL,
        "text_encoder": CLIPTextModel,
        "text_encoder_2": CLIPTextModelWithProjection,
        "tokenizer": CLIPTokenizer,
        "tokenizer_2": CLIPTokenizer,
        "low_res_scheduler": diffusers.DDPMScheduler,
    }
    return {
        name: kind.from_pretrained(folder / name, local_files_only=True)
        for name, kind in kinds.items()
        if (folder / name).is_dir()
    }


def _unet(plan: Plan) -> Any:
    width = {"small": SMALL, "open": SMALL, "large": LARGE, "": 0}
    options: dict[str, Any] = dict(plan.unet)
    if plan.numbers:
        options |= LINEAR | {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": plan.numbers * 8 + POOLED,
            "transformer_layers_per_block": [1, 2],
        }
    return diffusers.UNet2DConditionModel(
        **{
            "sample_size": 8,
            "in_channels": 4 + plan.beside,
            "out_channels": 4,
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            "block_out_channels": (8, 16),
            "layers_per_block": 1,
            "cross_attention_dim": sum(width[kind] for kind in plan.text),
            "attention_head_dim": 2,
            "norm_num_groups": 4,
        }
        | options
    )


def _vae(plan: Plan) -> Any:
    return diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * plan.levels,
        up_block_types=("UpDecoderBlock2D",) * plan.levels,
        block_out_channels=(4, 4, 8, 8)[: plan.levels],
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=plan.scaling,
    )


def _text(kind: str) -> Any:
    vocabulary = tiny_vocabulary()
    config = CLIPTextConfig(
        vocab_size=len(vocabulary),
        hidden_size=LARGE if kind == "large" else SMALL,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=77,
        hidden_act="quick_gelu" if kind == "small" else "gelu",
        projection_dim=POOLED,
        bos_token_id=vocabulary[BOS],
        eos_token_id=vocabulary[EOS],
        pad_token_id=vocabulary[EOS if kind == "small" else "!"],
    )
    return CLIPTextModelWithProjection(config) if kind == "large" else CLIPTextModel(config)


def _tokens(kind: str) -> CLIPTokenizer:
    """OpenCLIP's fill chunks with "!"."""
    if kind == "small":
        return tiny_tokenizer()
    return CLIPTokenizer(
        vocab=tiny_vocabulary(),
        merges=[],
        unk_token=EOS,
        bos_token=BOS,
        eos_token=EOS,
        pad_token="!",
        model_max_length=77,
    )


@torch.no_grad()
def _make_heard(parts: dict[str, Any]) -> None:
    """As made, networks hardly look at prompts, sizes and further channels: make them audible."""
    for name, part in parts.items():
        if name.startswith("text_encoder"):
            for key, weight in part.named_parameters():
                if "embedding" in key or "norm" in key:
                    weight.normal_()
    for key, weight in parts["unet"].named_parameters():
        if "attn2" in key or "conv_in" in key:
            weight.mul_(4.0)
        if "add_embedding" in key or "class_embedding" in key:
            weight.mul_(2.0)


def _library(part: Any) -> str:
    return "diffusers" if type(part).__module__.startswith("diffusers") else "transformers"
