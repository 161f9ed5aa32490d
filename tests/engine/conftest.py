"""A lab with arithmetic nodes for every test that asks for one."""

from pathlib import Path

import pytest

from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab


@pytest.fixture
def log() -> Log:
    """The calls of the lab's nodes."""
    return Log()


@pytest.fixture
def lab(tmp_path: Path, log: Log) -> Lab:
    """A lab with the arithmetic nodes."""
    return Lab(tmp_path, arithmetic(log))
