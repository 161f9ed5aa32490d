"""LoRA files put on a network: what fits where, checked, as a patch of its weights."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from nodes.diffusion.adapters import Change, Full, adapter_of, on
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import LoadError
from nodes.diffusion.lora_keys import Place, grouped, module_of
from nodes.diffusion.lora_names import text_names, unet_names
from nodes.diffusion.tensor_files import read_tensors
from nodes.diffusion.text import TextEncoder
from nodes.diffusion.weights import shown_keys

__all__ = ["Fitted", "Lora", "LoraPatch", "apply_lora", "read_lora"]

FAMILIES = {
    768: "Stable Diffusion 1",
    1024: "Stable Diffusion 2",
    2048: "SDXL",
    1280: "the SDXL refiner",
}
"""Models by the width of the embeddings that their UNets read."""
NETWORK_NAMES = {"unet": "the model", "te1": "the text encoder", "te2": "the second text encoder"}
BAD_PARTS = (RuntimeError, ValueError, IndexError, TypeError)

Modules = dict[Place, dict[str, Tensor]]


@dataclass(frozen=True, eq=False)
class LoraPatch:
    """The changes of one file to one network's parameters, each `strength` times."""

    changes: Mapping[str, Change]
    strength: float

    @property
    def targets(self) -> Collection[str]:
        return self.changes.keys()

    def patched(self, name: str, weight: Tensor) -> Tensor:
        return self.changes[name].applied(weight, self.strength)


@dataclass(frozen=True, eq=False)
class Lora:
    """A LoRA file: parts of adapters for modules, and what it says of their alphas.

    `strange` are names that belong to no adapter known here.
    """

    name: str
    modules: Modules
    strange: tuple[str, ...]
    settings: Mapping[str, Any]

    def of(self, network: str) -> Modules:
        """What there is for one network (`unet`, `te1`, `te2`)."""
        return {place: parts for place, parts in self.modules.items() if place.network == network}


class Fitted(NamedTuple):
    """A model and a text encoder with a LoRA, and the names in the file that fitted neither."""

    model: Denoiser
    clip: TextEncoder | None
    left: tuple[str, ...]

    def told(self, name: str) -> str:
        """What to tell a user of what did not fit."""
        return (
            f"{name}: {len(self.left)} of its parts have no place in this model and are left out: "
            f"{shown_keys(self.left)}"
        )


def read_lora(path: Path) -> Lora:
    """Read a LoRA file; LoadError if it is damaged or holds none of the kinds known here."""
    file = read_tensors(path)
    modules, strange = grouped(file.tensors)
    if not modules:
        raise LoadError(
            f"{file.name} holds no LoRA that is known here (LoRA, LoCon, LoHa, LoKr, DoRA, full "
            f"differences): its tensors are {shown_keys(file.tensors)}"
        )
    return Lora(file.name, modules, tuple(strange), _settings(file.notes))


def apply_lora(
    lora: Lora,
    model: Denoiser,
    clip: TextEncoder | None,
    strength_model: float = 1.0,
    strength_clip: float = 1.0,
) -> Fitted:
    """The model and text encoder with the LoRA on them; strength 0 leaves them as they are.

    Raises LoadError if a part is of another shape than the network's, naming the family that it
    was made for where its shapes tell, or if nothing in the file fits.
    """
    left = list(lora.strange)
    patch, misfits = _patch(lora, "unet", model.network.module, strength_model)
    left += misfits
    patched_clip, clip_patches = clip, 0
    if clip is not None:
        patched_clip, clip_patches, misfits = _on_towers(lora, clip, strength_clip)
        left += misfits
    if not patch.changes and not clip_patches:
        raise LoadError(_nothing_fits(lora, clip))
    if patch.changes and strength_model:
        model = model.with_weights(patch)
    return Fitted(model, patched_clip, tuple(left))


def _on_towers(
    lora: Lora, clip: TextEncoder, strength: float
) -> tuple[TextEncoder, int, list[str]]:
    towers, count, left = [], 0, []
    spoken_of = [name for name in ("te1", "te2") if lora.of(name)]
    for place, tower in enumerate(clip.towers):
        network = f"te{place + 1}"
        if len(clip.towers) == 1 and spoken_of == ["te2"]:
            network = "te2"  # SDXL's refiner reads the second text encoder of the base model
        patch, misfits = _patch(lora, network, tower.network.module, strength)
        left += misfits
        count += len(patch.changes)
        if patch.changes and strength:
            tower = replace(tower, weights=(*tower.weights, patch))
        towers.append(tower)
    if len(clip.towers) == 1 and len(spoken_of) == 2:
        left += [place.module for place in lora.of("te2")]
    return replace(clip, towers=tuple(towers)), count, left


def _patch(lora: Lora, network: str, module: Any, strength: float) -> tuple[LoraPatch, list[str]]:
    """The changes for one network, and the modules of the file that it does not have."""
    names = unet_names(module) if network == "unet" else text_names(module)
    parameters = dict(module.named_parameters())
    changes: dict[str, Change] = {}
    left = []
    for place, parts in lora.of(network).items():
        name = names.get(place.module)
        made = {} if name is None else _changes(lora, place, parts)
        if not made or any(f"{name}.{leaf}" not in parameters for leaf in made):
            left.append(f"{network}: {place.module}")
            continue
        for leaf, change in made.items():
            _check_shape(lora, place, change, parameters[f"{name}.{leaf}"], module)
            changes[f"{name}.{leaf}"] = change
    return LoraPatch(changes, strength), left


