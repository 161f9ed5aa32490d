"""Model folders in diffusers' layout: their parts, read without the network and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from nodes.diffusion.assembly import Parts, TextPart
from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import read_json
from nodes.diffusion.network import Network
from nodes.diffusion.parts import new_text_model, new_unet, new_vae, read_schedule
from nodes.diffusion.plain_layout import modern_attention
from nodes.diffusion.precision import resolve_device, resolve_dtype, storage_dtype
from nodes.diffusion.preview import read_preview_fit
from nodes.diffusion.vae import Vae
from nodes.diffusion.weights import fill

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

__all__ = ["read_config", "read_folder", "read_text_model", "read_unet", "read_vae", "weights_file"]

NEEDED = {
    "unet": ("UNet2DConditionModel",),
    "vae": ("AutoencoderKL",),
    "scheduler": (),
}
"""The parts of every folder and the classes each may have (none: any)."""
TEXT_MODELS = ("CLIPTextModel", "CLIPTextModelWithProjection")
TEXT_PARTS = (("text_encoder", "tokenizer"), ("text_encoder_2", "tokenizer_2"))
TOKENIZERS = ("CLIPTokenizer", "CLIPTokenizerFast")


def read_folder(path: Path, device: str, dtype: str) -> Parts:
    """The parts of the model in a folder with a model_index.json.

    Raises LoadError for anything missing, damaged, or of another kind.
    """
    named = _text_parts(read_json(path / "model_index.json"), path)
    place = resolve_device(device)
    source = path / "scheduler" / "scheduler_config.json"
    schedule, prediction = read_schedule(read_json(source), f"scheduler/{source.name}")
    vae = read_vae(path / "vae", device, dtype)
    preview = path / "latent_preview.json"
    return Parts(
        unet=read_unet(path / "unet", device, dtype),
        vae=vae,
        text=tuple(
            read_text_model(path / model, path / tokens, device, dtype) for model, tokens in named
        ),
        schedule=schedule,
        prediction=prediction,
        device=place,
        dtype=resolve_dtype(dtype, place),
        storage=storage_dtype(dtype),
        preview=read_preview_fit(preview, vae.latent_channels) if preview.exists() else None,
    )


def read_unet(folder: Path, device: str, dtype: str) -> Any:
    """A UNet2DConditionModel from a folder with a config.json and weights."""
    model = new_unet(read_config(folder, "UNet2DConditionModel")[1], f"{folder.name}/config.json")
    place = resolve_device(device)
    fill(
        model,
        weights_file(folder, "diffusion_pytorch_model"),
        expected="a UNet",
        device=place,
        dtype=resolve_dtype(dtype, place),
    )
    return model


def read_vae(folder: Path, device: str, dtype: str) -> Vae:
    """An AutoencoderKL from a folder, float32 where it says that half precision overflows."""
    _, config = read_config(folder, "AutoencoderKL")
    place = resolve_device(device)
    precision = resolve_dtype(dtype, place, sensitive=True)
    if precision == torch.float16 and config.get("force_upcast", True):
        precision = torch.float32
    model = new_vae(config, f"{folder.name}/config.json")
    fill(
        model,
        weights_file(folder, "diffusion_pytorch_model"),
        expected="a VAE",
        device=place,
        dtype=precision,
        rename=modern_attention,
    )
    return Vae(Network(model, place, precision), device=place, dtype=precision)


def read_text_model(folder: Path, tokenizer: Path, device: str, dtype: str) -> TextPart:
    """A CLIP text model from its folder and its tokenizer's."""
    kind, config = read_config(folder, *TEXT_MODELS)
    place = resolve_device(device)
    projected = kind == "CLIPTextModelWithProjection"
    model = new_text_model(config, f"{folder.name}/config.json", place, projected=projected)
    fill(
        model,
        weights_file(folder, "model"),
        expected="a text encoder",
        device=place,
        dtype=resolve_dtype(dtype, place, sensitive=True),
        rename=_modern_projected if projected else _modern_text,
    )
    words, padding = _unpadded(_tokenizer(tokenizer))
    return TextPart(model, words, place, padding)


