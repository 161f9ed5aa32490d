from collections.abc import Callable
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.blending import BlendMode, blend

UNIT = st.floats(0, 1, width=32)


def soft_light(base: float, layer: float) -> float:
    lifted = ((16 * base - 12) * base + 4) * base if base <= 0.25 else base**0.5
    if layer <= 0.5:
        return base - (1 - 2 * layer) * base * (1 - base)
    return base + (2 * layer - 1) * (lifted - base)


FORMULAS: dict[BlendMode, Callable[[float, float], float]] = {
    "normal": lambda base, layer: layer,
    "multiply": lambda base, layer: base * layer,
    "screen": lambda base, layer: base + layer - base * layer,
    "overlay": lambda base, layer: (
        2 * base * layer if base <= 0.5 else 1 - 2 * (1 - base) * (1 - layer)
    ),
    "soft_light": soft_light,
    "difference": lambda base, layer: max(base - layer, 0),
}


@pytest.mark.parametrize("mode", get_args(BlendMode))
@given(UNIT, UNIT)
def test_each_mode_is_its_formula_and_stays_in_range(
    mode: BlendMode, base: float, layer: float
) -> None:
    got = blend(mode, torch.tensor([base]), torch.tensor([layer])).item()
    assert got == pytest.approx(FORMULAS[mode](base, layer), abs=1e-5)
    assert -1e-6 <= got <= 1 + 1e-6


@pytest.mark.parametrize("mode", ["overlay", "soft_light"])
@given(UNIT)
def test_grey_leaves_the_base_as_it_is(mode: BlendMode, base: float) -> None:
    assert blend(mode, torch.tensor([base]), torch.tensor([0.5])).item() == pytest.approx(
        base, abs=1e-6
    )
