"""Tiny models of each family, as diffusers' folder and as one file in the original layout."""

import importlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from nodes.diffusion.families import FAMILIES, Family, TextPlace
from tests.nodes.original_names import open_clip, original_unet, original_vae
from tests.nodes.tiny import tiny_scheduler, tiny_tokenizer

diffusers: Any = importlib.import_module("diffusers")  # untyped

SMALL, LARGE = 64, 128
"""Widths of the tiny text models, OpenAI's and OpenCLIP's."""
OPENED = (LARGE, 1024, 1280)
"""Widths of OpenCLIP's text models, the published ones' too."""


def _tiny(family: Family) -> Family:
    channels = {
        "SD1": (32, 64, 64, 64),
        "SDXL": (64, 64, 128),
        "SDXL refiner": (64, 64, 128, 128),
    }.get(family.name, (64, 64, 128, 128))
    if family.classes:
        channels = (32, 64, 64, 128)
    widths = [SMALL if text.width == 768 else LARGE for text in family.text]
    text = tuple(replace(t, width=w) for t, w in zip(family.text, widths, strict=True))
    numbers = {2816: 6, 2560: 5, 0: 0}[family.vector]
    return replace(
        family,
        channels=channels,
        depths=tuple(min(depth, 2) for depth in family.depths),
        middle=min(family.middle, 2),
        context=sum(widths),
        text=text,
        vector=numbers and widths[-1] + 256 * numbers,
        classes=min(family.classes, 20),
    )


TINY_FAMILIES = tuple(map(_tiny, FAMILIES))
"""The families that are known, as structures of small widths."""


@dataclass
class TinyModel:
    """Networks with random weights, and what their files say."""

    family: Family
    unet: Any
    vae: Any
    text: list[Any]
    scheduler: Any
    markers: dict[str, Tensor] = field(default_factory=dict)

    def original(self) -> dict[str, Tensor]:
        """Everything under the original names."""
        levels = len(self.family.channels)
        unet = original_unet(self.unet.state_dict(), levels)
        vae = original_vae(self.vae.state_dict(), self.family.vae_levels)
        state = {f"model.diffusion_model.{key}": value for key, value in unet.items()}
        state |= {f"first_stage_model.{key}": value for key, value in vae.items()}
        for place, model in zip(self.family.text, self.text, strict=True):
            state |= {place.prefixes[0] + key: t for key, t in _text_names(place, model).items()}
        return {key: value.contiguous() for key, value in (state | self.markers).items()}

    def file(self, path: Path) -> Path:
        save_file(self.original(), path)
        return path

    def folder(self, path: Path) -> Path:
        self.unet.save_pretrained(path / "unet")
        self.vae.save_pretrained(path / "vae")
        for name, model in zip(self.text_folders(), self.text, strict=True):
            model.save_pretrained(path / name)
        return self.around(path)

    def text_folders(self) -> list[str]:
        """What the folders of the text models are called."""
        if len(self.text) == 2:
            return ["text_encoder", "text_encoder_2"]
        return ["text_encoder_2" if self.family.vector else "text_encoder"]

    def around(self, path: Path) -> Path:
        """Save in a folder what is not a network: scheduler, tokenizers and the list of parts."""
        self.scheduler.save_pretrained(path / "scheduler")
        index: dict[str, Any] = {"_class_name": "StableDiffusionPipeline"}
        index |= {"unet": ["diffusers", "UNet2DConditionModel"]}
        index |= {
            "vae": ["diffusers", "AutoencoderKL"],
            "scheduler": ["diffusers", "DDIMScheduler"],
        }
        for name, model in zip(self.text_folders(), self.text, strict=True):
            tokenizer = name.replace("text_encoder", "tokenizer")
            tiny_tokenizer().save_pretrained(path / tokenizer)
            index |= {name: ["transformers", type(model).__name__]}
            index |= {tokenizer: ["transformers", "CLIPTokenizer"]}
        (path / "model_index.json").write_text(json.dumps(index))
        return path


def tiny_model(number: int, beside: int = 0, *, v: bool = False, layers: int = 2) -> TinyModel:
    """A model of `TINY_FAMILIES[number]`; `layers` of each text model."""
    family = TINY_FAMILIES[number]
    torch.manual_seed(number)
    attended = [depth > 0 for depth in family.depths]
    heads = family.heads or [width // 64 for width in family.channels]
    more: dict[str, Any] = {}
    if family.vector:
        more = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": family.vector,
        }
    if family.classes:
        more = {
            "num_class_embeds": family.classes,
            "only_cross_attention": (True, True, True, False),
        }
    if number in (2, 3):
        more["transformer_layers_per_block"] = (1, 2, 2) if number == 2 else 2
    unet = diffusers.UNet2DConditionModel(
        in_channels=4 + beside,
        out_channels=4,
        block_out_channels=family.channels,
        down_block_types=[("CrossAttnDownBlock2D" if a else "DownBlock2D") for a in attended],
        up_block_types=[("CrossAttnUpBlock2D" if a else "UpBlock2D") for a in attended[::-1]],
        cross_attention_dim=family.context,
        attention_head_dim=heads,
        use_linear_projection=family.linear,
        **more,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=(32,) * (family.vae_levels - 1) + (64,),
        down_block_types=("DownEncoderBlock2D",) * family.vae_levels,
        up_block_types=("UpDecoderBlock2D",) * family.vae_levels,
        layers_per_block=2,
        scaling_factor=family.scale,
    )
    prediction: Any = "v_prediction" if v or family.classes else "epsilon"
    first, last = family.betas
    scheduler = tiny_scheduler(prediction, beta_start=first, beta_end=last)
    return TinyModel(family, unet, vae, [_text(t, layers) for t in family.text], scheduler)


def _text(place: TextPlace, layers: int) -> Any:
    config = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=place.width,
        intermediate_size=2 * place.width,
        projection_dim=place.width,
        num_hidden_layers=layers,
        num_attention_heads=place.width // 64,
        hidden_act="quick_gelu" if place.width == SMALL else "gelu",
        bos_token_id=49406,
        eos_token_id=49407,
    )
    return (CLIPTextModelWithProjection if place.projected else CLIPTextModel)(config)


def _text_names(place: TextPlace, model: Any) -> dict[str, Tensor]:
    state: dict[str, Tensor] = model.state_dict()
    if place.width in OPENED:
        return open_clip(state)
    return {f"text_model.{key.removeprefix('text_model.')}": value for key, value in state.items()}