def _tokenizer(folder: Path) -> CLIPTokenizer:
    from transformers import CLIPTokenizer

    have = {file.name for file in folder.glob("*")} if folder.is_dir() else set()
    if "tokenizer.json" not in have and not {"vocab.json", "merges.txt"} <= have:
        raise LoadError(
            f"{folder.name}/ needs tokenizer.json, or vocab.json and merges.txt; "
            f"it has {', '.join(sorted(have)) or 'no files'}"
        )
    for name in have & {"tokenizer.json", "vocab.json", "tokenizer_config.json"}:
        read_json(folder / name)
    try:
        tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the Rust library behind it raises plain Exception
        raise LoadError(f"{folder.name}/ does not hold a CLIP tokenizer: {error}") from error
    return tokenizer


def _unpadded(tokenizer: CLIPTokenizer) -> tuple[CLIPTokenizer, int]:
    """A tokenizer to which its padding is a word like others, and the token that it pads with.

    OpenCLIP pads with token 0, "!". As a special token it would be taken out of prompts, too: "a
    cat!" would end in padding, and not in the word "!" that the model knows.
    """
    padding = int(tokenizer.pad_token_id)
    if padding == tokenizer.eos_token_id:
        return tokenizer, padding
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    names = {name: getattr(tokenizer, name) for name in ("unk_token", "bos_token", "eos_token")}
    plain = type(tokenizer)(
        vocab=model["vocab"],
        merges=[tuple(pair) for pair in model["merges"]],
        pad_token=tokenizer.eos_token,
        model_max_length=tokenizer.model_max_length,
        **names,
    )
    return plain, padding


def _text_parts(index: dict[str, Any], path: Path) -> list[tuple[str, str]]:
    """The folders of text models and their tokenizers, if this is a model that we know."""
    for part, classes in NEEDED.items():
        _check_part(index, path, part, classes)
    named = [pair for pair in TEXT_PARTS if _class_of(index, pair[0])]
    for model, tokenizer in named or TEXT_PARTS[:1]:
        _check_part(index, path, model, TEXT_MODELS)
        _check_part(index, path, tokenizer, TOKENIZERS)
    return named


def _check_part(index: dict[str, Any], path: Path, part: str, classes: tuple[str, ...]) -> None:
    found = _class_of(index, part)
    if not found or (classes and found not in classes):
        raise LoadError(
            f"{path.name} is a {index.get('_class_name')}, which is not supported: its {part} is "
            f"{found or 'missing'}, expected {' or '.join(classes) or 'a scheduler'}"
        )


def _class_of(index: dict[str, Any], part: str) -> str | None:
    entry = index.get(part)
    return entry[1] if isinstance(entry, list) and len(entry) == 2 else None


def read_config(folder: Path, *expected: str) -> tuple[str, dict[str, Any]]:
    """What a part is (the first of `expected` if it does not say) and its configuration."""
    if not folder.is_dir():
        raise LoadError(f"the folder {folder.name}/ is missing")
    config = read_json(folder / "config.json")
    found = config.get("_class_name") or next(iter(config.get("architectures") or ()), expected[0])
    if found not in expected:
        raise LoadError(
            f"{folder.name}/config.json describes a {found}, expected {' or '.join(expected)}"
        )
    return found, config


def weights_file(folder: Path, stem: str) -> Path:
    """The safetensors file of a part, the full precision one if both are there."""
    for name in (f"{stem}.safetensors", f"{stem}.fp16.safetensors"):
        if (folder / name).exists():
            return folder / name
    others = sorted(
        file.name for file in folder.glob("*") if file.suffix in {".bin", ".safetensors", ".ckpt"}
    )
    found = f"found {', '.join(others)}" if others else "there are no weights"
    raise LoadError(f"{folder.name}/{stem}.safetensors is missing; {found}")


def _modern_text(key: str) -> str | None:
    """Text encoders saved before transformers 5.6 have a prefix, and a buffer we make ourselves."""
    key = key.removeprefix("text_model.")
    return None if key == "embeddings.position_ids" else key


def _modern_projected(key: str) -> str | None:
    """As `_modern_text`; a text model with a projection keeps the prefix."""
    return None if key == "text_model.embeddings.position_ids" else key
