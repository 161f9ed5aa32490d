"""The built-in node types, and files written for these tests."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from nodegraph import Registry, Session, Workflow
from nodegraph.formats.reading import from_json
from nodegraph.formats.report import Report
from nodes import NODES
from tests.nodes.tiny import make_tiny

DATA = Path(__file__).parents[1] / "data" / "comfy"

Read = Callable[[Any], tuple[Workflow, Report]]


def comfy(name: str) -> Any:
    """A file of `tests/data/comfy`, parsed."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Every built-in node type."""
    return Registry(NODES)


@pytest.fixture(scope="session")
def read(registry: Registry) -> Read:
    """Make a workflow and its report of parsed JSON."""
    return lambda raw: from_json(raw, registry)


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """All that is installed, and a model `tiny` of random weights."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("models")
    make_tiny(folder / "checkpoints" / "tiny")
    yield Session.open(tmp_path_factory.mktemp("data"), model_dirs=(folder,))
    torch.set_num_threads(threads)
