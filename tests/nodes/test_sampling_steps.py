"""What every step had, beside what KSampler gives."""

import torch

from nodegraph import Context
from nodes.diffusion.denoiser import input_scale
from nodes.diffusion.loading import Checkpoint
from nodes.sampling import ksampler
from nodes.sampling_steps import ksampler_steps
from nodes.sigmas import ladder_for
from tests.nodes.test_sampling import empty, options


def test_the_latent_is_that_of_ksampler(tiny: Checkpoint, context: Context) -> None:
    given = options(tiny, context, seed=5, steps=4)
    film = ksampler_steps(**given)
    assert torch.equal(film.latent.samples, ksampler(**given).samples)
    assert film.denoised.samples.shape == film.noisy.samples.shape == (4, 4, 4, 4)
    # Euler's last step ends at what was seen in it.
    torch.testing.assert_close(film.denoised.samples[-1:], film.latent.samples)


def test_the_noisy_ones_lie_on_the_way(tiny: Checkpoint, context: Context) -> None:
    given = options(tiny, context, seed=5, steps=4)
    film = ksampler_steps(**given)
    levels = ladder_for("normal", tiny.denoiser, 4, 1.0).levels
    scale = input_scale(tiny.denoiser.prediction, levels[:-1])[:, None, None, None]
    x = film.noisy.samples / scale
    step = (levels[1:] - levels[:-1])[:, None, None, None]
    slope = (x - film.denoised.samples) / levels[:-1, None, None, None]
    torch.testing.assert_close((x + slope * step)[:-1], x[1:], rtol=1e-3, atol=1e-3)


def test_every_nth_and_the_last_one_are_kept(tiny: Checkpoint, context: Context) -> None:
    all_of_them = ksampler_steps(**options(tiny, context, steps=6)).denoised.samples
    some = ksampler_steps(**options(tiny, context, steps=6, every=4)).denoised.samples
    assert torch.equal(some, all_of_them[[0, 4, 5]])


def test_the_steps_of_each_picture_follow_each_other(tiny: Checkpoint, context: Context) -> None:
    given = {"steps": 3, "latent_image": empty(batch=2)}
    both = ksampler_steps(**options(tiny, context, seed=5, **given)).denoised.samples
    alone = [
        ksampler_steps(**options(tiny, context, seed=seed, steps=3)).denoised.samples
        for seed in (5, 6)
    ]
    torch.testing.assert_close(both, torch.cat(alone), rtol=1e-3, atol=1e-4)


def test_without_a_step_there_is_the_latent(tiny: Checkpoint, context: Context) -> None:
    film = ksampler_steps(**options(tiny, context, denoise=0.0))
    assert torch.equal(film.denoised.samples, film.latent.samples)
