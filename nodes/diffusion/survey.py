"""What a model file or folder holds, told by names and shapes alone: no weights are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import prod
from pathlib import Path

from nodes.diffusion.errors import LoadError
from nodes.diffusion.families import UnknownFamily, recognise, variant
from nodes.diffusion.folders import weights_file
from nodes.diffusion.headers import named_file, read_header, read_json
from nodes.diffusion.kinds import UNET_PREFIX, kind_of
from nodes.diffusion.ldm_unet import read_ldm_unet
from nodes.diffusion.plain_layout import read_plain_unet
from nodes.diffusion.single_files import below
from nodes.diffusion.stored import StoredTensor, open_tensors

__all__ = ["describe_model"]

Tensors = Mapping[str, StoredTensor]

FAMILIES = {768: "SD1", 1024: "SD2", 1280: "SDXL refiner", 2048: "SDXL"}
"""Models by the width of the embeddings that their UNets read."""
TEXT_MODELS = {768: "CLIP-L", 1024: "OpenCLIP ViT-H", 1280: "OpenCLIP ViT-bigG"}
WORDS = {768: "SD1", 1024: "SD2", 1280: "SDXL"}
"""Models by the width of their text models' vectors."""
READERS = ("to_k.weight", "lora_down.weight", "lora_A.weight", "lora.down.weight", "hada_w1_b")
"""What is as wide as the embeddings, of the map that reads them."""
VECTORS = ("emb_params", "clip_g", "string_to_param.*")
OLD_PICKLE = 64 * 2**20
"""Bytes from which on pickles of the format before 2020, which cannot be mapped, are not read."""


def describe_model(path: Path) -> str:
    """Kind, family and number format of what is at `path`: "SD1 inpaint checkpoint, F16".

    Raises LoadError for a file that is damaged or no weights at all, saying so.
    """
    if path.is_dir():
        return _described_folder(path)
    if _is_old_pickle(path):
        return "pickle of an old format"
    tensors = open_tensors(path)
    return f"{_titled(tensors)}, {_format(tensors)}"


def _titled(tensors: Tensors) -> str:
    kind = kind_of(tensors)
    if kind is None:
        width = _lone_width(tensors)
        return "embedding" + _of(WORDS, width) if width else "not recognised"
    title = kind.title.partition(" ")[2]
    if title in ("single-file checkpoint", "UNet"):
        return f"{_unet_family(tensors)} {title.removeprefix('single-file ')}"
    if title in ("LoRA", "ControlNet"):
        return title + _of(FAMILIES, _reads(tensors))
    if title == "text encoder":
        return title + _of(TEXT_MODELS, _text_width(tensors))
    if title == "embedding":
        return title + _of(WORDS, next((t.shape[-1] for t in _vectors(tensors)), 0))
    return title


def _unet_family(tensors: Tensors) -> str:
    own = below(tensors, UNET_PREFIX) or tensors
    unet = read_ldm_unet(own) or read_plain_unet(own)
    try:
        return "unknown" if unet is None else variant(recognise(unet), unet)
    except UnknownFamily:
        return "unknown"


def _described_folder(path: Path) -> str:
    if (path / "model_index.json").exists():
        read_json(path / "model_index.json")
        unet = path / "unet"
        tensors = open_tensors(weights_file(unet, "diffusion_pytorch_model"))
        for part in ("vae", "text_encoder", "text_encoder_2"):
            for file in (path / part).glob("*.safetensors"):
                read_header(file)
        family = _unet_family(tensors).replace("unknown", "diffusers")
        return f"{family} folder, {_format(tensors)}"
    config = read_json(path / "config.json")
    names = config.get("architectures")
    first = names[0] if isinstance(names, list) and names else "model"
    name = config.get("_class_name") or first
    for file in path.glob("*.safetensors"):
        read_header(file)
    return f"{name} folder"


def _is_old_pickle(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(1)
        if path.suffix.lower() == ".safetensors":
            return False
        return start == b"\x80" and path.stat().st_size > OLD_PICKLE
    except OSError as error:
        raise LoadError(f"{named_file(path)} cannot be read: {error.strerror}") from error


def _format(tensors: Tensors) -> str:
    """The number format of most of the numbers."""
    counted = Counter[str]()
    for tensor in tensors.values():
        counted[tensor.dtype] += prod(tensor.shape)
    return counted.most_common(1)[0][0]


def _of(names: Mapping[int, str], width: int) -> str:
    return f" for {names[width]}" if width in names else ""


def _reads(tensors: Tensors) -> int:
    """The width of the embeddings that attention reads, 0 where it does not show."""
    for key, tensor in tensors.items():
        if "attn2" in key and "to_k" in key and key.endswith(READERS) and len(tensor.shape) > 1:
            return tensor.shape[1]
    return 0


def _text_width(tensors: Tensors) -> int:
    for key, tensor in tensors.items():
        if key.endswith("token_embedding.weight") and len(tensor.shape) == 2:
            return tensor.shape[1]
    return 0


def _vectors(tensors: Tensors) -> list[StoredTensor]:
    return [t for key, t in tensors.items() if key in VECTORS and t.shape]


def _lone_width(tensors: Tensors) -> int:
    """The width of a file's only tensor, if it can be vectors of an embedding; else 0."""
    if len(tensors) != 1:
        return 0
    shape = next(iter(tensors.values())).shape
    return shape[-1] if len(shape) in (1, 2) and shape[-1] in WORDS else 0
