from typing import Any

import pytest
import torch

from nodes.diffusion.conditioning import Area
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.prompt_turns import Turn
from nodes.diffusion.regions import Box, Region, fit_mask, mirrored, place
from tests.nodes.diffusion.prompt_values import prompt, prompt_denoiser


def region(height: int = 32, width: int = 32, batch: int = 1, **limits: Any) -> Region:
    denoiser, _ = prompt_denoiser()
    (placed,) = place(prompt(1.0, **limits), denoiser, batch, height, width)
    return placed


def test_without_limits_a_prompt_counts_everywhere_and_always() -> None:
    placed = region(strength=2.0)
    assert placed.box == Box(0, 0, 32, 32)
    assert placed.weight.unique().tolist() == [2.0]  # type: ignore[no-untyped-call]
    assert placed.active(1e9)
    assert placed.active(0.0)


def test_an_area_in_pixels_and_as_fractions() -> None:
    expected = Box(top=8, left=4, height=16, width=24)
    assert region(area=Area(64, 32, 128, 192)).box == expected
    assert region(area=Area(0.25, 0.125, 0.5, 0.75, fraction=True)).box == expected


def test_areas_are_cut_at_the_edge_and_never_vanish() -> None:
    assert region(area=Area(192, 192, 512, 512)).box == Box(24, 24, 8, 8)
    assert region(area=Area(8, 8, 4, 4)).box == Box(1, 1, 1, 1)


@pytest.mark.parametrize(
    ("area", "size"),
    [
        (Area(0, 256, 8, 8), "256 x 256 pixels"),
        (Area(1.0, 0.0, 0.5, 0.5, fraction=True), "1 x 1"),
    ],
)
def test_areas_outside_the_picture(area: Area, size: str) -> None:
    with pytest.raises(ShapeError, match=f"outside the picture of {size}"):
        region(area=area)


def test_an_areas_edges_are_soft_except_at_the_pictures() -> None:
    weight = region(area=Area(64, 0, 128, 256), strength=2.0).weight[0, 0]
    ramp = [0.25, 0.5, 0.75, 1.0]
    assert (weight[:, 5] / 2).tolist() == [*ramp, *[1.0] * 8, *reversed(ramp)]
    assert weight[8].unique().tolist() == [2.0]  # type: ignore[no-untyped-call]


def test_soft_edges_are_at_most_eight_cells() -> None:
    weight = region(64, 64, area=Area(0, 128, 512, 384)).weight[0, 0, 0]
    assert weight[:9].tolist() == [i / 8 for i in range(1, 9)] + [1.0]
    assert weight[9:].unique().tolist() == [1.0]  # type: ignore[no-untyped-call]


def test_a_mask_is_the_weight() -> None:
    mask = torch.zeros(1, 32, 32)
    mask[:, 4:12, 20:24] = 0.5
    placed = region(mask=mask, mask_strength=3.0, strength=2.0)
    assert placed.box == Box(0, 0, 32, 32)
    torch.testing.assert_close(placed.weight, 6.0 * mask[None])


def test_a_mask_within_an_area_is_cut_to_it() -> None:
    mask = torch.rand(1, 32, 32, generator=torch.Generator().manual_seed(0))
    placed = region(mask=mask, area=Area(64, 32, 128, 192))
    assert torch.equal(placed.weight, mask[None, :, 8:24, 4:28])


def test_the_bounds_of_a_mask_are_its_box() -> None:
    mask = torch.zeros(1, 32, 32)
    mask[:, 4:16, 20:22] = 1.0
    assert region(mask=mask, mask_bounds=True).box == Box(4, 20, 12, 8)
    assert region(mask=torch.zeros(1, 32, 32), mask_bounds=True).box == Box(0, 0, 8, 8)


def test_masks_of_any_resolution_are_stretched() -> None:
    mask = torch.zeros(1, 256, 128)
    mask[:, :128] = 1.0
    fitted = fit_mask(mask, "the mask", 3, 4, 2)
    assert fitted[:, 0].tolist() == [[[1, 1], [1, 1], [0, 0], [0, 0]]]


