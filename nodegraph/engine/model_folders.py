"""What the folders of model files are called: ours are ComfyUI's, and others' are known."""

from __future__ import annotations

__all__ = ["folders_of", "kind_of_folder"]

ALIASES = {
    "checkpoints": ("Stable-diffusion",),
    "controlnet": ("ControlNet", "t2i_adapter"),
    "diffusion_models": ("unet",),
    "embeddings": ("textual_inversion",),
    "loras": ("Lora", "LyCORIS"),
    "text_encoders": ("clip",),
    "upscale_models": ("ESRGAN", "RealESRGAN", "SwinIR"),
    "vae": ("VAE",),
}
"""Other names under which programs keep a kind."""
KINDS = {folder: kind for kind, folders in ALIASES.items() for folder in folders}


def folders_of(kind: str) -> tuple[str, ...]:
    """The folders in which models of a kind may lie; where a name is in several, the first's."""
    return (kind, *ALIASES.get(kind, ()))


def kind_of_folder(folder: str) -> str:
    """The kind of the models in a folder of that name."""
    return KINDS.get(folder, folder)
