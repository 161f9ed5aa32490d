"""The built-in node pack: diffusion, pictures, masks, latents and plain values."""

from pathlib import Path

from nodes import (
    arithmetic,
    checkpoints,
    conditioning,
    controlnet,
    custom_sampling,
    films,
    freeu,
    guidance,
    guiders,
    image_edit,
    images,
    inversion,
    latent_files,
    latents,
    lists,
    loops,
    lora,
    masks,
    model_conditioning,
    model_sampling,
    plots,
    primitives,
    samplers,
    sampling,
    sampling_steps,
    schedulers,
    sigmas,
    strings,
    text,
    upscaling,
    vae,
    wildcards,
)
from nodes.diffusion.memory import release_memory
from nodes.diffusion.survey import describe_model

__all__ = ["MODELS", "NODES", "describe_model", "release_memory"]

NODES = (
    *checkpoints.NODES,
    *lora.NODES,
    *text.NODES,
    *wildcards.NODES,
    *conditioning.NODES,
    *model_conditioning.NODES,
    *guidance.NODES,
    *freeu.NODES,
    *controlnet.NODES,
    *model_sampling.NODES,
    *latents.NODES,
    *latent_files.NODES,
    *vae.NODES,
    *sampling.NODES,
    *sampling_steps.NODES,
    *inversion.NODES,
    *custom_sampling.NODES,
    *guiders.NODES,
    *sigmas.NODES,
    *schedulers.NODES,
    *plots.NODES,
    *samplers.NODES,
    *images.NODES,
    *image_edit.NODES,
    *upscaling.NODES,
    *films.NODES,
    *masks.NODES,
    *primitives.NODES,
    *arithmetic.NODES,
    *strings.NODES,
    *lists.NODES,
    *loops.NODES,
)

MODELS = {"checkpoints": {"shapes-64": Path(__file__).parent / "models" / "shapes-64"}}
