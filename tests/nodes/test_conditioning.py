import pytest
import torch

from nodegraph import node_type_of
from nodes.conditioning import (
    NODES,
    conditioning_average,
    conditioning_combine,
    conditioning_concat,
    conditioning_set_area,
    conditioning_set_area_percentage,
    conditioning_set_area_strength,
    conditioning_set_mask,
    conditioning_set_timestep_range,
    conditioning_zero_out,
)
from nodes.diffusion.conditioning import Area
from nodes.types import Mask
from tests.nodes.diffusion.prompt_values import prompt


def test_two_prompts() -> None:
    first, second = prompt(1.0), prompt(3.0)
    combined = conditioning_combine(first, second)
    assert combined.entries == (*first.entries, *second.entries)
    (average,) = conditioning_average(first, second, 0.5).entries
    assert average.embedding.tolist() == [[[2.0, 2.0]] * 3]
    (joined,) = conditioning_concat(first, second).entries
    assert joined.embedding[0, :, 0].tolist() == [1, 1, 1, 3, 3, 3]


def test_the_average_is_of_the_first_unless_told() -> None:
    (entry,) = conditioning_average(prompt(1.0), prompt(3.0)).entries
    assert entry.embedding.tolist() == [[[1.0, 1.0]] * 3]


def test_limits() -> None:
    (area,) = conditioning_set_area(prompt(1.0), 64, 32, 8, 16, 0.5).entries
    assert (area.area, area.strength) == (Area(y=16, x=8, height=32, width=64), 0.5)
    mask = Mask(torch.ones(1, 8, 8))
    (masked,) = conditioning_set_mask(prompt(1.0), mask, 0.7).entries
    assert masked.mask is mask.values
    assert (masked.mask_strength, masked.mask_bounds) == (0.7, False)
    (bounds,) = conditioning_set_mask(prompt(1.0), mask, 0.7, "mask bounds").entries
    assert bounds.mask_bounds
    (late,) = conditioning_set_timestep_range(prompt(1.0), 0.25, 0.75).entries
    assert (late.start, late.end) == (0.25, 0.75)
    with pytest.raises(ValueError, match="comes before"):
        conditioning_set_timestep_range(prompt(1.0), 0.75, 0.25)


def test_zeros() -> None:
    (entry,) = conditioning_zero_out(prompt(1.0)).entries
    assert entry.embedding.tolist() == [[[0.0, 0.0]] * 3]


def test_names_and_the_order_of_inputs() -> None:
    inputs = {node.name: [spec.name for spec in node.inputs] for node in map(node_type_of, NODES)}
    assert inputs == {
        "ConditioningCombine": ["conditioning_1", "conditioning_2"],
        "ConditioningAverage": [
            "conditioning_to",
            "conditioning_from",
            "conditioning_to_strength",
        ],
        "ConditioningConcat": ["conditioning_to", "conditioning_from"],
        "ConditioningSetArea": ["conditioning", "width", "height", "x", "y", "strength"],
        "ConditioningSetAreaPercentage": ["conditioning", "width", "height", "x", "y", "strength"],
        "ConditioningSetAreaStrength": ["conditioning", "strength"],
        "ConditioningSetMask": ["conditioning", "mask", "strength", "set_cond_area"],
        "ConditioningSetTimestepRange": ["conditioning", "start", "end"],
        "ConditioningZeroOut": ["conditioning"],
    }
    assert {node_type_of(node).outputs[0].name for node in NODES} == {"conditioning"}


def test_an_area_in_shares_is_that_in_pixels() -> None:
    (entry,) = conditioning_set_area_percentage(prompt(1.0), 0.5, 0.25, 0.125, 0.5, 0.7).entries
    assert entry.area == Area(0.5, 0.125, 0.25, 0.5, fraction=True)
    assert entry.strength == 0.7


def test_a_strength_changes_nothing_else() -> None:
    placed = conditioning_set_area(prompt(1.0), 64, 32, 8, 16, 0.5)
    (entry,) = conditioning_set_area_strength(placed, 2.0).entries
    assert (entry.strength, entry.area) == (2.0, placed.entries[0].area)
