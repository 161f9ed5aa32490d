"""A Stable Diffusion 1 model of a few thousand random weights, in diffusers' folder layout."""

import importlib
import json
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

diffusers: Any = importlib.import_module("diffusers")  # untyped

FACTOR = 8
"""Pixels per latent cell."""
WIDTH = 16
"""Width of the text embedding."""
BOS = "<|startoftext|>"
EOS = "<|endoftext|>"

Prediction = Literal["epsilon", "v_prediction", "sample"]


def tiny_vocabulary() -> dict[str, int]:
    """Letters, digits and a few signs, inside a word and at its end, then BOS and EOS."""
    signs = [*"abcdefghijklmnopqrstuvwxyz0123456789.,()[]:\\!-'"]
    tokens = [*signs, *(sign + "</w>" for sign in signs), BOS, EOS]
    return {token: index for index, token in enumerate(tokens)}


def tiny_tokenizer() -> CLIPTokenizer:
    """One token per character: `"cat"` is three tokens and `"a cat"` four."""
    return CLIPTokenizer(
        vocab=tiny_vocabulary(),
        merges=[],
        unk_token=EOS,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=EOS,
        model_max_length=77,
    )


def tiny_text_encoder() -> CLIPTextModel:
    vocabulary = tiny_vocabulary()
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(vocabulary),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=3,
            num_attention_heads=2,
            max_position_embeddings=77,
            bos_token_id=vocabulary[BOS],
            eos_token_id=vocabulary[EOS],
            pad_token_id=vocabulary[EOS],
        )
    )


def tiny_unet(out_channels: int = 4) -> Any:
    return diffusers.UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=out_channels,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(8, 16),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=2,
        norm_num_groups=4,
    )


def tiny_vae() -> Any:
    return diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 4, 8, 8),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=0.18215,
    )


def tiny_scheduler(prediction: Prediction = "epsilon", **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "clip_sample": False,
        "set_alpha_to_one": False,
        "steps_offset": 1,
        "prediction_type": prediction,
    }
    return diffusers.DDIMScheduler(**settings | changes)


def make_tiny(
    folder: Path, prediction: Prediction = "epsilon", *, seed: int = 0, **scheduler: Any
) -> Path:
    """Write the model to `folder`; the same arguments give the same weights. Returns `folder`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet, vae, text_encoder = tiny_unet(), tiny_vae(), tiny_text_encoder()
        with torch.no_grad():
            # As made, the network hardly looks at the prompt: make it audible.
            for name, weight in text_encoder.named_parameters():
                if "embedding" in name:
                    weight.normal_()
            for name, weight in unet.named_parameters():
                if "attn2" in name:
                    weight.mul_(4.0)
    unet.save_pretrained(folder / "unet")
    vae.save_pretrained(folder / "vae")
    text_encoder.save_pretrained(folder / "text_encoder")
    tiny_tokenizer().save_pretrained(folder / "tokenizer")
    tiny_scheduler(prediction, **scheduler).save_pretrained(folder / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "feature_extractor": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2))
    return folder
