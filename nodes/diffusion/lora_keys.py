"""The names in LoRA files: which network, which module in it, and which part of its adapter.

Trainers write the same thing in many ways: `lora_unet_down_blocks_0_..._to_q.lora_down.weight`
(kohya, LyCORIS), `unet.down_blocks.0....to_q.lora_A.weight` (diffusers, PEFT), `...attn1.processor.
to_q_lora.down.weight` (diffusers before 0.22). Here they all become a network (`unet`, `te1`,
`te2`), a module's name with `_` for every point, and a part by its LyCORIS name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

__all__ = ["Place", "grouped", "networks"]

NETWORKS = (
    ("lora_unet_", "unet"),
    ("lycoris_", "unet"),
    ("lora_te1_", "te1"),
    ("lora_te2_", "te2"),
    ("lora_te_", "te1"),
    ("unet.", "unet"),
    ("text_encoder.", "te1"),
    ("text_encoder_2.", "te2"),
    ("model.diffusion_model.", "unet"),
    ("diffusion_model.", "unet"),
    ("text_encoders.clip_l.transformer.", "te1"),
    ("text_encoders.clip_g.transformer.", "te2"),
    ("clip_l.transformer.", "te1"),
    ("clip_g.transformer.", "te2"),
    ("text_model.", "te1"),
)
"""How a name begins for each network; with none of these it is the UNet's."""
WRAPPERS = ("base_model.model.", "module.")
PEFT = {
    "lora_A": "lora_down",
    "lora_B": "lora_up",
    "lora.down": "lora_down",
    "lora.up": "lora_up",
    "lora_linear_layer.down": "lora_down",
    "lora_linear_layer.up": "lora_up",
    "lora_down": "lora_down",
    "lora_up": "lora_up",
    "lora_mid": "lora_mid",
}
PLAIN = (
    *("alpha", "dora_scale", "diff", "diff_b", "w_norm", "b_norm"),
    *("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"),
    *("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"),
)
ENDINGS = {
    **{f".{name}": name for name in PLAIN},
    **{f".{name}.weight": part for name, part in PEFT.items()},
    **{f".{name}.default.weight": part for name, part in PEFT.items()},
    "_lora.down.weight": "lora_down",
    "_lora.up.weight": "lora_up",
    "_lora.alpha": "alpha",
    ".lora.alpha": "alpha",
    ".lora_linear_layer.alpha": "alpha",
    ".lora_B.bias": "lora_bias",
    ".lora_B.default.bias": "lora_bias",
    ".lora_magnitude_vector": "magnitude",
    ".lora_magnitude_vector.weight": "magnitude",
    ".lora_magnitude_vector.default.weight": "magnitude",
}


class Place(NamedTuple):
    """A module of a network: its name with `_` for every point."""

    network: str
    module: str


def grouped(tensors: Mapping[str, Tensor]) -> tuple[dict[Place, dict[str, Tensor]], list[str]]:
    """The parts of each module's adapter by their names, and the names that are of none."""
    found: dict[Place, dict[str, Tensor]] = {}
    strange = []
    for key, tensor in tensors.items():
        ending = next((e for e in _endings_of(key) if e in ENDINGS), None)
        if ending is None:
            strange.append(key)
        else:
            found.setdefault(_place(key.removesuffix(ending)), {})[ENDINGS[ending]] = tensor
    return found, strange


def networks(places: Mapping[Place, object]) -> set[str]:
    """Which networks a file speaks of."""
    return {place.network for place in places}


def module_of(name: str) -> str:
    """A module's name, as diffusers or PEFT write it, without network and with `_`."""
    return _place(name).module


def _endings_of(key: str) -> list[str]:
    """Every piece of the name from a point (or `_lora`) to its end, the longest first."""
    return [key[at:] for at, sign in enumerate(key) if sign == "." or key.startswith("_lora.", at)]


def _place(stem: str) -> Place:
    for wrapper in WRAPPERS:
        stem = stem.removeprefix(wrapper)
    network = "unet"
    for prefix, name in NETWORKS:
        if stem.startswith(prefix):
            network = name
            stem = stem.removeprefix(prefix)
            break
    module = stem.replace(".processor.", ".").replace(".", "_")
    return Place(network, module.removeprefix("text_model_"))
