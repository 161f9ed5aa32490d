import pytest
import torch

from nodes.diffusion.precision import resolve_device, resolve_dtype

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_devices() -> None:
    assert resolve_device("cpu") == CPU
    with pytest.raises(ValueError, match="unknown device 'gpu'; try cpu, cuda or mps"):
        resolve_device("gpu")
    with pytest.raises(ValueError, match=r"device 'cuda:99' is not available: \d+ CUDA devices"):
        resolve_device("cuda:99")


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has Apple's GPU")
def test_apples_gpu_elsewhere() -> None:
    with pytest.raises(ValueError, match="'mps' is not available here; use cpu"):
        resolve_device("mps")


def test_dtypes() -> None:
    assert resolve_dtype("auto", CPU) == torch.float32
    assert resolve_dtype("auto", CUDA) == torch.float16
    assert resolve_dtype("auto", CUDA, sensitive=True) == torch.float32
    assert resolve_dtype("bfloat16", CPU, sensitive=True) == torch.bfloat16
    with pytest.raises(ValueError, match="unknown dtype 'float61'; did you mean 'float16'"):
        resolve_dtype("float61", CPU)