def _changes(lora: Lora, place: Place, parts: dict[str, Tensor]) -> dict[str, Change]:
    """The changes to a module's own parameters, `weight` and `bias`."""
    alpha, stabilised = _alpha(lora.settings, place)
    try:
        found = {}
        for whole, leaf in (("diff_b", "bias"), ("w_norm", "weight"), ("b_norm", "bias")):
            if whole in parts:
                found[leaf] = Change(Full(parts[whole]))
        if parts.keys() - {"diff_b", "w_norm", "b_norm", "alpha"}:
            adapter = adapter_of(parts, alpha, stabilised=stabilised)
            # PEFT has one for each row, in whatever shape; LyCORIS one for each row or column.
            magnitude = parts["magnitude"].flatten() if "magnitude" in parts else None
            found["weight"] = Change(adapter, parts.get("dora_scale", magnitude))
            if "lora_bias" in parts:
                scale = float(getattr(adapter, "scale", 1.0))
                found["bias"] = Change(Full(parts["lora_bias"], scale))
    except KeyError as error:
        raise LoadError(
            f"{lora.name} is not whole: {place.module} has {', '.join(sorted(parts))} and lacks "
            f"{error.args[0]}"
        ) from error
    return found


def _check_shape(lora: Lora, place: Place, change: Change, weight: Tensor, module: Any) -> None:
    wanted = (weight.shape[0], *([weight[0].numel()] if weight.ndim > 1 else []))
    try:
        got = tuple(on(change.adapter, "meta").matrix().shape)
    except BAD_PARTS as error:
        raise LoadError(
            f"{lora.name} is damaged: the factors for {place.module} do not fit together"
        ) from error
    if got != wanted:
        raise LoadError(
            f"{lora.name} does not fit {NETWORK_NAMES[place.network]}: {place.module} is "
            f"{list(got)} there and {list(wanted)} here{_families(lora, place, module)}"
        )
    magnitude = change.magnitude
    if magnitude is not None and not _is_magnitude(magnitude, weight):
        raise LoadError(
            f"{lora.name} is damaged: the magnitudes for {place.module} are "
            f"{list(magnitude.shape)}, its weight is {list(weight.shape)}"
        )


def _is_magnitude(magnitude: Tensor, weight: Tensor) -> bool:
    """Whether it has a number for each row [out, 1, ...] or each column [1, in, ...]."""
    if weight.ndim < 2 or not magnitude.ndim:
        return False
    axis = 0 if magnitude.shape[0] == weight.shape[0] else 1
    return magnitude.numel() == weight.shape[axis] and magnitude.ndim > axis


def _families(lora: Lora, place: Place, module: Any) -> str:
    """Which model the file was made for and which this is, where widths tell."""
    if place.network != "unet":
        return "; it was made for another text encoder"
    reads = (
        _width(parts) for place, parts in lora.of("unet").items() if "attn2_to_k" in place.module
    )
    made_for = FAMILIES.get(next(reads, 0), "another model")
    return f"; it was made for {made_for}, and this is {_family(module)}"


def _family(module: Any) -> str:
    width = module.config.cross_attention_dim
    return FAMILIES.get(width, f"a model that reads embeddings {width} wide")


def _width(parts: dict[str, Tensor]) -> int:
    down = parts.get("lora_down")
    return 0 if down is None or down.ndim < 2 else int(down.shape[1])


def _nothing_fits(lora: Lora, clip: TextEncoder | None) -> str:
    kinds = {place.network for place in lora.modules}
    if clip is None and "unet" not in kinds:
        return f"{lora.name} changes text encoders only: use LoraLoader, with a text encoder"
    shown = shown_keys(place.module for place in lora.modules)
    return (
        f"nothing in {lora.name} fits this model: none of its {len(lora.modules)} modules is "
        f"there. They are {shown}"
    )


def _settings(notes: Mapping[str, str]) -> Mapping[str, Any]:
    """What diffusers writes of the PEFT configurations beside the tensors: `unet.lora_alpha`."""
    try:
        found = json.loads(notes.get("lora_adapter_metadata", "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _alpha(settings: Mapping[str, Any], place: Place) -> tuple[float | None, bool]:
    """The alpha of a module by the settings, and whether the root of the rank divides it."""
    prefix = {"unet": "unet", "te1": "text_encoder", "te2": "text_encoder_2"}[place.network]
    alpha = settings.get(f"{prefix}.lora_alpha")
    patterns = settings.get(f"{prefix}.alpha_pattern")
    for pattern, value in patterns.items() if isinstance(patterns, dict) else ():
        if f"_{place.module}".endswith(f"_{module_of(str(pattern))}"):
            alpha = value
    numeric = isinstance(alpha, int | float) and not isinstance(alpha, bool)
    known = float(alpha) if alpha is not None and numeric else None
    return known, bool(settings.get(f"{prefix}.use_rslora"))
