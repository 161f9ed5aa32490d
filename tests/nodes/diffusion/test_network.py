"""Changes to a shared network come off without a trace, whoever used it last."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nodes.diffusion.network import Network


class Plus:
    """Adds a number to some weights."""

    def __init__(self, number: float, *targets: str) -> None:
        self.number, self.targets = number, targets

    def patched(self, name: str, weight: Tensor) -> Tensor:
        return weight + self.number


class Times:
    """Scales the output."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def attach(self, module: Any) -> Callable[[], None]:
        def scaled(_module: nn.Module, _given: Any, output: Tensor) -> Tensor:
            return output * self.factor

        return module.register_forward_hook(scaled).remove  # type: ignore[no-any-return]


class Fails:
    targets = ("weight",)

    def patched(self, name: str, weight: Tensor) -> Tensor:
        raise ValueError("no such rank")


def network(dtype: torch.dtype = torch.float32) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Network(nn.Linear(3, 3).to(dtype))


def answer(module: nn.Module) -> Tensor:
    with torch.no_grad():
        weight = next(module.parameters())
        return module(torch.ones(1, 3, dtype=weight.dtype))  # type: ignore[no-any-return]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_patches_come_off_to_the_bit(dtype: torch.dtype) -> None:
    shared = network(dtype)
    before = {name: value.clone() for name, value in shared.module.named_parameters()}
    places = {name: value.data_ptr() for name, value in shared.module.named_parameters()}
    shared.ready((Plus(0.1, "weight"), Plus(1e-3, "weight", "bias")))
    assert not torch.equal(shared.module.weight, before["weight"])
    shared.ready()
    for name, value in shared.module.named_parameters():
        assert torch.equal(value, before[name])
        assert value.data_ptr() == places[name]


def test_patches_add_up_in_full_precision() -> None:
    shared = network(torch.float16)
    before = shared.module.weight.detach().float()
    shared.ready((Plus(1e-4, "weight"),) * 64)
    assert torch.equal(shared.module.weight, (before + 64 * 1e-4).half())


def test_users_take_turns() -> None:
    shared = network()
    plain = answer(shared.ready())
    patch, hook = Plus(1.0, "bias"), Times(2.0)
    for _ in range(2):
        torch.testing.assert_close(answer(shared.ready((patch,))), plain + 1.0)
        torch.testing.assert_close(answer(shared.ready((), (hook,))), plain * 2.0)
        torch.testing.assert_close(answer(shared.ready((patch,), (hook,))), (plain + 1.0) * 2.0)
        assert torch.equal(answer(shared.ready()), plain)


def test_what_fails_leaves_no_trace() -> None:
    shared = network()
    plain = answer(shared.ready())
    with pytest.raises(ValueError, match="no such rank"):
        shared.ready((Plus(1.0, "weight", "bias"), Fails()))
    assert torch.equal(answer(shared.ready()), plain)
