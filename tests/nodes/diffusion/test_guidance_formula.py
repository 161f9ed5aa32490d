"""Formulas of guidance, against their definitions and diffusers' own combination."""

import importlib
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.guidance_formula import (
    ClassifierFree,
    Dual,
    DualStyle,
    Formula,
    PerpNeg,
    classifier_free,
    perpendicular,
)
from tests.nodes.diffusion.prompt_values import random_latents

guiders: Any = importlib.import_module("diffusers.guiders")


def combined(formula: Formula, *sides: Tensor) -> Tensor:
    """From the needed predictions alone."""
    return formula({place: sides[place] for place in formula.needed})


def number(formula: Formula, *values: float) -> float:
    return float(combined(formula, *(torch.full((1, 1), value) for value in values)))


def test_classifier_free() -> None:
    assert number(ClassifierFree(7.5), 3.0, 1.0) == 16.0
    assert number(ClassifierFree(0.0), 3.0, 1.0) == 1.0
    assert ClassifierFree(1.0).needed == (0,)
    assert number(ClassifierFree(1.0), 3.0) == 3.0


def test_classifier_free_as_in_diffusers() -> None:
    cond, uncond = random_latents(1), random_latents(2)
    expected = guiders.ClassifierFreeGuidance(guidance_scale=7.5).forward(cond, uncond).pred
    torch.testing.assert_close(combined(ClassifierFree(7.5), cond, uncond), expected)


def test_dual_adds_two_directions() -> None:
    """Equation 3 of InstructPix2Pix: e(0) + s_I (e(I) - e(0)) + s_T (e(I, T) - e(I))."""
    both, image, nothing = (random_latents(seed) for seed in range(3))
    expected = nothing + 1.5 * (image - nothing) + 7.5 * (both - image)
    found = combined(Dual(7.5, 1.5), both, image, nothing)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_nested_strengthens_what_the_inner_gave() -> None:
    first, second, unwanted = (random_latents(seed) for seed in range(3))
    inner = second + 2.0 * (first - second)
    expected = unwanted + 3.0 * (inner - unwanted)
    found = combined(Dual(2.0, 3.0, "nested"), first, second, unwanted)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("formula", "needed"),
    [
        (Dual(1.0, 1.0), (0,)),
        (Dual(1.0, 1.0, "nested"), (0,)),
        (Dual(2.0, 1.0), (0, 1)),
        (Dual(2.0, 1.0, "nested"), (0, 1)),
        (Dual(1.0, 2.0), (0, 1, 2)),
        (Dual(1.0, 2.0, "nested"), (0, 2)),
        (Dual(3.0, 2.0), (0, 1, 2)),
    ],
)
def test_what_cancels_is_not_asked_for(formula: Dual, needed: tuple[int, ...]) -> None:
    assert formula.needed == needed
    sides = [random_latents(seed) for seed in range(3)]
    first, second, unwanted = sides
    inner, outer = formula.inner, formula.outer
    if formula.style == "nested":
        whole = unwanted + outer * (second + inner * (first - second) - unwanted)
    else:
        whole = unwanted + outer * (second - unwanted) + inner * (first - second)
    torch.testing.assert_close(combined(formula, *sides), whole, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("style", "scale"), [("regular", 3.0), ("nested", 6.0)])
def test_the_scale_is_the_weight_of_what_is_wanted(style: DualStyle, scale: float) -> None:
    formula = Dual(3.0, 2.0, style)
    assert formula.scale == scale
    assert number(formula, 1.0, 0.0, 0.0) == scale
    assert number(formula, 5.0, 5.0, 5.0) == 5.0


def test_perp_neg_by_hand() -> None:
    """In the plane: wanted along x, unwanted up and to the right; only "up" is taken away."""
    empty = torch.tensor([[1.0, 1.0]])
    wanted, unwanted = empty + torch.tensor([[2.0, 0.0]]), empty + torch.tensor([[1.0, 3.0]])
    found = combined(PerpNeg(4.0, 0.5), wanted, unwanted, empty)
    assert found.tolist() == [[1.0 + 4 * 2.0, 1.0 - 4 * 0.5 * 3.0]]


def test_what_both_prompts_share_is_not_taken_away() -> None:
    wanted, empty = random_latents(1), random_latents(2)
    same = PerpNeg(7.0, 1.0)
    torch.testing.assert_close(
        combined(same, wanted, wanted, empty),
        classifier_free(wanted, empty, 7.0),
        atol=1e-4,
        rtol=1e-4,
    )


def test_perpendicular_is_at_right_angles_in_each_picture() -> None:
    along, difference = random_latents(1), random_latents(2)
    found = perpendicular(difference, along)
    assert (found * along).sum(dim=(1, 2, 3)).abs().max() < 1e-3
    alone = perpendicular(difference[1:], along[1:])
    torch.testing.assert_close(found[1:], alone)
    nothing = torch.zeros_like(along)
    assert torch.equal(perpendicular(difference, nothing), difference)


@pytest.mark.parametrize(("scale", "needed"), [(7.0, (0, 2)), (1.0, (0,))])
def test_without_weight_the_negative_is_not_asked_for(
    scale: float, needed: tuple[int, ...]
) -> None:
    formula = PerpNeg(scale, 0.0)
    assert formula.needed == needed
    wanted, unwanted, empty = (random_latents(seed) for seed in range(3))
    expected = classifier_free(wanted, empty, scale)
    found = combined(formula, wanted, unwanted, empty)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    assert PerpNeg(1.0, 0.5).needed == (0, 1, 2)
