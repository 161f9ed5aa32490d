from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.mapped import MappedFile
from nodes.diffusion.stored import open_tensors

GOOD = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.ones(2)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_file(GOOD, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def test_tensors_are_views_of_the_file(path: Path) -> None:
    tensors = open_tensors(path)
    assert tensors["weight"].read().data_ptr() == tensors["weight"].read().data_ptr()
    assert torch.equal(tensors["weight"].read(), GOOD["weight"])


def test_what_is_written_to_a_tensor_does_not_reach_the_file(path: Path) -> None:
    before = path.read_bytes()
    open_tensors(path)["weight"].read().zero_()
    assert path.read_bytes() == before


@pytest.mark.parametrize("padding", range(1, 9))
def test_files_laid_out_at_odd_places(tmp_path: Path, padding: int) -> None:
    raw = save(GOOD)
    length = int.from_bytes(raw[:8], "little")
    header = raw[8 : 8 + length].rstrip() + b" " * padding
    path = tmp_path / "odd.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + raw[8 + length :])
    found = {name: tensor.read() for name, tensor in open_tensors(path).items()}
    assert all(torch.equal(found[name], tensor) for name, tensor in GOOD.items())


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(0, 3),
        torch.tensor(2.5, dtype=torch.bfloat16),
        torch.tensor([1.0, -2.0]).to(torch.float8_e4m3fn),
        torch.tensor([True, False]),
    ],
    ids=["empty", "one number", "fp8", "truth"],
)
def test_tensors_of_every_form(tmp_path: Path, tensor: Tensor) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"a": tensor}, path)
    found = open_tensors(path)["a"].read()
    assert (found.dtype, found.shape) == (tensor.dtype, tensor.shape)
    assert found.tolist() == tensor.tolist()


def test_a_file_that_is_shorter_than_its_header_said(path: Path) -> None:
    with pytest.raises(LoadError, match=r"model\.safetensors was cut off while it was read"):
        MappedFile.of(path, path.stat().st_size + 1)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"a\.safetensors cannot be read"):
        MappedFile.of(tmp_path / "a.safetensors", 0)
