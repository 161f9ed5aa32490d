"""Model folders in diffusers' layout into networks, without the network, checked on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import torch

from nodes.diffusion.betas import beta_schedule
from nodes.diffusion.denoiser import Denoiser, Prediction
from nodes.diffusion.errors import LoadError
from nodes.diffusion.network import Network
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.precision import resolve_device, resolve_dtype
from nodes.diffusion.preview import SD1_FIT, PreviewFit, read_preview_fit
from nodes.diffusion.text import TextEncoder
from nodes.diffusion.tower import TextTower
from nodes.diffusion.vae import Vae
from nodes.diffusion.weights import fill, read_json

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

__all__ = ["Checkpoint", "load_checkpoint", "load_vae"]

LAYOUT = {
    "unet": ("UNet2DConditionModel",),
    "vae": ("AutoencoderKL",),
    "text_encoder": ("CLIPTextModel",),
    "tokenizer": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "scheduler": (),
}
"""The parts of a Stable Diffusion 1 folder and the classes each may have (none: any)."""
OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
BAD_CONFIG = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The parts of a model that a workflow wires up separately."""

    denoiser: Denoiser
    text_encoder: TextEncoder
    vae: Vae


def load_checkpoint(path: Path, *, device: str = "cpu", dtype: str = "auto") -> Checkpoint:
    """Load a Stable Diffusion 1 folder (model_index.json, unet, vae, text_encoder, ...).

    `device` and `dtype` as in `precision`. Raises LoadError for anything missing, damaged, or of
    another kind, naming the file and the tensor.
    """
    _check_folder(path)
    _check_index(read_json(path / "model_index.json"), path)
    vae = load_vae(path / "vae", device=device, dtype=dtype)
    return Checkpoint(
        denoiser=_load_denoiser(path, vae, device, dtype),
        text_encoder=_load_text_encoder(path, device, dtype),
        vae=vae,
    )


def load_vae(path: Path, *, device: str = "cpu", dtype: str = "auto") -> Vae:
    """Load an AutoencoderKL folder, or the `vae` folder within a checkpoint's."""
    from diffusers import AutoencoderKL

    _check_folder(path)
    folder = path / "vae" if (path / "model_index.json").exists() else path
    config = _config(folder, "AutoencoderKL")
    place = resolve_device(device)
    precision = resolve_dtype(dtype, place, sensitive=True)
    if precision == torch.float16 and config.get("force_upcast", True):
        precision = torch.float32
    model = _on_meta(folder, AutoencoderKL, config)
    fill(
        model,
        _weights(folder, "diffusion_pytorch_model"),
        expected="a VAE",
        device=place,
        dtype=precision,
        rename=_modern_attention,
    )
    return Vae(model=model, device=place, dtype=precision)


def _load_denoiser(path: Path, vae: Vae, device: str, dtype: str) -> Denoiser:
    from diffusers import UNet2DConditionModel

    folder = path / "unet"
    config = _config(folder, "UNet2DConditionModel")
    model = _on_meta(folder, UNet2DConditionModel, config)
    channels = int(model.config.out_channels)
    if model.config.in_channels != channels or channels != vae.latent_channels:
        raise LoadError(
            f"unet/config.json: a network of {model.config.in_channels} channels in and {channels} "
            f"out, with a VAE of {vae.latent_channels}, is not supported yet"
        )
    place = resolve_device(device)
    precision = resolve_dtype(dtype, place)
    file = _weights(folder, "diffusion_pytorch_model")
    fill(model, file, expected="a UNet", device=place, dtype=precision)
    schedule, prediction = _schedule(path / "scheduler" / "scheduler_config.json")
    return Denoiser(
        network=Network(model),
        schedule=schedule,
        prediction=prediction,
        latent_channels=channels,
        latent_factor=vae.factor,
        device=place,
        dtype=precision,
        preview=_preview(path, vae),
    )


def _load_text_encoder(path: Path, device: str, dtype: str) -> TextEncoder:
    from transformers import CLIPTextModel

    folder = path / "text_encoder"
    config = _config(folder, "CLIPTextModel")
    model = _on_meta(folder, CLIPTextModel, config)
    place = resolve_device(device)
    precision = resolve_dtype(dtype, place, sensitive=True)
    # The one buffer that no file holds.
    positions = torch.arange(model.config.max_position_embeddings, device=place)
    model.embeddings.position_ids = positions.expand(1, -1)
    file = _weights(folder, "model")
    fill(
        model,
        file,
        expected="a text encoder",
        device=place,
        dtype=precision,
        rename=_modern_text,
    )
    tokenizer = _tokenizer(path / "tokenizer")
    if len(tokenizer) > model.config.vocab_size:
        raise LoadError(
            f"the tokenizer knows {len(tokenizer)} tokens and the text encoder "
            f"{model.config.vocab_size}: they belong to different models"
        )
    return TextEncoder((TextTower(Network(model), tokenizer, place),))


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


