"""Our wire types under the names that version 1 clients have for them."""

from __future__ import annotations

import re

__all__ = ["comfy_type", "comfy_types"]

_NAMES = {
    "Audio": "AUDIO",
    "ClipVision": "CLIP_VISION",
    "ClipVisionOutput": "CLIP_VISION_OUTPUT",
    "Conditioning": "CONDITIONING",
    "ControlNet": "CONTROL_NET",
    "Denoiser": "MODEL",
    "Gligen": "GLIGEN",
    "Guider": "GUIDER",
    "Image": "IMAGE",
    "Latent": "LATENT",
    "Mask": "MASK",
    "Noise": "NOISE",
    "Sampler": "SAMPLER",
    "Sigmas": "SIGMAS",
    "StyleModel": "STYLE_MODEL",
    "TextEncoder": "CLIP",
    "UpscaleModel": "UPSCALE_MODEL",
    "Vae": "VAE",
    "Video": "VIDEO",
    "any": "*",
    "bool": "BOOLEAN",
    "float": "FLOAT",
    "int": "INT",
    "object": "*",
    "str": "STRING",
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LIST = re.compile(r"list\[(.*)\]")


def comfy_type(name: str) -> str:
    """The name of one class: as ComfyUI has it, else ours in capitals (`FluxGuide`: FLUX_GUIDE)."""
    return _NAMES.get(name) or _HUMP.sub("_", name).upper()


def comfy_types(wire: str) -> str:
    """The name of a wire type as we write it (`Image | Mask`, `list[int]`), joined by commas."""
    inner = match[1] if (match := _LIST.fullmatch(wire)) else wire
    names = [comfy_type(part) for part in inner.split(" | ") if part != "None"]
    return "*" if "*" in names or not names else ",".join(names)
