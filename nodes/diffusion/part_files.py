"""Files that hold one part of a model: a UNet, text models or a VAE, in any of their layouts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from nodes.diffusion.assembly import TextPart, join_text, wrap_unet
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import LoadError
from nodes.diffusion.families import FAMILIES, Family, recognise
from nodes.diffusion.headers import named_file, read_metadata
from nodes.diffusion.kinds import UNET_PREFIX, VAE_PREFIXES, kind_of
from nodes.diffusion.ldm_unet import LdmUnet, read_ldm_unet
from nodes.diffusion.parts import new_unet, new_vae
from nodes.diffusion.plain_layout import modern_attention, plain_vae_config, read_plain_unet
from nodes.diffusion.precision import resolve_device, resolve_dtype, storage_dtype
from nodes.diffusion.preview import SD1_FIT, SDXL_FIT
from nodes.diffusion.single_files import (
    Plan,
    below,
    load_vae_plan,
    plan_text,
    plan_unet,
    plan_vae,
    prediction_of,
)
from nodes.diffusion.stored import StoredTensor, open_tensors
from nodes.diffusion.text import TextEncoder
from nodes.diffusion.vae import Vae
from nodes.diffusion.vocabulary import clip_tokenizer
from nodes.diffusion.weights import check_fit, shown_keys

__all__ = ["SCALES", "read_text_files", "read_unet_file", "read_vae_file"]

Tensors = dict[str, StoredTensor]

SCALES = {"SD1": 0.18215, "SDXL": 0.13025}
"""What the latents of a VAE are multiplied with, for the models that read them."""
BIG_LAYERS = 32
"""Of OpenCLIP ViT-bigG, whose pooled embedding SDXL reads through its projection."""
TEXT_PREFIXES = (
    "cond_stage_model.transformer.", "cond_stage_model.model.", "text_encoder.",
    "conditioner.embedders.0.transformer.", "conditioner.embedders.1.model.",
    "conditioner.embedders.0.model.", "model.", "clip_l.", "clip_g.transformer.",
)  # fmt: skip


def read_unet_file(
    path: Path,
    device: str,
    dtype: str,
    families: Sequence[Family] = FAMILIES,
    *,
    storage: str = "",
) -> Denoiser:
    """A UNet by itself, or that of a checkpoint, under the original names or diffusers'.

    Raises LoadError for a file that is damaged, of another kind or of a family not known here.
    """
    tensors = open_tensors(path)
    own = below(tensors, UNET_PREFIX) or tensors
    original, plain = read_ldm_unet(own), read_plain_unet(own)
    unet = original or plain
    if unet is None:
        raise LoadError(_wrong(path, tensors, "a UNet"))
    try:
        family = recognise(unet, families)
    except LoadError as error:
        raise LoadError(f"{named_file(path)} is not recognised: {error}") from error
    target = resolve_device(device)
    prediction, schedule = prediction_of(path, tensors, unet, family)
    if original is not None:
        plan = plan_unet(path, own, unet, family, prediction)
    else:
        plan = _plan_plain_unet(path, own, unet, family, prediction == "v_prediction")
    precision = resolve_dtype(dtype, target)
    return wrap_unet(
        plan.load(path, target, precision),
        schedule,
        prediction,
        device=target,
        dtype=precision,
        latent_factor=2 ** (family.vae_levels - 1),
        preview=SDXL_FIT if family.scale == SCALES["SDXL"] else SD1_FIT,
        pooled_width=family.text[-1].width,
        storage=storage_dtype(storage or dtype),
    )


def read_vae_file(path: Path, device: str, dtype: str, latents: str = "auto") -> Vae:
    """A VAE by itself, or that of a checkpoint, under the original names or diffusers'.

    `latents` says for which models: SD1 (and SD2) or SDXL, whose VAEs look alike and scale their
    latents otherwise. "auto" takes what the file's metadata or its name says: SDXL if there is
    "xl" in it. Raises LoadError for a file that is damaged or holds no VAE.
    """
    tensors = open_tensors(path)
    prefix = next((p for p in VAE_PREFIXES if any(key.startswith(p) for key in tensors)), "")
    own = below(tensors, prefix)
    scale = SCALES[_latents_of(path) if latents == "auto" else latents]
    target = resolve_device(device)
    modern = {modern_attention(key): tensor for key, tensor in own.items()}
    config = plain_vae_config(modern, scaling_factor=scale)
    if config is not None:
        model = new_vae(config, named_file(path))
        check_fit(model, path, modern, "its structure")
        plan = Plan(model, modern)
    elif "encoder.down.0.block.0.conv1.weight" in own:
        plan = plan_vae(path, own, scale)
    else:
        raise LoadError(_wrong(path, tensors, "a VAE"))
    return load_vae_plan(plan, path, target, resolve_dtype(dtype, target, sensitive=True))


def read_text_files(paths: Sequence[Path], device: str, dtype: str) -> TextEncoder:
    """One text model (SD1, SD2 or SDXL's refiner) or SDXL's two, in any order, as an encoder.

    A model of OpenCLIP ViT-bigG, 1280 wide, is the refiner's or SDXL's. Raises LoadError for a
    file that is damaged or holds no CLIP text model, and for two that do not belong together.
    """
    target = resolve_device(device)
    precision = resolve_dtype(dtype, target, sensitive=True)
    read = [(path, _text_plan(path, target)) for path in paths]
    widths = [plan.model.config.hidden_size for _, plan in read]
    if len(paths) == 2 and len(set(widths)) != 2:
        raise LoadError(
            f"{' and '.join(map(named_file, paths))} hold text models {widths[0]} and {widths[1]} "
            f"wide; SDXL's two are 768 (CLIP-L) and 1280 (OpenCLIP bigG) wide"
        )
    parts = [
        TextPart(plan.load(path, target, precision), clip_tokenizer(), target, _padding(plan))
        for _, (path, plan) in sorted(zip(widths, read, strict=True), key=lambda pair: pair[0])
    ]
    sized = len(parts) == 2 or _projected(parts[0].model)
    return join_text(parts, sized=sized)


def _text_plan(path: Path, device: torch.device) -> Plan:
    tensors = open_tensors(path)
    own: Tensors = next((o for p in TEXT_PREFIXES if (o := below(tensors, p))), tensors)
    projection = own.get("text_projection") or own.get("text_projection.weight")
    layers = sum(key.endswith(("mlp.fc1.weight", "mlp.c_fc.weight")) for key in own)
    # SD2's files hold a projection, too, which it does not use.
    projected = projection is not None and layers == BIG_LAYERS
    if not layers:
        raise LoadError(_wrong(path, tensors, "a text encoder"))
    return plan_text(path, own, device, projected=projected)


def _padding(plan: Plan) -> int | None:
    """OpenCLIP's models were trained with empty places of token 0."""
    return 0 if plan.model.config.hidden_act == "gelu" else None


def _projected(model: Any) -> bool:
    return hasattr(model, "text_projection")


def _latents_of(path: Path) -> str:
    said = ""
    if path.suffix == ".safetensors":
        said = read_metadata(path).get("modelspec.architecture", "")
    return "SDXL" if "xl" in f"{said} {path.stem}".lower() else "SD1"


def _plan_plain_unet(
    path: Path, tensors: Tensors, unet: LdmUnet, family: Family, upcast: bool
) -> Plan:
    config = unet.config(heads=family.heads, upcast_attention=upcast)
    model = new_unet(config, named_file(path))
    check_fit(model, path, tensors, f"the UNet of {family.name}")
    return Plan(model, tensors)


def _wrong(path: Path, tensors: Tensors, wanted: str) -> str:
    kind = kind_of(tensors)
    if kind is None:
        return f"{named_file(path)} should hold {wanted}; its tensors are {shown_keys(tensors)}"
    remedy = f"; load it with {kind.node}" if kind.node else ""
    return f"{named_file(path)} should hold {wanted} but is {kind.title}{remedy}"
