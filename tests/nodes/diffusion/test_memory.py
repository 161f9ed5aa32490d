"""What is on the device: within the budget, never at the price of what is computed."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from nodes.diffusion.memory import BUDGET, DeviceMemory, memory_of
from nodes.diffusion.network import Network
from nodes.diffusion.residence import COARSE, Residence, coarsen

CPU = torch.device("cpu")


class Plus:
    """Adds a number to some weights."""

    def __init__(self, number: float, *targets: str) -> None:
        self.number, self.targets = number, targets

    def patched(self, name: str, weight: Tensor) -> Tensor:
        return weight + self.number


def layers(seed: int, width: int, depth: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(*(nn.Linear(width, width) for _ in range(depth))).requires_grad_(False)


class Watched:
    """A network that fails where a layer computes with what is not on the device."""

    def __init__(self, memory: DeviceMemory, module: nn.Module) -> None:
        self.module, self.memory = module, memory
        home = {parameter.data_ptr() for parameter in module.parameters()}
        self.network = Network(module, CPU, memory=memory)

        def look(layer: nn.Module, _given: Any, _said: Any) -> None:
            for parameter in layer.parameters(recurse=False):
                assert parameter.data_ptr() not in home, "computed with weights at home"

        for layer in module:  # type: ignore[attr-defined]
            # Before the weights go again: hooks run in the order they were put on.
            layer.register_forward_hook(look, prepend=True)

    def __call__(self, *patches: Plus) -> Tensor:
        module = self.network.ready(patches)
        width = module[0].in_features
        said: Tensor = module(torch.linspace(-1, 1, width)[None])
        return said


def answer(module: nn.Module, number: float = 0.0) -> Tensor:
    """The same, computed by nothing of ours."""
    with torch.no_grad():
        x = torch.linspace(-1, 1, module[0].in_features)[None]  # type: ignore[index]
        for place, layer in enumerate(module.children()):
            assert isinstance(layer, nn.Linear)
            weight = layer.weight + number if place == 0 else layer.weight
            x = nn.functional.linear(x, weight, layer.bias)
    return x


networks = st.lists(st.tuples(st.integers(2, 12), st.integers(1, 4)), min_size=1, max_size=4)
uses = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.5])), max_size=12)


@settings(max_examples=60)
@given(shapes=networks, uses=uses, budget=st.integers(0, 4000))
def test_results_are_the_same_to_the_bit_within_any_budget(
    shapes: list[tuple[int, int]], uses: list[tuple[int, float]], budget: int
) -> None:
    memory = DeviceMemory(CPU, budget)
    modules = [layers(seed, *shape) for seed, shape in enumerate(shapes)]
    expected = {(k, n): answer(module, n) for k, module in enumerate(modules) for n in (0.0, 0.5)}
    watched = [Watched(memory, module) for module in modules]
    for turn, number in uses:
        index = turn % len(watched)
        patches = (Plus(number, "0.weight"),) if number else ()
        assert torch.equal(watched[index](*patches), expected[index, number])
        least = max(budget, watched[index].network._residence.largest)
        assert memory.held <= least
        assert watched[index].network.placed


def test_who_was_used_longest_ago_leaves_first() -> None:
    size = Network(layers(0, 8, 1), CPU, memory=DeviceMemory(CPU, 0)).size
    memory = DeviceMemory(CPU, 2 * size)
    first, second, third = (Network(layers(k, 8, 1), CPU, memory=memory) for k in range(3))
    for network in (first, second, first, third):
        network.ready()
    assert [one.placed for one in (first, second, third)] == [True, False, True]
    assert memory.held == 2 * size
    assert memory.free() == 0


def test_what_is_gone_takes_no_room() -> None:
    memory = DeviceMemory(CPU, 10_000)
    network = Network(layers(0, 8, 1), CPU, memory=memory)
    network.ready()
    assert memory.held == network.size
    del network
    assert memory.held == 0


def test_a_network_that_grew_into_its_room_is_whole_again() -> None:
    large, small = layers(0, 8, 3), layers(1, 8, 3)
    size = Network(large, CPU, memory=DeviceMemory(CPU, 0)).size
    memory = DeviceMemory(CPU, size)
    network = Network(large, CPU, memory=memory)
    network.place(size // 2)
    assert not network.whole
    network.ready()
    assert network.whole
    Network(small, CPU, memory=memory).ready()
    assert not network.placed


@pytest.fixture(params=COARSE, ids=str)
def coarse(request: pytest.FixtureRequest) -> torch.dtype:
    dtype: torch.dtype = request.param
    return dtype


@pytest.mark.parametrize("budget", [None, 0, 300, 10**6])
def test_coarse_weights_are_made_finer_for_their_layer(
    coarse: torch.dtype, budget: int | None
) -> None:
    module = layers(3, 8, 3)
    coarsen(module, coarse)
    fine = layers(3, 8, 3)
    for layer in fine:  # type: ignore[attr-defined]
        layer.weight.data = layer.weight.to(coarse).float()
    network = Network(module, CPU, torch.float32, memory=DeviceMemory(CPU, budget))
    x = torch.linspace(-1, 1, 8)[None]
    assert torch.equal(network.ready()(x), fine(x))
    assert torch.equal(network.ready((Plus(1e-3, "0.weight"),))(x), answer(fine, 1e-3))
    assert torch.equal(network.ready()(x), fine(x))
    assert all(layer.weight.dtype == coarse for layer in module)  # type: ignore[attr-defined]
    assert network.size < Network(fine, CPU).size / 2


def test_an_error_in_a_layer_leaves_its_weights_at_rest() -> None:
    module = layers(0, 8, 2)
    network = Network(module, CPU, memory=DeviceMemory(CPU, 0))
    places = [parameter.data_ptr() for parameter in module.parameters()]
    with pytest.raises(RuntimeError):
        network.ready()(torch.zeros(1, 7))
    assert [parameter.data_ptr() for parameter in module.parameters()] == places


def test_without_a_budget_nothing_is_copied_on_the_cpu() -> None:
    module = layers(0, 8, 2)
    places = [parameter.data_ptr() for parameter in module.parameters()]
    network = Network(module, CPU, memory=DeviceMemory(CPU))
    network.ready()
    assert [parameter.data_ptr() for parameter in module.parameters()] == places
    assert network.memory.held == 0


@pytest.mark.parametrize(
    ("text", "size"),
    [("", None), ("0", 0), ("4096", 4096), ("1.5 kB", 1500), ("2MiB", 2 << 20), ("8g", 8 * 10**9)],
)
def test_the_budget_is_written_as_sizes_are(
    monkeypatch: pytest.MonkeyPatch, text: str, size: int | None
) -> None:
    monkeypatch.setenv(BUDGET, text)
    monkeypatch.setattr("nodes.diffusion.memory._memories", {})
    assert memory_of(CPU).budget == size


def test_what_is_no_size_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BUDGET, "half of it")
    monkeypatch.setattr("nodes.diffusion.memory._memories", {})
    with pytest.raises(ValueError, match="takes a number of bytes such as 8GB, got 'half of it'"):
        memory_of(CPU)


def test_a_network_that_finds_no_room_on_the_way_is_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = layers(0, 8, 3)
    places = [parameter.data_ptr() for parameter in module.parameters()]
    network = Network(module, CPU, memory=DeviceMemory(CPU, 10_000))
    arrived = Residence._arrived
    calls: list[int] = []

    def short(self: Residence, tensor: Tensor) -> Tensor:
        calls.append(1)
        if len(calls) == 4:
            raise torch.OutOfMemoryError("out of memory")
        return arrived(self, tensor)

    monkeypatch.setattr(Residence, "_arrived", short)
    with pytest.raises(torch.OutOfMemoryError):
        network.ready()
    assert not network.placed
    assert [parameter.data_ptr() for parameter in module.parameters()] == places
    x = torch.linspace(-1, 1, 8)[None]
    assert torch.equal(network.ready()(x), answer(module))


def test_room_for_a_computation_is_made_by_those_used_longest_ago() -> None:
    size = Network(layers(0, 8, 1), CPU, memory=DeviceMemory(CPU, 0)).size
    memory = DeviceMemory(CPU, 3 * size)
    first, second, third = (Network(layers(k, 8, 1), CPU, memory=memory) for k in range(3))
    for network in (first, second, third):
        network.ready()
    memory.make_room(size, but=third)
    assert [one.placed for one in (first, second, third)] == [False, True, True]
    memory.make_room(100 * size, but=third)
    assert [one.placed for one in (first, second, third)] == [False, False, True]
