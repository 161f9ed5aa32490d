from collections.abc import Iterator

import pytest
import torch

from nodegraph import Session


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """So small a network is slower on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Everything that is installed, and one cache: the built-in model is loaded once."""
    return Session.open(tmp_path_factory.mktemp("data"))
