from dataclasses import replace
from typing import Any

import pytest
import torch
from PIL import Image as Pillow

from nodegraph import Cancelled, CancelToken, Context, NodeError, node_type_of
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.samplers import SAMPLERS
from nodes.diffusion.schedules import SCHEDULERS
from nodes.sampling import ksampler, ksampler_advanced
from nodes.types import Latent


def empty(batch: int = 1, height: int = 32, width: int = 32) -> Latent:
    return Latent(torch.zeros(batch, 4, 1, 1), empty_size=(height, width))


def options(tiny: Checkpoint, ctx: Context, **changes: Any) -> dict[str, Any]:
    clip = tiny.text_encoder
    return {
        "model": tiny.denoiser,
        "steps": 3,
        "cfg": 2.0,
        "positive": clip.encode("a cat"),
        "negative": clip.encode(""),
        "latent_image": empty(),
        "ctx": ctx,
    } | changes


@pytest.fixture
def sampled(tiny: Checkpoint, context: Context) -> Any:
    return lambda **changes: ksampler(**options(tiny, context, **changes))


@pytest.fixture
def advanced(tiny: Checkpoint, context: Context) -> Any:
    return lambda **changes: ksampler_advanced(**options(tiny, context, **changes))


def assert_near(first: Latent, second: Latent) -> None:
    torch.testing.assert_close(first.samples, second.samples, atol=1e-4, rtol=1e-4)


def test_an_empty_latent_gets_the_models_channels_and_cells(sampled: Any) -> None:
    result = sampled(latent_image=empty(2, 32, 48))
    assert result.samples.shape == (2, 4, 4, 6)
    assert result.empty_size is None
    assert result.samples.dtype == torch.float32


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_runs(sampled: Any, sampler: str) -> None:
    assert sampled(sampler_name=sampler).samples.isfinite().all()


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler_runs(sampled: Any, scheduler: str) -> None:
    assert sampled(scheduler=scheduler, denoise=0.8).samples.isfinite().all()


def test_pictures_of_a_batch_have_seeds_of_their_own(sampled: Any) -> None:
    both = sampled(seed=7, latent_image=empty(2), sampler_name="euler_ancestral")
    assert_near(
        sampled(seed=8, sampler_name="euler_ancestral"),
        replace(both, samples=both.samples[1:]),
    )
    numbered = replace(empty(), batch_index=(1,))
    assert_near(
        sampled(seed=7, latent_image=numbered, sampler_name="euler_ancestral"),
        sampled(seed=8, sampler_name="euler_ancestral"),
    )


def test_the_largest_seed(sampled: Any) -> None:
    assert sampled(seed=2**64 - 1, latent_image=empty(2)).samples.isfinite().all()


def test_denoise_keeps_more_the_less_it_is(sampled: Any) -> None:
    latent = Latent(initial_noise((1, 4, 4, 4), 3))
    near, far = (
        (sampled(latent_image=latent, denoise=denoise).samples - latent.samples).norm()
        for denoise in (0.2, 0.8)
    )
    assert 0 < near < far
    assert torch.equal(sampled(latent_image=latent, denoise=0.0).samples, latent.samples)


def test_denoise_so_small_that_its_ladder_is_endless(sampled: Any) -> None:
    with pytest.raises(NodeError, match=r"3 steps at denoise 1e-09 .* nearest denoise: 3e-06"):
        sampled(denoise=1e-9)


def test_masks_and_numbers_go_along(sampled: Any) -> None:
    mask = torch.zeros(1, 32, 32)
    mask[:, 16:] = 1.0
    latent = Latent(initial_noise((1, 4, 4, 4), 3), noise_mask=mask, batch_index=(5,))
    result = sampled(latent_image=latent)
    assert torch.equal(result.samples[:, :, :2], latent.samples[:, :, :2])
    assert not torch.allclose(result.samples[:, :, 2:], latent.samples[:, :, 2:], atol=0.1)
    assert result.noise_mask is mask
    assert result.batch_index == (5,)


def test_all_steps_of_the_advanced_are_those_of_the_plain(sampled: Any, advanced: Any) -> None:
    assert torch.equal(advanced(noise_seed=4).samples, sampled(seed=4).samples)


def test_two_parts_make_the_whole(advanced: Any) -> None:
    whole = advanced(noise_seed=4, steps=5)
    half = advanced(noise_seed=4, steps=5, end_at_step=2, return_with_leftover_noise="enable")
    rest = advanced(latent_image=half, steps=5, start_at_step=2, add_noise="disable")
    assert_near(rest, whole)
    finished = advanced(noise_seed=4, steps=5, end_at_step=2)
    assert not torch.allclose(half.samples, finished.samples, atol=0.1)


def test_a_start_after_the_end_changes_nothing(advanced: Any) -> None:
    latent = Latent(initial_noise((1, 4, 4, 4), 3))
    assert torch.equal(advanced(latent_image=latent, start_at_step=3).samples, latent.samples)


@pytest.mark.parametrize("size", [(33, 32), (32, 12)])
def test_sizes_between_cells(sampled: Any, advanced: Any, size: tuple[int, int]) -> None:
    for sampler in (sampled, advanced):
        with pytest.raises(ValueError, match=r"is no multiple of 8, .*; nearest: "):
            sampler(latent_image=empty(1, *size))


def test_steps_and_pictures_are_shown(tiny: Checkpoint, context: Context) -> None:
    progress: list[tuple[int, int]] = []
    previews: list[Pillow.Image] = []
    watched = Context(
        "node",
        context.files,
        on_progress=lambda value, total: progress.append((value, total)),
        on_preview=previews.append,
    )
    ksampler(**options(tiny, watched))
    assert progress == [(1, 3), (2, 3), (3, 3)]
    assert [image.size for image in previews] == [(32, 32)] * 3
    blind = replace(tiny.denoiser, preview=None)
    ksampler(**options(tiny, watched, model=blind))
    assert len(previews) == 3


def test_cancelling_between_two_calls(tiny: Checkpoint, context: Context) -> None:
    token = CancelToken()
    progress: list[int] = []

    def stop_at_two(value: int, total: int) -> None:
        progress.append(value)
        if value == 2:
            token.cancel()

    stopped = Context("node", context.files, cancel=token, on_progress=stop_at_two)
    with pytest.raises(Cancelled):
        ksampler(**options(tiny, stopped, steps=10))
    assert progress == [1, 2]


def test_names_and_the_order_of_inputs() -> None:
    plain, advanced = node_type_of(ksampler), node_type_of(ksampler_advanced)
    assert (plain.name, advanced.name) == ("KSampler", "KSamplerAdvanced")
    assert [output.name for output in (*plain.outputs, *advanced.outputs)] == ["latent"] * 2
    middle = ["steps", "cfg", "sampler_name", "scheduler", "positive", "negative", "latent_image"]
    assert [spec.name for spec in plain.inputs] == ["model", "seed", *middle, "denoise"]
    assert [spec.name for spec in advanced.inputs] == [
        *["model", "add_noise", "noise_seed", *middle],
        *["start_at_step", "end_at_step", "return_with_leftover_noise"],
    ]
