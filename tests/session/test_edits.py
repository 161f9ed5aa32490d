"""A session through any series of edits: what it remembers between runs is never wrong."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph import InvalidWorkflow, Registry, Session, Workflow
from nodegraph.graph.workflow import NodeEntry, OutputRef
from tests.engine.arithmetic import Log, arithmetic

NAMES = ["a", "b", "c", "d", "e"]
INPUTS: dict[str, Sequence[str]] = {
    "Number": ["value"],
    "Add": ["a", "b"],
    "Clamp": ["value", "high"],
    "Pick": ["yes", "no"],
}
Edit = Callable[[Workflow], None]


def inputs_of(draw: st.DrawFn, type: str, index: int) -> dict[str, Any]:
    """Literals and links to earlier nodes; now and then something that is wrong."""
    made: dict[str, Any] = {}
    for name in INPUTS[type]:
        if index and type != "Number" and draw(st.booleans()):
            made[name] = {"node": draw(st.sampled_from(NAMES[:index]))}
        else:
            made[name] = draw(st.sampled_from([0, 1, 2, 3, True, 1.0]))
    if type == "Pick":
        made["which"] = draw(st.booleans())
    return made


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Replace one node, the inputs of one node, one input, or the declared output."""
    index = draw(st.integers(0, len(NAMES) - 1))
    name = NAMES[index]
    type = draw(st.sampled_from(sorted(INPUTS)))
    inputs = inputs_of(draw, type, index)
    kind = draw(st.sampled_from(["node", "inputs", "value", "output", "in place"]))

    def edit(workflow: Workflow) -> None:
        entry = workflow.nodes[name]
        if kind == "node":
            workflow.nodes[name] = NodeEntry(type=type, inputs=inputs)
        elif kind == "inputs" and entry.type == type:
            entry.inputs = inputs
        elif kind == "value":
            workflow.nodes[name] = entry.model_copy(update={"inputs": {**entry.inputs, **inputs}})
        elif kind == "output":
            workflow.outputs["out"] = OutputRef(node=name)
        elif kind == "in place":
            known = {key: value for key, value in inputs.items() if key in entry.inputs}
            entry.inputs.update(known)

    return edit


def outcome(session: Session, workflow: Workflow) -> object:
    """The declared output's value, or every problem."""
    try:
        return session.run(workflow)["out"]
    except InvalidWorkflow as error:
        return sorted(str(problem) for problem in error.problems)


@settings(max_examples=60)
@given(st.lists(edits(), min_size=1, max_size=8), st.booleans())
def test_any_edits_give_what_a_new_session_gives(steps: list[Edit], small: bool) -> None:
    workflow = Workflow(outputs={"out": OutputRef(node="e")})
    for name in NAMES:
        workflow.nodes[name] = NodeEntry(type="Number", inputs={"value": 1})
    functions = arithmetic(Log())
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder), Registry(functions))
        session.cache.budget = -1 if small else 1 << 20
        for edit in steps:
            edit(workflow)
            fresh = Session(Path(folder), Registry(functions))

            found = outcome(session, workflow)

            assert found == outcome(fresh, workflow)
