"""ControlNets and T2I-Adapters from diffusers' folders and from single files."""

from __future__ import annotations

from pathlib import Path

from nodes.diffusion.control import ControlNet
from nodes.diffusion.controlnet import ResidualNet
from nodes.diffusion.controlnet_layout import controlnet_config, diffusers_names
from nodes.diffusion.errors import LoadError
from nodes.diffusion.folders import read_config, weights_file
from nodes.diffusion.network import Network
from nodes.diffusion.parts import new_controlnet, new_t2i_adapter
from nodes.diffusion.precision import resolve_device, resolve_dtype
from nodes.diffusion.stored import open_tensors
from nodes.diffusion.t2i_adapter import (
    AdapterNet,
    UnsupportedAdapter,
    adapter_config,
    adapter_names,
)
from nodes.diffusion.weights import fill, shown_keys

__all__ = ["load_controlnet"]

UNSUPPORTED = {
    "lora_controlnet": "a Control-LoRA, which changes the model itself",
    "task_embedding": "a union ControlNet, of several kinds in one",
    "controlnet_blocks.0.weight": "a ControlNet for a transformer (SD3, Flux)",
}


def load_controlnet(path: Path, *, device: str = "cpu", dtype: str = "auto") -> ControlNet:
    """Load a ControlNet or a T2I-Adapter: a folder, or a file in diffusers' or the original layout.

    `device` and `dtype` as in `precision`. Raises LoadError for anything missing, damaged, or of
    another kind, naming the file and the tensor.
    """
    place = resolve_device(device)
    precision = resolve_dtype(dtype, place)
    if path.is_dir():
        kind, config = read_config(path, "ControlNetModel", "T2IAdapter")
        file, source = weights_file(path, "diffusion_pytorch_model"), f"{path.name}/config.json"
        adapter = _adapter_names(file) if kind == "T2IAdapter" else {}
    else:
        file, source = path, path.name
        adapter = _adapter_names(path)
        config = _adapter_config(path, adapter) if adapter else _config_of(path)
    if adapter:
        model = new_t2i_adapter(config, source)
        fill(
            model, file, expected="a T2I-Adapter", device=place, dtype=precision, rename=adapter.get
        )
        return AdapterNet(Network(model, place, precision), place, precision)
    names = diffusers_names(open_tensors(file))
    model = new_controlnet(config, source)
    fill(model, file, expected="a ControlNet", device=place, dtype=precision, rename=names.get)
    return ResidualNet(Network(model, place, precision), place, precision)


def _adapter_names(path: Path) -> dict[str, str]:
    try:
        return adapter_names(open_tensors(path))
    except UnsupportedAdapter as error:
        raise LoadError(f"{path.name} is {error}") from error


def _adapter_config(path: Path, names: dict[str, str]) -> dict[str, object]:
    tensors = open_tensors(path)
    return adapter_config(path, {name: tensors[key] for key, name in names.items()})


def _config_of(path: Path) -> dict[str, object]:
    header = open_tensors(path)
    for mark, what in UNSUPPORTED.items():
        if mark in header:
            raise LoadError(f"{path.name} is {what}, which is not supported")
    named = {name: header[key] for key, name in diffusers_names(header).items()}
    config = controlnet_config(named)
    if config is None:
        raise LoadError(f"{path.name} holds no ControlNet: its tensors are {shown_keys(header)}")
    return config
