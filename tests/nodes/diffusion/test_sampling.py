from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.conditioning import Area, combine
from nodes.diffusion.errors import NotFiniteError, ShapeError
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import NoiseSource, initial_noise
from nodes.diffusion.samplers import SAMPLERS, StepInfo
from nodes.diffusion.sampling import check_size, ladder_part, sample
from nodes.diffusion.schedules import sigmas_for
from tests.nodes.diffusion.prompt_values import prompt, prompt_denoiser

SHAPE = (2, 4, 8, 8)


def run(
    checkpoint: Checkpoint, sampler: str = "euler", *, steps: int = 4, **changes: Any
) -> Tensor:
    denoiser, clip = checkpoint.denoiser, checkpoint.text_encoder
    options: dict[str, Any] = {
        "sampler": SAMPLERS[sampler],
        "sigmas": sigmas_for("karras", denoiser.schedule, steps),
        "step_noise": NoiseSource(5, None, SHAPE),
    }
    start = {"latent": torch.zeros(SHAPE), "noise": initial_noise(SHAPE, 5)}
    positive = changes.pop("positive", clip.encode("a cat"))
    guider = PromptGuider.cfg(denoiser, positive, clip.encode(""), 3.0)
    return sample(guider, **start | options | changes)


def half_mask() -> Tensor:
    mask = torch.zeros(1, 8, 8)
    mask[:, :, 4:] = 1.0
    return mask


@pytest.mark.parametrize("sampler", ["euler", "euler_ancestral", "dpmpp_2m_sde", "euler_cfg_pp"])
def test_one_seed_is_one_picture(tiny: Checkpoint, sampler: str) -> None:
    assert torch.equal(run(tiny, sampler), run(tiny, sampler))
    other = run(tiny, sampler, noise=initial_noise(SHAPE, 6))
    assert not torch.allclose(run(tiny, sampler), other, atol=0.1)


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "dpmpp_2m_sde"])
def test_a_part_of_a_batch_is_what_it_is_in_the_batch(tiny: Checkpoint, sampler: str) -> None:
    both = run(tiny, sampler)
    second = run(
        tiny,
        sampler,
        latent=torch.zeros(1, 4, 8, 8),
        noise=initial_noise((1, 4, 8, 8), 5, [1]),
        step_noise=NoiseSource(5, [1], (1, 4, 8, 8)),
    )
    torch.testing.assert_close(second, both[1:], atol=1e-4, rtol=1e-4)


def test_one_call_or_two_end_alike(tiny: Checkpoint) -> None:
    torch.testing.assert_close(run(tiny), run(tiny, batched=False), atol=1e-4, rtol=1e-4)


def test_a_perfect_denoiser_gives_its_picture() -> None:
    denoiser, _ = prompt_denoiser()
    both = combine(prompt(2.0), prompt(6.0, area=Area(0, 0, 64, 64)))
    result = sample(
        PromptGuider.cfg(denoiser, both, prompt(1.0), 2.0),
        torch.zeros(SHAPE),
        initial_noise(SHAPE, 1),
        sampler=SAMPLERS["dpmpp_2m"],
        sigmas=sigmas_for("normal", denoiser.schedule, 5),
        step_noise=NoiseSource(1, None, SHAPE),
    )
    torch.testing.assert_close(result, torch.full(SHAPE, 1.0 + 2.0 * (4.0 - 1.0)))


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpmpp_sde", "uni_pc", "euler_cfg_pp"])
def test_what_is_not_masked_stays_exactly(tiny: Checkpoint, sampler: str) -> None:
    latent = initial_noise(SHAPE, 9)
    result = run(tiny, sampler, latent=latent, mask=half_mask())
    assert torch.equal(result[..., :4], latent[..., :4])
    assert not torch.allclose(result[..., 4:], latent[..., 4:], atol=0.1)


def test_a_soft_mask_mixes() -> None:
    denoiser, _ = prompt_denoiser()
    latent = torch.full(SHAPE, 2.0)
    result = sample(
        PromptGuider.cfg(denoiser, prompt(6.0), prompt(6.0), 1.0),
        latent,
        initial_noise(SHAPE, 1),
        sampler=SAMPLERS["euler"],
        sigmas=sigmas_for("normal", denoiser.schedule, 3),
        step_noise=NoiseSource(1, None, SHAPE),
        mask=torch.full((1, 8, 8), 0.25),
    )
    torch.testing.assert_close(result, torch.full(SHAPE, 3.0))


