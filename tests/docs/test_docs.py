"""What the documentation shows is run."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodegraph import Session, Workflow
from nodegraph.graph.plan import check
from nodegraph.plugins.loader import GROUP

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> Iterator[tuple[int, str]]:
    """The blocks of a language, each with the number of lines above it."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found[1] == language:
            yield text.count("\n", 0, found.start(2)), found[2]


def pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if any(blocks(page, language))]


@pytest.mark.parametrize("page", pages_with("python"), ids=lambda page: page.name)
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "workflows").symlink_to(ROOT / "workflows")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": page.stem}

    for lines_above, block in blocks(page, "python"):
        # Empty lines, so that a failure names the line of the page.
        exec(compile("\n" * lines_above + block, str(page), "exec"), names)


@pytest.mark.parametrize("page", pages_with("json"), ids=lambda page: page.name)
def test_workflows_are_valid(page: Path, tmp_path: Path) -> None:
    session = Session.open(tmp_path)
    found = [json.loads(block) for _, block in blocks(page, "json")]
    workflows = [Workflow.from_dict(one) for one in found if "nodegraph" in one]

    assert workflows
    for workflow in workflows:
        assert check(workflow, session.registry, session.files()) == []


@pytest.mark.parametrize("page", pages_with("toml"), ids=lambda page: page.name)
def test_packs_are_declared_where_they_are_looked_for(page: Path) -> None:
    for _, block in blocks(page, "toml"):
        assert [*tomllib.loads(block)["project"]["entry-points"]] == [GROUP]


def test_links_between_pages_lead_somewhere() -> None:
    missing = [
        (page.name, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert missing == []
