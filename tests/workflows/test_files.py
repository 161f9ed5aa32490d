"""The example workflows as files: whole, valid, laid out, with inputs that exist."""

from itertools import combinations
from pathlib import Path

import pytest

from nodegraph import NodeType, Session, Workflow
from nodegraph.graph.plan import check
from nodegraph.graph.widgets import Multiline
from nodegraph.graph.workflow import is_link
from tests.workflows.examples import FILES, FOLDER

WIDTH, HEAD, ROW, TEXT, PICTURE = 280, 40, 24, 80, 160


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def workflow(file: Path) -> Workflow:
    return Workflow.load(file)


def test_there_is_one_for_each_task() -> None:
    assert {path.stem for path in FILES} == {
        "txt2img",
        "img2img",
        "inpaint",
        "outpaint",
        "hires-fix",
        "batch-of-seeds",
        "prompt-interpolation",
        "strong-guidance",
        "edit-by-inversion",
        "denoising-film",
        "forward-process",
    }


def test_nothing_is_wrong_with_it(workflow: Workflow, session: Session) -> None:
    names = session.files(beside=FOLDER)

    assert check(workflow, session.registry, names) == []


def test_reading_and_writing_changes_nothing(file: Path, workflow: Workflow) -> None:
    assert workflow.to_json() == file.read_text(encoding="utf-8")


def test_it_says_what_it_is(workflow: Workflow) -> None:
    assert workflow.name
    assert workflow.requires == {"nodegraph": ">=0.1"}


def test_every_declared_input_is_a_value_that_can_be_set(
    workflow: Workflow, session: Session
) -> None:
    declared = {
        name: workflow.nodes[ref.node].inputs[ref.input] for name, ref in workflow.inputs.items()
    }
    fields = [(ref.node, ref.input) for ref in workflow.inputs.values()]

    assert not [name for name, value in declared.items() if is_link(value)]
    assert len(set(fields)) == len(fields)
    changed = workflow.set_inputs(declared)
    assert changed.to_dict() == workflow.to_dict()


def test_everything_a_user_would_ask_for_is_declared(workflow: Workflow) -> None:
    given = {name for entry in workflow.nodes.values() for name in entry.inputs}
    asked = {"seed"} & given
    if "cfg" in given:
        asked |= {"negative", "steps", "cfg"}
        assert {"prompt", "prompt_from"} & set(workflow.inputs)
    assert asked <= set(workflow.inputs)
    assert [*workflow.outputs] == ["image"]
    assert workflow.nodes[workflow.outputs["image"].node].type in ("SaveImage", "SaveAnimation")


def test_every_seed_is_a_number_so_that_a_second_run_is_reused(workflow: Workflow) -> None:
    seeds = [
        entry.inputs[name]
        for entry in workflow.nodes.values()
        for name in ("seed", "noise_seed")
        if name in entry.inputs
    ]

    assert seeds
    assert all(isinstance(seed, int) for seed in seeds)


def test_every_node_has_its_place_and_links_go_to_the_right(workflow: Workflow) -> None:
    assert set(workflow.layout) == set(workflow.nodes)
    for name, entry in workflow.nodes.items():
        for value in entry.inputs.values():
            if is_link(value):
                assert _at(workflow, value["node"]) <= _at(workflow, name)


def test_no_node_lies_on_another(workflow: Workflow, session: Session) -> None:
    overlapping = []
    for first, second in combinations(workflow.nodes, 2):
        apart = abs(workflow.layout[first]["x"] - workflow.layout[second]["x"]) >= WIDTH
        upper, lower = sorted((first, second), key=lambda name: workflow.layout[name]["y"])
        end = workflow.layout[upper]["y"] + _height(session, workflow.nodes[upper].type)
        if not apart and workflow.layout[lower]["y"] < end:
            overlapping.append((upper, lower))

    assert overlapping == []


def _at(workflow: Workflow, node: str) -> tuple[int, int]:
    """Where a link begins or ends: further right, or further down in one column."""
    place = workflow.layout[node]
    return place["x"], place["y"]


def _height(session: Session, type_name: str) -> int:
    """About what an editor needs for a node, in pixels."""
    found = session.registry.get(type_name)
    assert isinstance(found, NodeType)
    texts = sum(any(isinstance(m, Multiline) for m in spec.check.marks) for spec in found.inputs)
    picture = PICTURE if type_name in ("LoadImage", "SaveImage") else 0
    return HEAD + ROW * (len(found.inputs) + len(found.outputs)) + TEXT * texts + picture
