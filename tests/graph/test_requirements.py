"""What a workflow requires: each package that is not here, with the command that installs it."""

from typing import Any

import pytest

import nodegraph
from nodegraph import InvalidWorkflow, Registry, Workflow
from nodegraph.errors import MissingPart
from nodegraph.graph.plan import check, plan
from nodegraph.graph.replan import replan
from tests.graph.shapes import BASICS, use

HERE = nodegraph.__version__


class NoNames:
    """No models, no files."""

    def models(self, kind: str) -> list[str]:
        return []

    def has_input(self, name: str) -> bool:
        return False


def registry() -> Registry:
    made = Registry(BASICS)
    made.pack_versions |= {"other_nodes": "1.5", "odd_nodes": "unknown", "bare_nodes": ""}
    return made


def needing(**requires: Any) -> Workflow:
    nodes = {"n": use("Number")}
    outputs = {"n": {"node": "n"}}
    return Workflow.from_dict(
        {"nodegraph": 1, "nodes": nodes, "outputs": outputs, "requires": requires}
    )


@pytest.mark.parametrize(
    "requires",
    [
        {},
        {"nodegraph": ">=0.1"},
        {"nodegraph": f"=={HERE}"},
        {"NodeGraph": "*"},
        {"nodegraph": ""},
        {"nodegraph": None},
        {"other_nodes": ">=1,<2"},
        {"other-nodes": "~=1.5"},
        {"odd_nodes": ">=3"},
        {"bare_nodes": ">=3"},
        {"pydantic": ">=2"},
    ],
)
def test_what_is_here_is_no_problem(requires: dict[str, Any]) -> None:
    plan(needing(**requires), registry())


@pytest.mark.parametrize(
    ("requires", "message"),
    [
        (
            {"no-such-nodes": ">=2,<3"},
            "workflow, 'requires.no-such-nodes': the package 'no-such-nodes<3,>=2' is not "
            "installed; install it with: pip install 'no-such-nodes<3,>=2'",
        ),
        (
            {"no-such-nodes": "*"},
            "workflow, 'requires.no-such-nodes': the package 'no-such-nodes' is not "
            "installed; install it with: pip install 'no-such-nodes'",
        ),
        (
            {"nodegraph": ">=99"},
            f"workflow, 'requires.nodegraph': 'nodegraph>=99' is needed, nodegraph {HERE} is "
            "installed; change it with: pip install --upgrade 'nodegraph>=99'",
        ),
        (
            {"other_nodes": "<1"},
            "workflow, 'requires.other_nodes': 'other_nodes<1' is needed, other_nodes 1.5 is "
            "installed; change it with: pip install --upgrade 'other_nodes<1'",
        ),
    ],
)
def test_what_is_missing_says_how_to_get_it(requires: dict[str, Any], message: str) -> None:
    with pytest.raises(MissingPart) as caught:
        plan(needing(**requires), registry())

    assert [str(problem) for problem in caught.value.problems] == [message]
    assert check(needing(**requires), registry()) == [*caught.value.problems]


@pytest.mark.parametrize(
    ("requires", "message"),
    [
        ({"nodegraph": "new"}, "expected a version specifier such as '>=0.1', got 'new'"),
        ({"nodegraph": 3}, "expected a version specifier such as '>=0.1', got 3"),
        ({"nodegraph": [">=1"]}, "expected a version specifier such as '>=0.1', got ['>=1']"),
        ({"a b; rm": ">=1"}, "'a b; rm' is no name of a package"),
        ({"": ">=1"}, "'' is no name of a package"),
        ({"-r": ">=1"}, "'-r' is no name of a package"),
    ],
)
def test_what_nobody_can_read(requires: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        plan(needing(**requires), registry())

    assert not isinstance(caught.value, MissingPart)
    assert [problem.message for problem in caught.value.problems] == [message]


def test_a_requirement_that_comes_later_is_seen() -> None:
    first = plan(needing(), registry(), names=NoNames())

    assert replan(first, needing(nodegraph=">=0.1"), registry(), NoNames()) is not None
    assert replan(first, needing(nodegraph=">=99"), registry(), NoNames()) is None
