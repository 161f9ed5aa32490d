"""Models on a device within a budget: memory, time and sameness, of random networks of real size.

    python -m benchmarks.device [--device cuda] [--size tiny|sd15|sdxl ...] [--steps 10]

For each size one UNet, sampled as KSampler samples, with all of it on the device, with half of it
allowed there, and with its weights in float8; and the same run as bare calls of the network. The
latents must be the same to the bit for any budget: where they are not, it says so and exits with 1.
Then a VAE on a large picture, whole and in tiles, against the estimate that decides between them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from benchmarks.full_size import SCHEDULE
from nodes.diffusion.assembly import wrap_unet
from nodes.diffusion.conditioning import Conditioning, ConditioningEntry, PictureSizes
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.memory import DeviceMemory
from nodes.diffusion.network import Network
from nodes.diffusion.noise import initial_noise, no_noise
from nodes.diffusion.parts import new_unet, new_vae, read_schedule
from nodes.diffusion.residence import coarsen
from nodes.diffusion.samplers import SAMPLERS
from nodes.diffusion.sampling import sample
from nodes.diffusion.schedules import sigmas_for
from nodes.diffusion.vae import Vae
from tests.nodes import real_sizes as real

SD15 = real.SD1_UNET | {"sample_size": 64}
SDXL = real.SDXL_UNET | {"sample_size": 128}
TINY: dict[str, Any] = {
    "sample_size": 8,
    "cross_attention_dim": 32,
    "attention_head_dim": 4,
    "block_out_channels": [32, 64],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    "norm_num_groups": 8,
}
SIZES = {"tiny": TINY, "sd15": SD15, "sdxl": SDXL}
MIB = 1 << 20


@dataclass
class Measured:
    """What a run took: seconds, and bytes on the device at most beside what was there before."""

    seconds: float
    peak: int


@contextmanager
def measured(device: torch.device) -> Iterator[Measured]:
    found = Measured(0.0, 0)
    if device.type == "cuda":
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    begun = time.perf_counter()
    yield found
    if device.type == "cuda":
        torch.cuda.synchronize()
        found.peak = torch.cuda.max_memory_allocated()
    found.seconds = time.perf_counter() - begun


def filled(module: torch.nn.Module, device: torch.device, dtype: torch.dtype) -> torch.nn.Module:
    """A module of the meta device with random weights at home, drawn on the device for speed."""
    torch.manual_seed(0)
    module.to_empty(device="cpu")
    for parameter in module.parameters():
        drawn = torch.randn(parameter.shape, device=device)
        drawn *= (parameter[0].numel() if parameter.ndim > 1 else 1) ** -0.5
        parameter.data = (drawn if parameter.ndim > 1 else drawn * 0.01 + 1).to("cpu", dtype)
    return module.requires_grad_(False).eval()


def denoiser(config: dict[str, Any], device: torch.device, dtype: torch.dtype) -> Denoiser:
    unet = filled(new_unet(config, "benchmark"), device, dtype)
    schedule, prediction = read_schedule(SCHEDULE, "benchmark")
    return wrap_unet(unet, schedule, prediction, device=device, dtype=dtype)


def prompts(config: dict[str, Any]) -> tuple[Conditioning, Conditioning]:
    """Two random prompts of 77 tokens."""
    torch.manual_seed(1)
    sized = config.get("addition_embed_type") is not None
    side = 8 * config["sample_size"]

    def one() -> Conditioning:
        embedding = torch.randn(1, 77, config["cross_attention_dim"])
        pooled = torch.randn(1, 1280) if sized else None
        return Conditioning((ConditioningEntry(embedding, pooled, sizes=PictureSizes(side, side)),))

    return one(), one()


def run(model: Denoiser, config: dict[str, Any], steps: int) -> Tensor:
    positive, negative = prompts(config)
    side = config["sample_size"]
    shape = (1, 4, side, side)
    return sample(
        PromptGuider.cfg(model, positive, negative, 7.0),
        torch.zeros(shape),
        initial_noise(shape, 0),
        sampler=SAMPLERS["euler"],
        sigmas=sigmas_for("normal", model.schedule, steps),
        step_noise=no_noise,
    )


@torch.no_grad()
def bare(model: Denoiser, config: dict[str, Any], steps: int) -> None:
    """The network's calls of a run, and nothing else."""
    side, device, dtype = config["sample_size"], model.device, model.dtype
    unet = model.network.ready()
    x = torch.randn(2, 4, side, side, device=device, dtype=dtype)
    words = torch.randn(2, 77, config["cross_attention_dim"], device=device, dtype=dtype)
    more = {}
    if config.get("addition_embed_type") is not None:
        pooled = torch.randn(2, 1280, device=device, dtype=dtype)
        more = {"text_embeds": pooled, "time_ids": torch.zeros(2, 6, device=device, dtype=dtype)}
    for step in range(steps):
        time_now = torch.full((2,), 999 - step, device=device)
        unet(x, time_now, encoder_hidden_states=words, added_cond_kwargs=more, return_dict=False)


