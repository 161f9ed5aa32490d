"""Networks that tell the variance of a step, from their folder to the sampler."""

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodegraph import Context
from nodes.diffusion.conditioning import Area, Conditioning
from nodes.diffusion.expert_switch import ExpertSwitch
from nodes.diffusion.guider import Guider, PromptGuider
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.samplers import SamplerChoice
from nodes.diffusion.sampling import sample
from nodes.text import clip_encode
from tests.nodes.diffusion.analytic import Draws
from tests.nodes.tiny import make_tiny, tiny_unet

diffusers: Any = importlib.import_module("diffusers")  # untyped

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

STEPS, CFG, SHAPE = 6, 3.0, (2, 4, 8, 8)
LEARNED = SamplerChoice.of("ddpm", variance="learned")


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    folder: Path = make_tiny(tmp_path_factory.mktemp("models") / "telling")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        tiny_unet(out_channels=8).save_pretrained(folder / "unet")
    return load_checkpoint(folder, device="cpu", dtype="float32")


def noise(count: int) -> Tensor:
    return torch.randn(count, *SHAPE, generator=torch.Generator().manual_seed(1))


def prompts(checkpoint: Checkpoint, ctx: Context) -> tuple[Conditioning, Conditioning]:
    clip = checkpoint.text_encoder
    return clip_encode("a cat", clip, ctx=ctx), clip_encode("dog", clip, ctx=ctx)


def sampled(guider: Guider, **more: Any) -> Tensor:
    schedule = guider.model.schedule
    times = torch.arange(STEPS - 1, -1, -1) * (1000 // STEPS)
    draws = noise(STEPS)
    return sample(
        guider,
        more.pop("latent", torch.zeros(SHAPE)),
        draws[0],
        sampler=more.pop("sampler", LEARNED),
        sigmas=torch.cat([schedule.sigmas[times], torch.zeros(1)]),
        step_noise=Draws(draws[1:]),
        **more,
    )


def by_diffusers(
    checkpoint: Checkpoint, wanted: Tensor, unwanted: Tensor, monkeypatch: pytest.MonkeyPatch
) -> Tensor:
    """The network and DDPMScheduler by hand; the variance is that of the wanted prompt."""
    unet = checkpoint.denoiser.network.ready((), ())
    scheduler = diffusers.DDPMScheduler(
        variance_type="learned_range",
        clip_sample=False,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
    )
    scheduler.set_timesteps(STEPS)
    draws = list(noise(STEPS))
    sigma = checkpoint.denoiser.schedule.sigmas[int(scheduler.timesteps[0])]
    # What begins below the highest level begins at σ ε.
    y = draws.pop(0) * sigma / (1 + sigma**2).sqrt()
    module = diffusers.schedulers.scheduling_ddpm
    monkeypatch.setattr(module, "randn_tensor", lambda *_, **__: draws.pop(0))
    for t in scheduler.timesteps:
        with torch.no_grad():
            said = [
                unet(y, t, text.expand(2, -1, -1)).sample.chunk(2, dim=1)
                for text in (wanted, unwanted)
            ]
        epsilon = said[1][0] + CFG * (said[0][0] - said[1][0])
        y = scheduler.step(torch.cat([epsilon, said[0][1]], 1), t, y).prev_sample
    return torch.as_tensor(y)


def test_a_network_that_tells_its_variance_is_walked_as_by_diffusers(
    telling: Checkpoint, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert telling.denoiser.latent_channels == 4
    positive, negative = prompts(telling, context)
    found = sampled(PromptGuider.cfg(telling.denoiser, positive, negative, CFG))
    wanted, unwanted = (side.entries[0].embedding for side in (positive, negative))
    expected = by_diffusers(telling, wanted, unwanted, monkeypatch)
    spread = max(1.0, float(expected.std()))
    torch.testing.assert_close(found, expected, atol=1e-4 * spread, rtol=0)


def test_what_it_tells_changes_the_picture(telling: Checkpoint, context: Context) -> None:
    guider = PromptGuider.cfg(telling.denoiser, *prompts(telling, context), CFG)
    small, large = (
        sampled(guider, sampler=SamplerChoice.of("ddpm", variance=name))
        for name in ("small", "large")
    )
    learned = sampled(guider)
    assert not torch.allclose(learned, small, atol=1e-3)
    assert not torch.allclose(learned, large, atol=1e-3)


def test_an_area_has_the_variance_of_its_prompt(telling: Checkpoint, context: Context) -> None:
    x, level = noise(1)[0] * 3, torch.tensor(3.0)
    positive, _ = prompts(telling, context)
    left = replace(positive.entries[0], area=Area(0, 0, 64, 32))

    def share(wanted: Conditioning, seen: Tensor) -> Tensor:
        run = PromptGuider.basic(telling.denoiser, wanted).begin(seen, None, tick=lambda: None)
        return run.with_variance(seen, level)[1]

    found = share(Conditioning((left,)), x)
    torch.testing.assert_close(found[..., :4], share(positive, x[..., :4]))


def test_masks_and_experts_pass_it_on(telling: Checkpoint, context: Context) -> None:
    guider = PromptGuider.cfg(telling.denoiser, *prompts(telling, context), CFG)
    latent = torch.full(SHAPE, 0.5)
    mask = torch.zeros(1, 8, 8)
    mask[..., :4] = 1.0
    kept = sampled(guider, latent=latent, mask=mask)
    assert torch.equal(kept[..., 4:], latent[..., 4:])
    assert not torch.allclose(kept[..., :4], latent[..., :4], atol=1e-2)
    switched = sampled(ExpertSwitch.between(guider, guider, 2.0))
    assert torch.equal(switched, sampled(guider))


def test_a_network_that_tells_none_says_so(tiny: Checkpoint, context: Context) -> None:
    guider = PromptGuider.cfg(tiny.denoiser, *prompts(tiny, context), CFG)
    with pytest.raises(ValueError, match=r"'learned' needs a network .* 'small' or 'large'"):
        sampled(guider)
