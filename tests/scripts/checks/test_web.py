"""The check of the editor's sources, on files made to break it."""

import json
from pathlib import Path

import pytest

from checks.sizes import FILE_LINES, over_budget
from checks.web import incomplete_lock, known_nodes, measure_web, node_names

NAMES = frozenset({"KSampler", "Switch", "Subgraph"})


@pytest.mark.parametrize("name", ["long.ts", "long.tsx", "long.css"])
def test_a_long_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / name).write_text("a {}\n" * (FILE_LINES + 1))

    assert over_budget(measure_web(tmp_path, ".")) == [
        f"deep/{name} has 401 lines, the budget is 400"
    ]


@pytest.mark.parametrize(
    "line", ['if (type === "KSampler") {', "const KSampler = 1", "case `Switch`:", "['Switch']"]
)
def test_a_node_that_is_known_by_name_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "code.ts").write_text(f"\n{line}\n")

    (found,) = known_nodes(tmp_path, ".", NAMES)

    assert found.startswith("code.ts:2 knows the node type ")


@pytest.mark.parametrize(
    "line", ["import { Switch } from 'ui'", 'type === "Subgraph"', "KSamplers", '"switch"']
)
def test_what_only_looks_like_one_is_not(tmp_path: Path, line: str) -> None:
    (tmp_path / "code.ts").write_text(line)

    assert known_nodes(tmp_path, ".", NAMES) == []


def test_a_part_for_another_system_that_is_not_locked_is_named(tmp_path: Path) -> None:
    parts = {"optionalDependencies": {"a-linux": "1.0.0", "a-windows": "1.0.0"}}
    packages = {"": {}, "node_modules/a": parts, "node_modules/a-linux": {"optional": True}}
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": packages}))

    assert incomplete_lock(lock) == [
        "package-lock.json: node_modules/a needs a-windows, which is not locked"
    ]


def test_the_names_are_those_that_are_installed() -> None:
    assert node_names() > NAMES
