from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from nodegraph import Context
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from tests.nodes.tiny import make_tiny


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """So small a network is slower on several threads, and rounds otherwise on each number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The epsilon model of `tests.nodes.tiny`; not to be written to."""
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_v_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weights as a v model; not to be written to."""
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny-v", "v_prediction")


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Checkpoint:
    return load_checkpoint(tiny_folder)


@pytest.fixture(scope="session")
def tiny_v(tiny_v_folder: Path) -> Checkpoint:
    return load_checkpoint(tiny_v_folder)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A context outside a run that writes to the test's own folder."""
    return Context.local(tmp_path, tmp_path)
