"""The same latents as a diffusers pipeline that loads the same file by itself."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodegraph import Context
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.lora import Fitted, apply_lora, read_lora
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.schedules import sigmas_for
from nodes.sampling import ksampler
from nodes.text import clip_encode
from nodes.types import Latent
from tests.nodes.tiny_lora import Factors, diffusers_names, factors, kohya_names, written

diffusers: Any = importlib.import_module("diffusers")  # untyped

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PROMPT, NEGATIVE, CFG, SEED, STEPS = "a cat on a mat", "dog", 3.0, 11, 4
ATTENTION = ("attn1.to_q", "attn2.to_k", "attn2.to_out.0", "ff.net.0.proj")
CONVOLUTIONS = ("proj_in", "conv1", "conv_shortcut", "downsamplers.0.conv")
TEXT = ("q_proj", "out_proj", "fc1")


def theirs(folder: Path, path: Path, strength: float) -> Tensor:
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    pipe.scheduler = diffusers.EulerDiscreteScheduler.from_config(
        pipe.scheduler.config, timestep_spacing="leading"
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.load_lora_weights(path.parent, weight_name=path.name, adapter_name="a")
    pipe.set_adapters(["a"], [strength])
    ladder = sigmas_for("simple", schedule_of(folder), STEPS)
    latents: Tensor = pipe(
        prompt=PROMPT,
        negative_prompt=NEGATIVE,
        guidance_scale=CFG,
        sigmas=ladder.tolist(),
        latents=initial_noise((1, 4, 8, 8), SEED),
        height=64,
        width=64,
        output_type="latent",
    ).images
    return latents


def schedule_of(folder: Path) -> Any:
    from nodes.diffusion.loading import load_checkpoint

    return load_checkpoint(folder).denoiser.schedule


def ours(fitted: Fitted, ctx: Context) -> Tensor:
    assert fitted.clip is not None
    return ksampler(
        fitted.model,
        seed=SEED,
        steps=STEPS,
        cfg=CFG,
        sampler_name="euler",
        scheduler="simple",
        positive=clip_encode(PROMPT, fitted.clip, ctx=ctx),
        negative=clip_encode(NEGATIVE, fitted.clip, ctx=ctx),
        latent_image=Latent(torch.zeros(1, 4, 1, 1), empty_size=(64, 64)),
        denoise=1.0,
        ctx=ctx,
    ).samples


def with_magnitudes(made: Factors, module: Any) -> dict[str, Tensor]:
    """DoRA as PEFT names it."""
    tensors = diffusers_names(made)
    parameters = dict(module.named_parameters())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        for name in made:
            weight = parameters[f"{name}.weight"].detach()
            norms = weight.flatten(1).norm(dim=1) * (0.5 + torch.rand(weight.shape[0]))
            shape = (1, -1, 1, 1) if weight.ndim == 4 else (-1,)
            tensors[f"unet.{name}.lora_magnitude_vector"] = norms.reshape(shape)
    return tensors


def kohya(checkpoint: Checkpoint) -> dict[str, Tensor]:
    return kohya_names(factors(unet(checkpoint), *ATTENTION), alpha=2.0)


def locon(checkpoint: Checkpoint) -> dict[str, Tensor]:
    return kohya_names(factors(unet(checkpoint), *ATTENTION, *CONVOLUTIONS), alpha=1.0)


def peft(checkpoint: Checkpoint) -> dict[str, Tensor]:
    return diffusers_names(factors(unet(checkpoint), *ATTENTION, *CONVOLUTIONS))


def dora(checkpoint: Checkpoint) -> dict[str, Tensor]:
    return with_magnitudes(factors(unet(checkpoint), *ATTENTION, *CONVOLUTIONS), unet(checkpoint))


def kohya_with_text(checkpoint: Checkpoint) -> dict[str, Tensor]:
    text = factors(checkpoint.text_encoder.towers[0].network.module, *TEXT, seed=1)
    return kohya(checkpoint) | kohya_names(text, "lora_te", alpha=3.0)


def peft_with_text(checkpoint: Checkpoint) -> dict[str, Tensor]:
    text = factors(checkpoint.text_encoder.towers[0].network.module, *TEXT, seed=1)
    return peft(checkpoint) | diffusers_names(text, "text_encoder")


def unet(checkpoint: Checkpoint) -> Any:
    return checkpoint.denoiser.network.module


@pytest.mark.parametrize(
    ("made", "strength"),
    [
        (kohya, 1.0),
        (locon, 0.6),
        (peft, 1.3),
        (dora, 1.0),
        (kohya_with_text, 0.8),
        (peft_with_text, 1.0),
    ],
)
def test_latents_of_a_pipeline(
    tiny: Checkpoint,
    tiny_folder: Path,
    made: Callable[[Checkpoint], dict[str, Tensor]],
    strength: float,
    tmp_path: Path,
    context: Context,
) -> None:
    path = written(tmp_path / "lora.safetensors", made(tiny))
    fitted = apply_lora(read_lora(path), tiny.denoiser, tiny.text_encoder, strength, strength)
    assert fitted.left == ()
    got, expected = ours(fitted, context), theirs(tiny_folder, path, strength)
    spread = max(1.0, float(expected.std()))
    torch.testing.assert_close(got, expected, atol=1e-4 * spread, rtol=0)
    plain = ours(Fitted(tiny.denoiser, tiny.text_encoder, ()), context)
    assert float((got - plain).abs().max()) > 0.01 * spread