def test_batches_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match="the noise mask holds 2 masks for a batch of 3"):
        fit_mask(torch.zeros(2, 8, 8), "the noise mask", 3, 8, 8)
    with pytest.raises(ShapeError, match="conditioning's mask holds 2 masks for a batch of 3"):
        region(mask=torch.zeros(2, 8, 8), batch=3)
    denoiser, _ = prompt_denoiser()
    entry = prompt(1.0).entries[0]
    two = prompt(1.0).map(lambda _: type(entry)(entry.embedding.expand(2, -1, -1)))
    with pytest.raises(ShapeError, match="holds 2 prompts for a batch of 3 latents"):
        place(two, denoiser, 3, 8, 8)
    assert len(place(two, denoiser, 2, 8, 8)) == 1


def test_a_range_of_the_schedule_is_a_range_of_levels() -> None:
    schedule = prompt_denoiser()[0].schedule
    placed = region(start=0.25, end=0.5)
    quarter, half = (float(schedule.sigma(torch.tensor(999 * (1 - f)))) for f in (0.25, 0.5))
    assert placed.active(quarter)
    assert placed.active(half)
    assert not placed.active(quarter * 1.01)
    assert not placed.active(half * 0.99)


def test_mirroring_gives_the_other_side_the_same_boxes() -> None:
    whole, part = region(), region(area=Area(64, 64, 64, 64), strength=0.3)
    other_embedding = region().told.embedding
    twins = mirrored([whole], [part, region()])
    assert [twin.box for twin in twins] == [whole.box, part.box]
    assert twins[1].told.embedding is whole.told.embedding
    assert twins[1].told.embedding is not other_embedding
    assert torch.equal(twins[1].weight, part.weight)


def test_mirroring_takes_the_smallest_region_that_holds_the_box() -> None:
    whole, half = region(), region(area=Area(0, 0, 128, 256))
    part, beside = region(area=Area(0, 0, 64, 64)), region(area=Area(128, 0, 64, 64))
    assert mirrored([whole, half], [part])[-1].told.embedding is half.told.embedding
    assert mirrored([whole, half], [beside])[-1].told.embedding is whole.told.embedding
    assert mirrored([half], [beside]) == (half,)
    assert mirrored([part], [part]) == (part,)


LADDER = (8.0, 4.0, 2.0, 1.0, 0.0)


def steps_of(turn: Turn, ladder: tuple[float, ...], *levels: float) -> list[bool]:
    denoiser, _ = prompt_denoiser()
    (placed,) = place(prompt(1.0, turn=turn), denoiser, 1, 8, 8, ladder=ladder)
    return [placed.active(level) for level in levels]


def test_a_turn_counts_from_the_level_at_which_its_step_begins() -> None:
    half = Turn(share=0.5)
    assert (
        steps_of(half, LADDER, 8.0, 5.0, 4.0, 3.0, 2.0, 1.5, 1.0, 0.1) == [False] * 4 + [True] * 4
    )
    odd = Turn(period=2, phase=1)
    assert steps_of(odd, LADDER, 8.0, 4.0, 2.0, 1.0) == [False, True, False, True]


def test_levels_in_single_precision_belong_to_their_step() -> None:
    ladder = tuple(torch.linspace(14.6, 0, 21).tolist())
    for step, level in enumerate(ladder[:-1]):
        assert steps_of(Turn(step=step, step_end=step + 1), ladder, float(torch.tensor(level))) == [
            True
        ]


def test_on_the_way_to_the_noise_the_steps_are_those_of_the_way_back() -> None:
    for turn in (Turn(step_end=1), Turn(share=0.5), Turn(period=2, phase=1)):
        levels = LADDER[:-1]
        assert steps_of(turn, LADDER[::-1], *levels) == steps_of(turn, LADDER, *levels)


def test_a_prompt_that_changes_is_mirrored_in_all_its_parts() -> None:
    denoiser, _ = prompt_denoiser()

    def placed(value: float, **limits: Any) -> tuple[Region, ...]:
        return place(prompt(value, **limits), denoiser, 1, 32, 32, ladder=LADDER)

    changing = (*placed(1.0, turn=Turn(share_end=0.5)), *placed(2.0, turn=Turn(share=0.5)))
    area = placed(3.0, area=Area(0, 0, 64, 64))
    found = [region for region in mirrored(changing, area) if region.box == area[0].box]
    for level, value in ((8.0, 1.0), (1.0, 2.0)):
        [told] = [region.told.embedding for region in found if region.active(level)]
        assert told.unique().tolist() == [value]  # type: ignore[no-untyped-call]
