"""Networks of diffusers and transformers out of configurations, and what schedulers say of them."""

from __future__ import annotations

from typing import Any, get_args

import torch
from torch.overrides import TorchFunctionMode

from nodes.diffusion.betas import beta_schedule
from nodes.diffusion.denoiser import Prediction
from nodes.diffusion.errors import LoadError
from nodes.diffusion.noise_schedule import NoiseSchedule

__all__ = [
    "latent_channels",
    "new_controlnet",
    "new_t2i_adapter",
    "new_text_model",
    "new_unet",
    "new_vae",
    "read_schedule",
]

BAD_CONFIG = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError)


def new_unet(config: dict[str, Any], source: str) -> Any:
    """A UNet2DConditionModel without memory for its weights.

    Raises LoadError, naming the `source` of the configuration, if that describes no such network,
    or one that is told what we have no word for.
    """
    from diffusers import UNet2DConditionModel

    unet = _on_meta(UNet2DConditionModel, config, source)
    _check_unet(unet.config, source)
    return unet


def new_controlnet(config: dict[str, Any], source: str) -> Any:
    """A ControlNetModel, as `new_unet`."""
    from diffusers import ControlNetModel

    return _on_meta(ControlNetModel, config, source)


def new_t2i_adapter(config: dict[str, Any], source: str) -> Any:
    """A T2IAdapter, as `new_unet`."""
    from diffusers import T2IAdapter

    return _on_meta(T2IAdapter, config, source)


def new_vae(config: dict[str, Any], source: str) -> Any:
    """An AutoencoderKL, as `new_unet`."""
    from diffusers import AutoencoderKL

    return _on_meta(AutoencoderKL, config, source)


def new_text_model(
    config: dict[str, Any], source: str, device: torch.device, *, projected: bool
) -> Any:
    """A CLIPTextModel, or with `projected` a CLIPTextModelWithProjection, as `new_unet`.

    Its one buffer, which no file need hold, is made on `device`.
    """
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    model = _on_meta(CLIPTextModelWithProjection if projected else CLIPTextModel, config, source)
    positions = torch.arange(model.config.max_position_embeddings, device=device)
    getattr(model, "text_model", model).embeddings.position_ids = positions.expand(1, -1)
    return model


def read_schedule(config: dict[str, Any], source: str) -> tuple[NoiseSchedule, Prediction]:
    """The levels and the prediction that a configuration of a diffusers scheduler describes.

    Raises LoadError, naming the `source`, if it describes none.
    """
    prediction = config.get("prediction_type", "epsilon")
    if prediction not in get_args(Prediction):
        raise LoadError(
            f"{source}: unknown prediction_type {prediction!r}; "
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
        raise LoadError(f"{source} gives no noise schedule: {error}") from error
    if config.get("rescale_betas_zero_snr"):
        schedule = schedule.zero_terminal_snr()
    return schedule, prediction


class _Unfilled(TorchFunctionMode):
    """Leaves tensors as they are where a network would fill them with random numbers.

    On the meta device there is nothing to fill, and a fifth of the time goes into trying.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init":
            return kwargs["tensor"] if kwargs and "tensor" in kwargs else args[0]
        return func(*args, **(kwargs or {}))


def _on_meta(network: Any, config: dict[str, Any], source: str) -> Any:
    try:
        with torch.device("meta"), _Unfilled():
            if hasattr(network, "from_config"):
                return network.from_config(config)
            return network(network.config_class.from_dict(config))
    except (*BAD_CONFIG, NotImplementedError, RuntimeError) as error:
        raise LoadError(f"{source} describes no network: {error}") from error


def latent_channels(config: Any) -> int:
    """How many channels the latents of a UNet have, by its configuration.

    One with twice as many going out as coming in tells a variance in the second half.
    """
    going_out = int(config.out_channels)
    return going_out // 2 if going_out == 2 * config.in_channels else going_out


def _check_unet(config: Any, source: str) -> None:
    channels = latent_channels(config)
    beside = config.in_channels - channels
    if beside not in (0, 1, 3, channels, channels + 1):
        raise LoadError(
            f"{source}: a UNet of {config.in_channels} channels in and {channels} out is not "
            f"supported: known are further channels for depth (1), a small picture (3), editing "
            f"({channels}) and inpainting ({channels + 1})"
        )
    unread = {
        "class_embed_type": (None,),
        "addition_embed_type": (None, "text_time"),
        "encoder_hid_dim_type": (None,),
    }
    for name, known in unread.items():
        found = getattr(config, name, None)
        if found not in known:
            raise LoadError(f"{source}: the UNet has {name} {found!r}, which is not supported")
    if not isinstance(config.cross_attention_dim, int):
        raise LoadError(
            f"{source}: the UNet reads embeddings of several widths "
            f"({config.cross_attention_dim}), which is not supported"
        )