def compare(name: str, device: torch.device, dtype: torch.dtype, steps: int) -> bool:
    """The ways to run one network, side by side; whether the budget changed no bit."""
    config = SIZES[name]
    model = denoiser(config, device, dtype)
    size = model.network.size
    unlimited, half = DeviceMemory(device), DeviceMemory(device, size // 2)
    module, where = model.network.module, model.network.device

    def within(memory: DeviceMemory) -> Denoiser:
        return replace(model, network=Network(module, where, dtype, memory=memory))

    print(f"{name} {str(dtype).removeprefix('torch.')}: {size / MIB:.0f} MiB of weights")
    whole = within(unlimited)
    run(whole, config, 2)  # kernels are chosen in the first calls
    with measured(device) as calls:
        bare(whole, config, steps)
    with measured(device) as all_there:
        expected = run(whole, config, steps)
    _tell("whole", all_there, steps)
    print(f"  time over that of the bare calls: {all_there.seconds / calls.seconds:.3f}")
    whole.network.leave()
    with measured(device) as limited:
        found = run(within(half), config, steps)
    _tell("half of it allowed", limited, steps)
    half.clear()
    same = torch.equal(expected, found)
    print(f"  the same latents to the bit: {'yes' if same else 'NO'}")
    coarsen(module, torch.float8_e4m3fn)
    coarse = within(unlimited)
    with measured(device) as eighth:
        rounded = run(coarse, config, steps)
    _tell("float8_e4m3fn", eighth, steps)
    error = (rounded - expected).std() / expected.std()
    kept = f"{coarse.network.size / MIB:.0f} MiB of weights"
    print(f"  {kept}; latents differ by {error:.3f} of their spread")
    coarse.network.leave()
    return same


def _tell(what: str, found: Measured, steps: int | None = None) -> None:
    peak = f", {found.peak / MIB:.0f} MiB at most" if found.peak else ""
    took = f"{found.seconds / steps:.4f} s a step" if steps else f"{found.seconds:.3f} s"
    print(f"  {what}: {took}{peak}")


def tiles(device: torch.device, dtype: torch.dtype, side: int) -> None:
    """A VAE on a picture of `side` x `side`, whole and in tiles."""
    module = filled(new_vae(real.VAE, "benchmark"), device, dtype)
    vae = Vae(Network(module, device, dtype), device, dtype)
    latent = torch.randn(1, 4, side // 8, side // 8)
    vae.decode(latent[..., :8, :8])
    print(f"VAE {str(dtype).removeprefix('torch.')}, {side} x {side}")
    estimate = side * side * vae._bytes_per_pixel
    with measured(device) as whole:
        pixels = vae.decode(latent)
    _tell(f"decoded whole (estimate {estimate / MIB:.0f} MiB)", whole)
    with measured(device) as tiled:
        vae.decode_tiled(latent, side // 4, side // 32)
    _tell("decoded in tiles of a quarter", tiled)
    with measured(device) as encoded:
        vae.encode(pixels)
    _tell(f"encoded whole (estimate {estimate / MIB:.0f} MiB)", encoded)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--size", nargs="+", choices=SIZES)
    parser.add_argument("--steps", type=int, default=10)
    given = parser.parse_args()
    device = torch.device(given.device)
    cuda = device.type == "cuda"
    sizes = given.size or (["sd15", "sdxl"] if cuda else ["tiny"])
    dtypes = [torch.float16, torch.bfloat16] if cuda else [torch.float32]
    same = [compare(name, device, dtype, given.steps) for name in sizes for dtype in dtypes]
    tiles(device, torch.float32, 2048 if cuda else 128)
    if cuda:
        tiles(device, torch.bfloat16, 2048)
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
