import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodegraph import Context
from nodes.diffusion.conditioning import Area, combine
from nodes.diffusion.guidance_self_attention import LookedAt, SelfAttention, blurred
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.network import Network
from nodes.diffusion.noise_schedule import FlowSchedule
from nodes.guidance import self_attention_guidance
from tests.nodes.diffusion import family_cases as case
from tests.nodes.diffusion.prompt_values import predictions, random_latents
from tests.nodes.diffusion.test_pipelines import pipeline
from tests.nodes.tiny import tiny_unet

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

reference: Any = importlib.import_module(
    "diffusers.pipelines.deprecated.stable_diffusion_sag.pipeline_stable_diffusion_sag"
)
diffusers: Any = importlib.import_module("diffusers")

LEVEL = torch.tensor(2.0)


@pytest.fixture(scope="module")
def unet() -> Iterator[Any]:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        yield tiny_unet()


@pytest.mark.parametrize("cfg", [3.0, 1.0])
def test_the_latents_of_diffusers_pipeline(tiny: Checkpoint, tiny_folder: Path, cfg: float) -> None:
    """DDIM without noise is Euler's method in x / √ᾱ, which starts at x √(1 + σ²)."""
    parts = pipeline("StableDiffusionPipeline", tiny_folder, "DDIMScheduler", set_alpha_to_one=True)
    pipe = reference.StableDiffusionSAGPipeline(**parts.components, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler.set_timesteps(3)
    alphas = pipe.scheduler.alphas_cumprod[pipe.scheduler.timesteps]
    sigmas = torch.cat([((1 - alphas) / alphas) ** 0.5, torch.zeros(1)])
    noise = case.noise_of(16, 8)
    start = tiny.denoiser.start(torch.zeros_like(noise), noise, sigmas[0])
    expected = pipe(
        **case.asked() | {"guidance_scale": cfg, "num_inference_steps": 3},
        latents=start * alphas[0] ** 0.5,
        sag_scale=0.75,
        height=128,
        width=64,
    ).images
    encode = tiny.text_encoder.encode
    rows = [encode(text).entries[0].embedding for text in case.PROMPTS]
    wanted = encode("").map(lambda entry: replace(entry, embedding=torch.cat(rows)))

    def drawn(scale: float) -> Tensor:
        model = self_attention_guidance(tiny.denoiser, scale, 1.0)
        guider = PromptGuider.cfg(model, wanted, encode(case.NEGATIVE), cfg)
        return case.drawn_by(guider, sigmas, latent=torch.zeros_like(noise), noise=noise)

    case.assert_same(drawn(0.75), expected)
    case.assert_other(drawn(0.0), expected)


def test_the_blur_of_diffusers() -> None:
    latents = random_latents(1)
    expected = reference.gaussian_blur_2d(latents, kernel_size=9, sigma=1.5)
    torch.testing.assert_close(blurred(latents, 1.5), expected)
    assert torch.equal(blurred(latents, 0.0), latents)


@pytest.mark.parametrize("size", [(1, 1), (3, 9), (5, 4)])
def test_small_latents_are_blurred_too(size: tuple[int, int]) -> None:
    flat = torch.full((1, 4, *size), 2.0)
    torch.testing.assert_close(blurred(flat, 2.0), flat)


def answer(unet: Any, height: int = 8, width: int = 8) -> Tensor:
    x = torch.randn(2, 4, height, width, generator=torch.Generator().manual_seed(1))
    found: Tensor = unet(x, 500, encoder_hidden_states=torch.ones(2, 5, 16)).sample
    return found


def test_looking_on_changes_nothing_and_leaves_no_trace(unet: Any) -> None:
    network, looking = Network(unet), LookedAt()
    plain = answer(network.ready())
    processor = unet.mid_block.attentions[0].transformer_blocks[0].attn1.processor
    assert torch.equal(answer(network.ready((), (looking,)), 8, 8), plain)
    assert torch.equal(answer(network.ready()), plain)
    assert len(looking.seen) == 1
    assert unet.mid_block.attentions[0].transformer_blocks[0].attn1.processor is processor


def test_places_share_the_attention_of_all(unet: Any) -> None:
    looking = LookedAt()
    answer(Network(unet).ready((), (looking,)), 8, 12)
    [seen] = looking.seen
    assert seen.shape == (2, 4, 6)
    torch.testing.assert_close(seen.mean(dim=(1, 2)), torch.ones(2))
    mask = looking.mask(2)
    assert mask.shape == (2, 1, 4, 6)
    assert torch.equal(mask[:, 0] == 1, seen > 1)


def test_several_prompts_are_averaged_and_the_largest_call_counts() -> None:
    looking = LookedAt()
    looking.seen = [
        torch.full((1, 1, 1), 9.0),
        torch.tensor([[[0.0, 1.8]], [[0.9, 1.2]]]),
    ]
    assert looking.mask(1).tolist() == [[[[0.0, 1.0]]]]
    assert looking.mask(2).tolist() == [[[[0.0, 1.0]]], [[[0.0, 1.0]]]]


def test_areas_are_guided_too(tiny: Checkpoint, context: Context) -> None:
    encode = tiny.text_encoder.encode
    left = encode("dog").map(lambda entry: replace(entry, area=Area(0, 0, 64, 24)))
    noise = case.noise_of()
    found = []
    for scale in (0.0, 0.75):
        model = self_attention_guidance(tiny.denoiser, scale)
        guider = PromptGuider.cfg(model, combine(encode("a cat"), left), encode(""), 3.0)
        sigmas = torch.tensor([4.0, 1.0, 0.0])
        latent = torch.zeros_like(noise)
        found.append(case.drawn_by(guider, sigmas, latent=latent, noise=noise))
    case.assert_other(*found)


def test_switched_off_it_costs_nothing() -> None:
    def never(*_hooks: Any, **_more: Any) -> Tensor:
        raise AssertionError("the network was called")

    plain = predictions(random_latents(0), LEVEL, random_latents(1), None, 1.0)
    known = replace(plain, again=never)
    assert torch.equal(SelfAttention(0.0, 2.0).apply(known), known.guided)


@pytest.mark.parametrize("flow", [False, True])
def test_what_is_blurred_gets_its_noise_back(flow: bool) -> None:
    """x = a x₀ + σ ε keeps its noise where x₀ becomes another; a is 1, or 1 - σ for flow models."""
    sigma = torch.tensor(0.25)
    clean, weak = random_latents(1), random_latents(2)
    share = 0.75 if flow else 1.0
    x = share * clean + sigma * random_latents(3)
    asked: list[tuple[Tensor, bool]] = []

    def again(*hooks: Any, x: Tensor = x, unwanted: bool = False) -> Tensor:
        asked.append((x, unwanted))
        for hook in hooks:
            hook.seen.append(torch.full((2, 4, 3), 2.0))
        return clean if hooks else weak

    known = predictions(x, sigma, clean, clean, 3.0)
    if flow:
        known = replace(known, schedule=FlowSchedule())
    found = SelfAttention(0.5, 1.0).apply(replace(known, again=again))
    degraded = blurred(clean, 1.0)
    torch.testing.assert_close(found, known.guided + 0.5 * (degraded - weak))
    torch.testing.assert_close(asked[1][0], share * degraded + sigma * random_latents(3))
    assert [unwanted for _, unwanted in asked] == [True, True]
