"""The rules that keep the house in order, checked on the code as it is."""

import re
import tomllib
from pathlib import Path

import pytest

import nodegraph
from checks.imports import HEAVY, violations
from checks.loads import loaded_by
from checks.sizes import measure, over_budget

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("folder", ["nodegraph", "nodes", "scripts", "tests"])
def test_files_and_functions_keep_to_the_size_budget(folder: str) -> None:
    sizes = measure(ROOT, folder)

    assert sizes.files
    assert over_budget(sizes) == []


def test_imports_keep_to_their_directions() -> None:
    assert violations(ROOT) == []


def test_import_nodegraph_loads_nothing_heavy() -> None:
    assert loaded_by("nodegraph", HEAVY) == []


def test_every_public_name_exists() -> None:
    missing = [name for name in nodegraph.__all__ if not hasattr(nodegraph, name)]

    assert missing == []


def test_the_version_is_said_alike_in_both_places() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert nodegraph.__version__ == project["version"]


def test_every_requirement_has_its_pin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["test"], *extras["dev"]]
    pinned = re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)

    assert {re.split(r"[<>=\[]", one)[0] for one in needed} <= set(pinned)