def test_each_picture_may_have_its_own_mask(tiny: Checkpoint) -> None:
    latent = initial_noise(SHAPE, 9)
    masks = torch.cat([half_mask(), 1 - half_mask()])
    result = run(tiny, latent=latent, mask=masks)
    assert torch.equal(result[0, ..., :4], latent[0, ..., :4])
    assert torch.equal(result[1, ..., 4:], latent[1, ..., 4:])
    one = run(
        tiny,
        latent=latent[1:],
        noise=initial_noise(SHAPE, 5)[1:],
        mask=masks[1:],
        step_noise=NoiseSource(5, [1], (1, 4, 8, 8)),
    )
    torch.testing.assert_close(one, result[1:], atol=1e-4, rtol=1e-4)


def test_two_parts_with_leftover_noise_are_the_whole(tiny: Checkpoint) -> None:
    ladder = sigmas_for("karras", tiny.denoiser.schedule, 6)
    first, second = (
        ladder_part(ladder, start, end, leftover=leftover)
        for start, end, leftover in ((0, 3, True), (3, 10000, False))
    )
    half_way = run(tiny, sigmas=first)
    rest = run(tiny, sigmas=second, latent=half_way, noise=torch.zeros(SHAPE))
    torch.testing.assert_close(rest, run(tiny, steps=6), atol=1e-4, rtol=1e-4)


def test_parts_of_a_ladder() -> None:
    ladder = torch.tensor([8.0, 4.0, 2.0, 0.0])

    def part(start: int, end: int, *, leftover: bool = False) -> list[float] | None:
        levels = ladder_part(ladder, start, end, leftover=leftover)
        return None if levels is None else levels.tolist()

    assert part(0, 10000) == [8, 4, 2, 0]
    assert part(0, 2) == [8, 4, 0]
    assert part(0, 2, leftover=True) == [8, 4, 2]
    assert part(1, 3, leftover=True) == [4, 2, 0]
    assert part(2, 10000) == [2, 0]
    assert part(3, 10000) is None
    assert part(2, 1) is None
    assert part(0, 0) is None
    assert ladder.tolist() == [8, 4, 2, 0]


def test_steps_are_told_and_calls_can_be_stopped(tiny: Checkpoint) -> None:
    steps: list[StepInfo] = []
    calls: list[int] = []
    run(tiny, callback=steps.append, tick=lambda: calls.append(1))
    assert [(step.index, step.total) for step in steps] == [(i, 4) for i in range(4)]
    assert len(calls) == 4
    assert steps[0].denoised.shape == SHAPE


def test_nothing_given_is_written_to(tiny: Checkpoint) -> None:
    latent, noise, mask = initial_noise(SHAPE, 9), initial_noise(SHAPE, 5), half_mask()
    copies = [tensor.clone() for tensor in (latent, noise, mask)]
    run(tiny, latent=latent, noise=noise, mask=mask)
    assert all(torch.equal(*pair) for pair in zip((latent, noise, mask), copies, strict=True))


def test_results_carry_no_gradients(tiny: Checkpoint) -> None:
    assert not run(tiny).requires_grad


def test_parts_that_do_not_fit(tiny: Checkpoint) -> None:
    with pytest.raises(ShapeError, match="latent has 16 channels and this model takes 4"):
        run(tiny, latent=torch.zeros(1, 16, 8, 8))
    with pytest.raises(ShapeError, match="noise mask holds 3 masks for a batch of 2"):
        run(tiny, mask=torch.zeros(3, 8, 8))
    with pytest.raises(ShapeError, match="2 wide and this model reads 16"):
        run(tiny, positive=prompt(1.0))


def test_a_result_that_is_not_finite(tiny: Checkpoint) -> None:
    with pytest.raises(NotFiniteError, match=r"NaN or infinity in torch\.float32; try"):
        run(tiny, latent=torch.full(SHAPE, float("nan")))


@pytest.mark.parametrize(
    ("height", "width", "message"),
    [
        (60, 64, "height 60 is no multiple of 8, .* nearest: 56 or 64"),
        (64, 65, "width 65 is no multiple of 8, .* nearest: 64 or 72"),
        (4, 64, "height 4 is no multiple of 8, .* nearest: 8$"),
    ],
)
def test_sizes_between_cells(height: int, width: int, message: str) -> None:
    check_size(64, 8, 8)
    with pytest.raises(ShapeError, match=message):
        check_size(height, width, 8)
