"""A session whose node types note what they did."""

from pathlib import Path

import pytest

from nodegraph import Registry, Session
from tests.engine.arithmetic import Log, arithmetic
from tests.session.kit import ask, embedded, inside, paint, read, refuse, sample, tell, write


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def session(tmp_path: Path, log: Log) -> Session:
    own = [sample, write, tell, paint, read, embedded, ask, inside, refuse]
    return Session(tmp_path / "data", Registry([*own, *arithmetic(log)]))