def _schedule(path: Path) -> tuple[NoiseSchedule, Prediction]:
    config = read_json(path)
    prediction = config.get("prediction_type", "epsilon")
    if prediction not in get_args(Prediction):
        raise LoadError(
            f"scheduler/{path.name}: unknown prediction_type {prediction!r}; "
            f"known: {', '.join(get_args(Prediction))}"
        )
    try:
        if config.get("trained_betas"):
            betas = torch.tensor(config["trained_betas"], dtype=torch.float64)
        else:
            betas = beta_schedule(
                config["beta_schedule"],
                int(config["num_train_timesteps"]),
                float(config["beta_start"]),
                float(config["beta_end"]),
            )
        schedule = NoiseSchedule.from_betas(betas)
    except BAD_CONFIG as error:
        raise LoadError(f"scheduler/{path.name} gives no noise schedule: {error}") from error
    if config.get("rescale_betas_zero_snr"):
        schedule = schedule.zero_terminal_snr()
    return schedule, prediction


def _preview(path: Path, vae: Vae) -> PreviewFit | None:
    file = path / "latent_preview.json"
    if file.exists():
        return read_preview_fit(file, vae.latent_channels)
    return SD1_FIT if (vae.latent_channels, vae.factor) == (4, 8) else None


def _check_folder(path: Path) -> None:
    if path.is_file():
        raise LoadError(f"{path.name} is a single file: not supported yet, only diffusers folders")
    if not path.is_dir():
        raise LoadError(f"{path.name} does not exist")


def _check_index(index: dict[str, Any], path: Path) -> None:
    pipeline = index.get("_class_name")
    for part, classes in LAYOUT.items():
        entry = index.get(part)
        found = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
        if not found or (classes and found not in classes):
            raise LoadError(
                f"{path.name} is a {pipeline}, which is not supported yet: its {part} is "
                f"{found or 'missing'}, expected {' or '.join(classes) or 'a scheduler'}"
            )
    if index.get("text_encoder_2") not in (None, [None, None]):
        raise LoadError(f"{path.name} is a {pipeline} with two text encoders: not supported yet")


def _config(folder: Path, expected: str) -> dict[str, Any]:
    if not folder.is_dir():
        raise LoadError(f"the folder {folder.name}/ is missing")
    config = read_json(folder / "config.json")
    found = config.get("_class_name") or next(iter(config.get("architectures") or ()), None)
    if found not in (expected, None):
        raise LoadError(f"{folder.name}/config.json describes a {found}, expected {expected}")
    return config


def _weights(folder: Path, stem: str) -> Path:
    """The safetensors file of a part, the full precision one if both are there."""
    for name in (f"{stem}.safetensors", f"{stem}.fp16.safetensors"):
        if (folder / name).exists():
            return folder / name
    others = sorted(
        file.name for file in folder.glob("*") if file.suffix in {".bin", ".safetensors", ".ckpt"}
    )
    found = f"found {', '.join(others)}" if others else "there are no weights"
    raise LoadError(f"{folder.name}/{stem}.safetensors is missing; {found}")


def _on_meta(folder: Path, network: Any, config: dict[str, Any]) -> Any:
    """A network of diffusers or transformers, without memory for its weights."""
    try:
        with torch.device("meta"):
            if hasattr(network, "from_config"):
                return network.from_config(config)
            return network(network.config_class.from_dict(config))
    except (*BAD_CONFIG, NotImplementedError, RuntimeError) as error:
        raise LoadError(f"{folder.name}/config.json describes no network: {error}") from error


def _modern_attention(key: str) -> str:
    """Autoencoders saved before diffusers 0.17 name the parts of attention otherwise."""
    *parents, part, leaf = key.rsplit(".", 2)
    if "attentions" in key and part in OLD_ATTENTION:
        return ".".join([*parents, OLD_ATTENTION[part], leaf])
    return key


def _modern_text(key: str) -> str | None:
    """Text encoders saved before transformers 5.6 have a prefix, and a buffer we make ourselves."""
    key = key.removeprefix("text_model.")
    return None if key == "embeddings.position_ids" else key
