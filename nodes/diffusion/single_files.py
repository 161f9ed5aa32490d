"""Checkpoints in one file, in the original key layout: their parts, checked and then read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import torch

from nodes.diffusion.assembly import Parts, TextPart
from nodes.diffusion.denoiser import Prediction
from nodes.diffusion.errors import LoadError
from nodes.diffusion.families import FAMILIES, Family, TextPlace, recognise
from nodes.diffusion.headers import named_file
from nodes.diffusion.kinds import UNET_PREFIX, VAE_PREFIXES, kind_of
from nodes.diffusion.ldm_text import clip_config, clip_tensor
from nodes.diffusion.ldm_unet import LdmUnet, ldm_unet_key, read_ldm_unet
from nodes.diffusion.ldm_vae import ldm_vae_config, ldm_vae_tensor
from nodes.diffusion.network import Network
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.parts import new_text_model, new_unet, new_vae
from nodes.diffusion.precision import resolve_device, resolve_dtype, storage_dtype
from nodes.diffusion.ranges import looked_through
from nodes.diffusion.stored import StoredTensor, open_tensors
from nodes.diffusion.vae import Vae
from nodes.diffusion.vocabulary import clip_tokenizer
from nodes.diffusion.weights import check_fit, place, shown_keys

__all__ = [
    "Plan",
    "below",
    "load_vae_plan",
    "plan_text",
    "plan_unet",
    "plan_vae",
    "prediction_of",
    "read_single_file",
]

Tensors = Mapping[str, StoredTensor]
Find = Callable[[str], tuple[str, StoredTensor | None]]

V_STATISTIC = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
V_THRESHOLD = 0.09
IGNORED = ("position_ids", "logit_scale", "text_projection", "text_projection.weight", "attn_mask")
"""What text models have in files and need not have in memory."""


@dataclass(frozen=True)
class Plan:
    """A network without memory and the tensors that it will have, all there and of its shapes."""

    model: Any
    tensors: Tensors

    def load(self, path: Path, device: torch.device, dtype: torch.dtype) -> Any:
        """The network with its weights."""
        place(self.model, self.tensors, path, device=device, dtype=dtype)
        return self.model


def read_single_file(
    path: Path, device: str, dtype: str, families: Sequence[Family] = FAMILIES
) -> Parts:
    """The parts of a checkpoint in a file of the original layout, the family told by its header.

    All is checked before memory is taken. Raises LoadError for a file that is damaged, lacks a
    part or a tensor, is no checkpoint, or is one of a family that is not among `families`.
    """
    tensors = open_tensors(path)
    unet, family = _family(path, tensors, families)
    prefixes = (UNET_PREFIX, *VAE_PREFIXES, *(p for text in family.text for p in text.prefixes))
    with looked_through(tensors, lambda key: key.startswith(prefixes)) as watched:
        return _parts(path, watched, unet, family, resolve_device(device), dtype)


def _parts(
    path: Path,
    tensors: Tensors,
    unet: LdmUnet,
    family: Family,
    target: torch.device,
    dtype: str,
) -> Parts:
    prediction, schedule = prediction_of(path, tensors, unet, family)
    planned = plan_unet(path, below(tensors, UNET_PREFIX), unet, family, prediction)
    vae = _plan_vae(path, tensors, family)
    text = [(here, _plan_text(path, tensors, here, family, target)) for here in family.text]
    precision, careful = (resolve_dtype(dtype, target, sensitive=s) for s in (False, True))
    return Parts(
        unet=planned.load(path, target, precision),
        vae=load_vae_plan(vae, path, target, careful),
        text=tuple(
            TextPart(plan.load(path, target, careful), clip_tokenizer(), target, here.padding)
            for here, plan in text
        ),
        schedule=schedule,
        prediction=prediction,
        device=target,
        dtype=precision,
        storage=storage_dtype(dtype),
    )


def below(tensors: Tensors, prefix: str) -> dict[str, StoredTensor]:
    """The tensors whose names begin with `prefix`, by what follows it."""
    length = len(prefix)
    return {key[length:]: tensor for key, tensor in tensors.items() if key.startswith(prefix)}


def plan_unet(
    path: Path, tensors: Tensors, unet: LdmUnet, family: Family, prediction: Prediction
) -> Plan:
    """A UNet of the original layout from tensors without prefix."""
    # Attention of models that predict v overflows in half precision.
    upcast = prediction == "v_prediction"
    model = new_unet(unet.config(heads=family.heads, upcast_attention=upcast), named_file(path))

    def find(name: str) -> tuple[str, StoredTensor | None]:
        key = ldm_unet_key(name, unet)
        return key, tensors.get(key)

    return _plan(path, model, tensors, find, f"the UNet of {family.name}")


def plan_vae(path: Path, tensors: Tensors, scale: float) -> Plan:
    """An autoencoder of the original layout from tensors without prefix."""
    config = ldm_vae_config(tensors, scaling_factor=scale)
    if config is None:
        raise LoadError(f"{named_file(path)} holds no VAE that is known here")
    levels = len(config["block_out_channels"])
    model = new_vae(config, named_file(path))
    find = partial(ldm_vae_tensor, tensors=tensors, levels=levels)
    own = {k: t for k, t in tensors.items() if k.startswith(("encoder.", "decoder."))}
    return _plan(path, model, own, find, "the VAE")


def load_vae_plan(plan: Plan, path: Path, device: torch.device, dtype: torch.dtype) -> Vae:
    """The VAE, float32 where half precision overflows."""
    if dtype == torch.float16:
        dtype = torch.float32
    model = plan.load(path, device, dtype)
    return Vae(Network(model, device, dtype), device=device, dtype=dtype)


def plan_text(path: Path, tensors: Tensors, device: torch.device, *, projected: bool) -> Plan:
    """A CLIP text model from tensors without prefix, in transformers' names or OpenCLIP's."""
    config = clip_config(tensors)
    if config is None:
        raise LoadError(f"{named_file(path)} holds no CLIP text model")
    model = new_text_model(config, named_file(path), device, projected=projected)
    own = {k: t for k, t in tensors.items() if not k.endswith(IGNORED)}
    return _plan(path, model, own, partial(clip_tensor, tensors=tensors), "the text encoder")


def prediction_of(
    path: Path, tensors: Tensors, unet: LdmUnet, family: Family
) -> tuple[Prediction, NoiseSchedule]:
    """What the network predicts, and at which levels.

    SDXL models that predict v say so by an empty tensor `v_pred`, those of zero terminal SNR by
    `ztsnr`. SD2 says nothing: as is usual in the field, the models of 768 pixels, which predict
    v, are told by the spread of one bias (more than 0.09). `ModelSamplingDiscrete` overrides it.
    """
    strange = [key for key in tensors if key.startswith(("edm_", "denoiser.sigma_data"))]
    if strange:
        raise LoadError(
            f"{named_file(path)} is a {family.name} model with noise levels of EDM "
            f"({shown_keys(strange)}), which are not supported"
        )
    schedule = family.schedule()
    if "ztsnr" in tensors:
        schedule = schedule.zero_terminal_snr()
    if "v_pred" in tensors:
        return "v_prediction", schedule
    if family.prediction is not None:
        return family.prediction, schedule
    bias = tensors.get(UNET_PREFIX + V_STATISTIC) or tensors.get(V_STATISTIC)
    if unet.inputs != unet.outputs or bias is None:
        return "epsilon", schedule
    spread = float(bias.read().float().std(unbiased=False))
    return ("v_prediction" if spread > V_THRESHOLD else "epsilon"), schedule


def _family(path: Path, tensors: Tensors, families: Sequence[Family]) -> tuple[LdmUnet, Family]:
    unet = read_ldm_unet(below(tensors, UNET_PREFIX))
    if unet is None or not any(key.startswith(VAE_PREFIXES) for key in tensors):
        _refuse(path, tensors)
    try:
        return unet, recognise(unet, families)
    except LoadError as error:
        raise LoadError(f"{named_file(path)} is not recognised: {error}") from error


def _refuse(path: Path, tensors: Tensors) -> NoReturn:
    kind = kind_of(tensors)
    saw = f"it holds {len(tensors)} tensors: {_telling(tensors)}"
    if kind is None:
        raise LoadError(f"{named_file(path)} is not recognised as a checkpoint: {saw}")
    if kind.node == "LoadCheckpoint":
        raise LoadError(
            f"{named_file(path)} is a checkpoint, but of a family that is not known here, or "
            f"without the first or last layer of its UNet: {saw}"
        )
    remedy = f"; load it with {kind.node}" if kind.node else ", which is not supported here"
    if kind.title == "a UNet":
        remedy += ", and its text encoder and VAE with CLIPLoader and VAELoader"
    raise LoadError(f"{named_file(path)} is {kind.title}, not a whole checkpoint{remedy}")


def _telling(tensors: Tensors) -> str:
    """A name of each group, with its shape."""
    firsts: dict[str, StoredTensor] = {}
    for key, tensor in tensors.items():
        firsts.setdefault(".".join(key.split(".")[:2]), tensor)
    return shown_keys((f"{tensor.key} {list(tensor.shape)}" for tensor in firsts.values()), 5)


def _plan_vae(path: Path, tensors: Tensors, family: Family) -> Plan:
    prefix = next(p for p in VAE_PREFIXES if any(key.startswith(p) for key in tensors))
    plan = plan_vae(path, below(tensors, prefix), family.scale)
    levels = len(plan.model.config.block_out_channels)
    if levels != family.vae_levels:
        raise LoadError(
            f"{named_file(path)} holds a VAE of {levels} resolutions and a UNet of {family.name}, "
            f"whose VAE has {family.vae_levels}"
        )
    return plan


def _plan_text(
    path: Path, tensors: Tensors, text: TextPlace, family: Family, device: torch.device
) -> Plan:
    for prefix in text.prefixes:
        if own := below(tensors, prefix):
            plan = plan_text(path, own, device, projected=text.projected)
            width = plan.model.config.hidden_size
            if width != text.width:
                raise LoadError(
                    f"{named_file(path)}: the text encoder at {prefix} is {width} wide, "
                    f"that of {family.name} {text.width}"
                )
            return plan
    raise LoadError(
        f"{named_file(path)} is a {family.name} model without its text encoder "
        f"({' or '.join(text.prefixes)}*); load the UNet with UNETLoader and a text encoder with "
        f"CLIPLoader"
    )


def _plan(path: Path, model: Any, tensors: Tensors, find: Find, what: str) -> Plan:
    found: dict[str, StoredTensor] = {}
    used, missing = set(), []
    for name in model.state_dict():
        key, tensor = find(name)
        used.add(key)
        if tensor is None:
            missing.append(key)
        else:
            found[name] = tensor
    if missing:
        raise LoadError(
            f"{named_file(path)} lacks {len(missing)} tensors of {what}: {shown_keys(missing)}"
        )
    extra = [tensor.key for key, tensor in tensors.items() if key not in used]
    if extra:
        raise LoadError(
            f"{named_file(path)} has {len(extra)} tensors that {what} has no place for: "
            f"{shown_keys(extra)}"
        )
    check_fit(model, path, found, what)
    return Plan(model, found)
