"""`--device`, against the torch that is here."""

import pytest
import torch

from nodegraph.cli.devices import (
    check_attention_name,
    check_device_name,
    choose_device,
    describe_device,
)
from nodegraph.cli.failures import UsageError


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:0", "cuda:12", "mps"])
def test_names_of_devices_pass(name: str) -> None:
    check_device_name(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:-1", "cpu:0", "CUDA"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--device takes auto, cpu, cuda, cuda:N or mps"):
        check_device_name(name)


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        choose_device("cuda:99")

    assert f"--device cuda:99: torch {torch.__version__} finds only: cpu" in str(caught.value)


def test_auto_takes_the_fastest_there_is() -> None:
    chosen = choose_device("auto")

    has_cuda, has_mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    assert chosen == ("cuda:0" if has_cuda else "mps" if has_mps else "cpu")
    assert describe_device(chosen).startswith(chosen)


def test_the_processor_is_always_there() -> None:
    assert choose_device("cpu") == describe_device("cpu") == "cpu"


def test_a_way_of_attention_that_is_none_is_refused_with_the_nearest() -> None:
    assert check_attention_name("sliced") == "sliced"
    with pytest.raises(UsageError, match="--attention takes auto, sdpa, sliced, got 'slized'"):
        check_attention_name("slized")
