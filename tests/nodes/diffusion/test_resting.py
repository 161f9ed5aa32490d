import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from nodegraph.engine.sizes import storages
from nodes.diffusion.errors import LoadError
from nodes.diffusion.mapped import MappedFile
from nodes.diffusion.network import Network
from nodes.diffusion.residence import coarsen
from nodes.diffusion.resting import check_files, rest, settle, weight_storages
from nodes.diffusion.weights import fill

CPU = torch.device("cpu")
GOOD = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.ones(2)}
INPUT = torch.eye(3)
ANSWER = GOOD["weight"].T + 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_file(GOOD, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def filled(path: Path, dtype: torch.dtype = torch.float64) -> nn.Linear:
    with torch.device("meta"):
        model = nn.Linear(3, 2)
    fill(model, path, expected="a UNet", device=CPU, dtype=dtype)
    return model


def said(model: nn.Linear) -> torch.Tensor:
    """What it says as part of a model."""
    answer: torch.Tensor = Network(model).ready()(INPUT.to(torch.float64)).float()
    return answer


def write_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-24, os.SEEK_END)
        file.write(bytes(24))
    os.utime(path, ns=(1, 1))


def test_weights_are_in_the_file_until_the_network_is_used(path: Path) -> None:
    model = filled(path)
    resting = model.weight.data_ptr()
    assert model.weight.dtype == torch.float32
    assert torch.equal(said(model), ANSWER)
    assert model.weight.dtype == torch.float64
    settled = model.weight.data_ptr()
    said(model)
    assert resting != settled == model.weight.data_ptr()


def test_weights_in_use_are_aligned_whatever_the_file_says(path: Path) -> None:
    model = filled(path, torch.float32)
    Network(model).ready()
    assert model.weight.data_ptr() % 64 == model.bias.data_ptr() % 64 == 0


def test_weights_are_settled_once(path: Path) -> None:
    model = filled(path)
    assert settle(model)
    assert not settle(model)
    assert not settle(nn.Linear(3, 2))


def test_a_file_that_was_written_over_before_the_network_is_used(path: Path) -> None:
    model = filled(path)
    write_over(path)
    with pytest.raises(LoadError, match=r"model\.safetensors was written over .* run again"):
        said(model)
    assert not torch.equal(said(filled(path)), ANSWER)


def test_a_file_that_was_cut_off_before_the_network_is_used(path: Path) -> None:
    model = filled(path)
    os.truncate(path, 10)
    with pytest.raises(LoadError, match="was written over"):
        said(model)


def test_a_file_that_was_written_over_after_the_network_was_used(path: Path) -> None:
    model = filled(path)
    said(model)
    write_over(path)
    check_files(model)
    assert torch.equal(said(model), ANSWER)


def test_a_file_that_was_removed(path: Path) -> None:
    model = filled(path)
    path.unlink()
    assert torch.equal(said(model), ANSWER)


def test_a_file_that_was_replaced(path: Path) -> None:
    model = filled(path)
    save_file({name: tensor + 1 for name, tensor in GOOD.items()}, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    assert torch.equal(said(model), ANSWER)


def test_a_device_elsewhere_gets_its_weights_from_the_file(path: Path) -> None:
    """What has the right format stays there, so that leaving the device costs nothing."""
    model, mapped = nn.Linear(3, 2).requires_grad_(False), MappedFile.of(path, 0)
    places = [model.weight.data_ptr(), model.bias.data_ptr()]
    model.bias.data = model.bias.data.double()
    rest(model, [mapped], torch.device("cuda"), torch.float32)
    assert settle(model)
    assert model.weight.data_ptr() == places[0]
    assert model.bias.dtype == torch.float32
    check_files(model)
    write_over(path)
    with pytest.raises(LoadError, match="was written over"):
        check_files(model)


def test_weights_that_were_exchanged_meanwhile_stay(path: Path) -> None:
    model = filled(path)
    coarsen(model, torch.float8_e5m2)
    settle(model)
    assert model.weight.dtype == torch.float8_e5m2
    assert model.bias.dtype == torch.float64


def test_settling_goes_on_where_an_error_ended_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when there is no memory left, and it is tried again after some was freed."""
    model, calls = filled(path), list[object]()
    real: Any = torch.Tensor.to

    def full(self: torch.Tensor, *args: object, **options: object) -> object:
        calls.append(self)
        if len(calls) == 2:
            raise torch.OutOfMemoryError
        return real(self, *args, **options)

    monkeypatch.setattr(torch.Tensor, "to", full)
    with pytest.raises(torch.OutOfMemoryError):
        settle(model)
    assert settle(model)
    assert len(calls) == 3
    monkeypatch.undo()
    assert torch.equal(said(model), ANSWER)


def test_whole_numbers_stay_whole() -> None:
    model = nn.Embedding(2, 3)
    model.register_buffer("places", torch.arange(2))
    rest(model, (), CPU, torch.float16)
    settle(model)
    assert model.weight.dtype == torch.float16
    assert model.get_buffer("places").dtype == torch.int64


def test_the_engine_is_told_the_size_in_use(path: Path) -> None:
    model = filled(path)
    network = Network(model)
    assert sum(storages(network).values()) == sum(weight_storages(model).values()) == 8 * 8
    network.ready()
    assert sum(storages(network).values()) == 8 * 8
    assert weight_storages(object()) == {}


def test_a_file_that_was_only_touched_is_the_same(path: Path) -> None:
    model = filled(path)
    os.utime(path, ns=(1, 1))
    assert torch.equal(said(model), ANSWER)


def test_coarse_weights_of_a_coarse_file_stay_coarse(tmp_path: Path) -> None:
    coarse = {"0.weight": GOOD["weight"].to(torch.float8_e4m3fn), "0.bias": GOOD["bias"]}
    save_file(coarse, tmp_path / "coarse.safetensors")
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(3, 2))
    fill(
        model,
        tmp_path / "coarse.safetensors",
        expected="a UNet",
        device=CPU,
        dtype=torch.float32,
    )
    coarsen(model, torch.float8_e4m3fn)
    network = Network(model, CPU, torch.float32)
    assert torch.equal(network.ready()(INPUT), ANSWER)
    assert model[0].weight.dtype == torch.float8_e4m3fn
