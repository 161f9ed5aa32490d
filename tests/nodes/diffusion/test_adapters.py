"""What is added to a weight, against PEFT's own layers and the papers' formulas."""

import importlib
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nodes.diffusion.adapters import Change, Full, adapter_of

peft: Any = importlib.import_module("peft")  # typed in part

ALPHA, RANK = 6.0, 2


def layer(config: str, kind: str, **options: Any) -> tuple[Any, dict[str, Tensor]]:
    """A layer of PEFT with random numbers in every part, and these by their names."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        inner = nn.Conv2d(48, 64, 3) if kind == "convolution" else nn.Linear(48, 64)
        settings = getattr(peft, config)(r=RANK, alpha=ALPHA, target_modules=["0"], **options)
        made = peft.inject_adapter_in_model(settings, nn.Sequential(inner))[0]
        parts = {}
        for name, value in made.named_parameters():
            if not name.startswith("base_layer"):
                value.data = torch.randn_like(value)
                parts[name.removesuffix(".default")] = value.detach()
    return made, parts | {"alpha": torch.tensor(ALPHA)}


@pytest.mark.parametrize("kind", ["linear", "convolution"])
@pytest.mark.parametrize(
    ("config", "options"),
    [
        ("LoHaConfig", {}),
        ("LoHaConfig", {"use_effective_conv2d": True}),
        ("LoKrConfig", {"decompose_factor": 2}),
        ("LoKrConfig", {"decompose_factor": 8, "decompose_both": True}),
        ("LoKrConfig", {"decompose_factor": 2, "use_effective_conv2d": True}),
    ],
)
def test_as_peft_computes_it(kind: str, config: str, options: dict[str, Any]) -> None:
    made, parts = layer(config, kind, **options)
    with torch.no_grad():
        expected = made.get_delta_weight("default")
        weight = made.get_base_layer().weight
        got = Change(adapter_of(parts)).applied(weight, 0.5)
        torch.testing.assert_close(got, weight + 0.5 * expected, atol=1e-4, rtol=1e-5)


def test_a_kronecker_product_of_whole_factors_is_not_scaled() -> None:
    one, two = torch.randn(2, 3), torch.randn(4, 2)
    parts = {"lokr_w1": one, "lokr_w2": two, "alpha": torch.tensor(0.1)}
    torch.testing.assert_close(adapter_of(parts).matrix(), torch.kron(one, two))


def test_a_core_between_the_factors() -> None:
    down, mid, up = torch.randn(2, 6, 1, 1), torch.randn(2, 2, 3, 3), torch.randn(8, 2, 1, 1)
    parts = {"lora_down": down, "lora_mid": mid, "lora_up": up, "alpha": torch.tensor(1.0)}
    chain = nn.Sequential(nn.Conv2d(6, 2, 1), nn.Conv2d(2, 2, 3), nn.Conv2d(2, 8, 1))
    for step, weight in zip(chain, (down, mid, up), strict=True):
        assert isinstance(step, nn.Conv2d)
        assert step.bias is not None
        step.weight.data, step.bias.data = weight, torch.zeros_like(step.bias)
    seen = torch.randn(1, 6, 5, 5)
    with torch.no_grad():
        whole = adapter_of(parts).matrix().reshape(8, 6, 3, 3)
        torch.testing.assert_close(
            nn.functional.conv2d(seen, whole), chain(seen) / 2, atol=1e-4, rtol=1e-4
        )


def test_full_differences_of_weights_and_biases() -> None:
    for shape in ((4, 3), (4, 3, 1, 1), (4,)):
        weight, diff = torch.randn(shape), torch.randn(shape)
        got = Change(Full(diff)).applied(weight, 0.25)
        torch.testing.assert_close(got, weight + 0.25 * diff)


@pytest.mark.parametrize("shape", [(8, 6), (8, 6, 3, 3)])
@pytest.mark.parametrize("rows", [True, False])
def test_dora_gives_rows_or_columns_their_norms(shape: tuple[int, ...], rows: bool) -> None:
    weight, diff = torch.randn(shape), torch.randn(shape)
    ones = (1,) * (len(shape) - 1)
    magnitude = torch.rand((shape[0], *ones) if rows else (1, shape[1], *ones[1:])) + 0.5
    change = Change(Full(diff), magnitude)
    whole = change.applied(weight, 1.0)
    norms = (whole if rows else whole.transpose(0, 1)).flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, magnitude.flatten())
    sums = weight + diff
    cosine = nn.functional.cosine_similarity(whole, sums, dim=1 if rows else 0)
    torch.testing.assert_close(cosine, torch.ones_like(cosine))
    half = change.applied(weight, 0.5)
    torch.testing.assert_close(half, (weight + whole) / 2)
    assert torch.equal(change.applied(weight, 0.0), weight)
